import { Button } from "antd";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { FundsQueryService, type Remittance } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { remittancesSheet } from "../tables/sheets/funds";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { Chips, chosenIn } from "./chips";
import { RemittanceButtons, RemittanceDialog, useRemittanceKinds, type RemittanceAct } from "./remittance-actions";
import { RemittanceTable } from "./remittance-table";
import { FUNDS, namesOf, REMITTANCES } from "./words";

interface Props {
  /** Of one dealer only. */
  dealerId?: string;
  seen: bigint;
  onDone: (position: bigint) => void;
}

const NAMES = namesOf(REMITTANCES);

export function Remittances({ dealerId = "", seen, onDone }: Props) {
  const { t } = useI18n();
  const funds = useClient(FundsQueryService);
  const [params] = useSearchParams();
  const [, change] = useUrlParams();
  const [act, setAct] = useState<RemittanceAct>();
  const kinds = useRemittanceKinds();
  const status = chosenIn(params, "status", NAMES);
  const ask = (page: PageWanted, signal: AbortSignal) =>
    funds.listRemittances(
      { page, search: params.get("q") ?? "", dealerId, statuses: status ? [REMITTANCES[status]] : [], minPosition: seen },
      { signal },
    );
  const query = useQuery(
    `remittances/${dealerId}?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: `${useTick(FUNDS)}/${seen}`, keep: true },
  );
  const done = (position: bigint) => {
    setAct(undefined);
    onDone(position);
  };
  const buttons = (remittance: Remittance) => <RemittanceButtons kinds={kinds} remittance={remittance} onAct={setAct} />;
  const clear = <Button onClick={() => change({ q: "", status: "", page: "", token: "" })}>{t("filter.clear")}</Button>;
  return (
    <>
      <div className="filters">
        <SearchBox label={t(dealerId ? "remit.search.own" : "remit.search")} />
        <Chips label={t("order.status")} param="status" names={NAMES} textOf={(name) => `remit.status.${name}`} />
        <ExportMenu name={t("funds.tab.remittances")} sheet={remittancesSheet} ask={ask} rowsOf={(part) => part.remittances} />
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.remittances.length === 0}
          empty={
            params.get("q") || status ? (
              <Empty title={t("remit.noneFound")} todo={t("orders.noneFound.todo")} action={clear} />
            ) : (
              <Empty title={t("remit.none")} todo={t("remit.none.todo")} />
            )
          }
        >
          {(data) => (
            <>
              <RemittanceTable
                remittances={data.remittances}
                ofOne={dealerId !== ""}
                actions={kinds.length > 0 && data.remittances.some(isOpen) ? buttons : undefined}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection={FUNDS} />
                <Pager page={data.page} rows={data.remittances.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
      {act && (
        <RemittanceDialog
          kind={act.kind}
          remittance={current(act.remittance, query.data?.remittances)}
          onClose={() => setAct(undefined)}
          onDone={done}
          onStale={query.refetch}
        />
      )}
    </>
  );
}

/** As it is by now: somebody else may have changed it while the dialog was open. */
function current(remittance: Remittance, all: Remittance[] = []): Remittance {
  return all.find(({ remittanceId }) => remittanceId === remittance.remittanceId) ?? remittance;
}

function isOpen({ status }: Remittance): boolean {
  return status === REMITTANCES.reported;
}
