import { Button } from "antd";
import { useSearchParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { FundsQueryService } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { entriesSheet } from "../tables/sheets/funds";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { Chips, chosenIn } from "./chips";
import { DateRange } from "./date-range";
import { EntryTable } from "./entry-table";
import { ACCOUNTS, FUNDS, namesOf } from "./words";

const NAMES = namesOf(ACCOUNTS);

/** What changed credit and money of a dealer, the newest first. */
export function Entries({ dealerId, seen }: { dealerId: string; seen: bigint }) {
  const { t } = useI18n();
  const funds = useClient(FundsQueryService);
  const [params] = useSearchParams();
  const [, change] = useUrlParams();
  const account = chosenIn(params, "account", NAMES);
  const fromDate = params.get("from") ?? "";
  const toDate = params.get("to") ?? "";
  const ask = (page: PageWanted, signal: AbortSignal) =>
    funds.listFundsEntries(
      { page, dealerId, accounts: account ? [ACCOUNTS[account]] : [], fromDate, toDate, minPosition: seen },
      { signal },
    );
  const query = useQuery(
    `entries/${dealerId}?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: `${useTick(FUNDS)}/${seen}`, keep: true },
  );
  const filtered = account !== undefined || fromDate !== "" || toDate !== "";
  const clear = (
    <Button onClick={() => change({ account: "", from: "", to: "", page: "", token: "" })}>{t("filter.clear")}</Button>
  );
  return (
    <>
      <div className="filters">
        <Chips label={t("funds.account")} param="account" names={NAMES} textOf={(name) => `funds.account.${name}`} />
        <DateRange label={t("funds.entries.days")} />
        <ExportMenu name={`${t("funds.tab.entries")} ${dealerId}`} sheet={entriesSheet} ask={ask} rowsOf={(part) => part.entries} />
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.entries.length === 0}
          empty={
            filtered ? (
              <Empty title={t("funds.entries.noneFound")} todo={t("orders.noneFound.todo")} action={clear} />
            ) : (
              <Empty title={t("funds.entries.none")} todo={t("funds.entries.none.todo")} />
            )
          }
        >
          {(data) => (
            <>
              <EntryTable entries={data.entries} dealerId={dealerId} />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection={FUNDS} />
                <Pager page={data.page} rows={data.entries.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
    </>
  );
}
