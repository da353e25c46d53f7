import { useClient } from "../api/clients";
import { useAction } from "../api/use-action";
import { useQuery } from "../api/use-query";
import { OperationsService, type ReconcileStreamResponse, type StreamStatus } from "../gen/qudao/operations/v1/operations_service_pb";
import { useI18n } from "../i18n/i18n";
import { useOperator } from "../session/operator";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { QueryView } from "../ui/states";

interface Props {
  stream: StreamStatus;
  onClose: () => void;
  onDone: (words: string) => void;
}

// Every message of the stream is compared; that takes longer than a question.
const SLOW = { timeoutMs: 300_000 };

/** Looks first, says what would be done, and does it when the person agrees. */
export function ReconcileDialog({ stream: { name }, onClose, onDone }: Props) {
  const { t } = useI18n();
  const operations = useClient(OperationsService);
  const { headers } = useOperator();
  const action = useAction();
  const look = useQuery(`reconcile/${name}`, (signal) =>
    operations.reconcileStream({ name, dryRun: true }, { ...SLOW, headers, signal }),
  );
  const needed = Boolean(look.data?.found?.problem);
  const carryOut = async () => {
    const done = await operations.reconcileStream({ name }, { ...SLOW, headers });
    onDone(wordsFor(done));
  };
  const wordsFor = ({ deleted, putAside }: ReconcileStreamResponse) => {
    if (!deleted) return t("reconcile.nothing");
    return putAside ? t("reconcile.done.aside", { name: putAside }) : t("reconcile.done");
  };
  return (
    <AskFirst
      title={t("reconcile.title", { name })}
      okText={t("reconcile.ok")}
      danger
      disabled={!needed}
      state={action}
      onClose={onClose}
      onOk={() => void action.run(carryOut)}
    >
      <QueryView query={look} skeleton={<p role="status">{t("reconcile.check")}</p>}>
        {(found) => <Found name={name} found={found} />}
      </QueryView>
    </AskFirst>
  );
}

function Found({ name, found }: { name: string; found: ReconcileStreamResponse }) {
  const { locale, t } = useI18n();
  const format = useFormat();
  if (!found.found?.problem) return <p>{t("reconcile.nothing")}</p>;
  return (
    <>
      <p>{locale === "zh-CN" ? found.found.problemZh : found.found.problemEn}</p>
      {found.foreignEvents > 0n && (
        <p>{t("reconcile.foreign", { from: format.count(found.foreignFrom), n: format.count(found.foreignEvents) })}</p>
      )}
      <p>{t("reconcile.consequence", { name, n: format.count(found.found.logPosition) })}</p>
    </>
  );
}
