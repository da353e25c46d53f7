import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OperationsService, type ParkedFact } from "../gen/qudao/operations/v1/operations_service_pb";
import { useI18n } from "../i18n/i18n";
import { useLive } from "../live/live";
import { useOperator } from "../session/operator";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { keyOf } from "./facts";
import { ParkedDetail } from "./parked-detail";
import { ParkedList } from "./parked-list";
import { useRetry } from "./use-retry";

const MOST = 1_000;

/** Facts that could not be applied, and those that wait behind them. */
export function ParkedFacts() {
  const { t } = useI18n();
  const { may } = useOperator();
  return (
    <Panel className="panel-flush" title={t("parked.title")}>
      {may(OperationsService.method.listParkedFacts) ? <Facts /> : <Restricted />}
    </Panel>
  );
}

/** The facts are of every company; how many there are is no secret. */
function Restricted() {
  const { t } = useI18n();
  const format = useFormat();
  const { projections } = useLive();
  const count = (of: "parked" | "held") => projections.reduce((total, row) => total + row[of], 0n);
  const [parked, held] = [count("parked"), count("held")];
  if (parked + held === 0n) return <Empty title={t("parked.none")} todo={t("parked.none.todo")} />;
  return (
    <Empty
      title={t("parked.restricted", { n: format.count(parked), held: format.count(held) })}
      todo={t("operator.none")}
    />
  );
}

function Facts() {
  const { t } = useI18n();
  const operations = useClient(OperationsService);
  const { projections } = useLive();
  const { headers } = useOperator();
  const [params, change] = useUrlParams();
  const [said, setSaid] = useState("");
  const tick = projections.map(({ parked, retrying, held }) => `${parked}/${retrying}/${held}`).join();
  const query = useQuery("parked", (signal) => operations.listParkedFacts({ limit: MOST }, { headers, signal }), { tick });
  const key = params.get("fact") ?? "";
  const open = (fact: ParkedFact | undefined) => {
    setSaid("");
    change({ fact: fact ? keyOf(fact) : "" });
  };
  const done = (fact: ParkedFact, words: string) => {
    // Meanwhile another one may have been opened.
    if (new URLSearchParams(window.location.search).get("fact") === keyOf(fact)) change({ fact: "" }, { replace: true });
    setSaid(words);
    query.refetch();
  };
  const retry = useRetry(done, query.refetch);
  return (
    <>
      <p role="status" className="row-note panel-note">{said && `✓ ${said}`}</p>
      <QueryView
        query={query}
        isEmpty={(data) => data.facts.length === 0}
        empty={<Empty title={t("parked.none")} todo={t("parked.none.todo")} />}
      >
        {(data) => (
          <div className={key ? "beside beside-open" : "beside"}>
            <ParkedList facts={data.facts} chosen={key} onOpen={open} />
            {key && (
              <ParkedDetail key={key} fact={key} all={data.facts} onClose={() => open(undefined)} retry={retry} onDone={done} />
            )}
          </div>
        )}
      </QueryView>
    </>
  );
}
