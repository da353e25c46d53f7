import { Button } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useAction } from "../api/use-action";
import { OperationsService, ParkedState, type ParkedFact } from "../gen/qudao/operations/v1/operations_service_pb";
import { useI18n } from "../i18n/i18n";
import { modelName } from "../i18n/names";
import { useOperator } from "../session/operator";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { ReasonField } from "../ui/reason-field";
import { Failure } from "../ui/states";
import { keyOf } from "./facts";
import type { Retry } from "./use-retry";

interface Props {
  fact: ParkedFact;
  /** How many facts wait behind it. */
  waiting: number;
  retry: Retry;
  /** It is no longer parked. */
  onDone: (fact: ParkedFact, words: string) => void;
}

/** One more try, or leaving the fact out for good. What waits behind another has no own say. */
export function ParkedActions({ fact, waiting, retry, onDone }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const { may } = useOperator();
  const [skipping, setSkipping] = useState(false);
  const mine = retry.tried.key === keyOf(fact);
  if (fact.state === ParkedState.HELD) return null;
  return (
    <div className="row-actions">
      {may(OperationsService.method.retryParkedFact) && (
        <Button type="primary" loading={retry.busy} onClick={() => void retry.start(fact)}>
          {t("parked.retry")}
        </Button>
      )}
      {may(OperationsService.method.skipParkedFact) && (
        <Button danger onClick={() => setSkipping(true)}>
          {t("parked.skip")}
        </Button>
      )}
      <p role="status" className="tried">{mine && retry.tried.words}</p>
      {mine && retry.error !== undefined && <Failure error={retry.error} />}
      {skipping && (
        <SkipDialog
          fact={fact}
          waiting={waiting}
          onClose={() => setSkipping(false)}
          onDone={() => onDone(fact, t("parked.skipped", { n: format.count(fact.position) }))}
        />
      )}
    </div>
  );
}

function SkipDialog({ fact, waiting, onClose, onDone }: { fact: ParkedFact; waiting: number; onClose: () => void; onDone: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const operations = useClient(OperationsService);
  const { headers } = useOperator();
  const [text, setText] = useState("");
  const action = useAction();
  const { projection, position } = fact;
  const reason = text.trim();
  const n = format.count(position);
  const skip = async () => {
    await operations.skipParkedFact({ projection, position, reason }, { headers });
    onDone();
  };
  return (
    <AskFirst
      title={t("parked.skip.title", { n })}
      okText={t("parked.skip")}
      danger
      disabled={reason === ""}
      state={action}
      onClose={onClose}
      onOk={() => void action.run(skip)}
    >
      <p>
        {t("parked.skip.consequence", {
          n,
          model: modelName(projection, t),
          object: fact.object,
          held: format.count(waiting),
        })}
      </p>
      <ReasonField label={t("parked.skip.reason")} value={text} onChange={setText} />
    </AskFirst>
  );
}
