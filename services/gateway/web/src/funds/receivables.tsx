import { Link, useSearchParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { FundsQueryService, type Receivable } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { receivablesSheet } from "../tables/sheets/funds";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { Empty, QueryView } from "../ui/states";
import { FUNDS } from "./words";

/** What a dealer owes, the oldest first. */
export function Receivables({ dealerId, seen }: { dealerId: string; seen: bigint }) {
  const { t } = useI18n();
  const funds = useClient(FundsQueryService);
  const [params] = useSearchParams();
  const ask = (page: PageWanted, signal: AbortSignal) => funds.listReceivables({ page, dealerId, minPosition: seen }, { signal });
  const query = useQuery(
    `receivables/${dealerId}?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: `${useTick(FUNDS)}/${seen}`, keep: true },
  );
  return (
    <Panel className="panel-flush">
      <QueryView
        query={query}
        isEmpty={(data) => data.receivables.length === 0}
        empty={<Empty title={t("funds.receivables.none")} todo={t("funds.receivables.none.todo")} />}
      >
        {(data) => (
          <>
            <Table receivables={data.receivables} dealerId={dealerId} />
            <footer className="list-foot">
              <FreshnessMark freshness={data.freshness} projection={FUNDS} />
              <ExportMenu
                name={`${t("funds.tab.receivables")} ${dealerId}`}
                sheet={receivablesSheet}
                ask={ask}
                rowsOf={(part) => part.receivables}
              />
              <Pager page={data.page} rows={data.receivables.length} />
            </footer>
          </>
        )}
      </QueryView>
    </Panel>
  );
}

function Table({ receivables, dealerId }: { receivables: Receivable[]; dealerId: string }) {
  const { t } = useI18n();
  const format = useFormat();
  // Orders of others are among them where they draw on this credit.
  const whose = (one: Receivable) => (one.dealerId === dealerId ? "" : one.dealerName);
  const dealer: Column<Receivable>[] = receivables.some(whose) ? [{ key: "dealer", title: t("order.dealer"), cell: whose }] : [];
  const money = (one: Receivable, minor: bigint) => format.money(minor, one.currencyCode);
  return (
    <DataTable
      label={t("funds.tab.receivables")}
      rows={receivables}
      rowKey={(one) => `${one.orderId}/${one.dueOn}`}
      columns={[
        { key: "order", title: t("order.number"), cell: (one) => <OrderLink id={one.orderId} /> },
        ...dealer,
        { key: "due", title: t("funds.dueOn"), cell: (one) => <Due receivable={one} /> },
        { key: "amount", title: t("funds.receivable"), number: true, cell: (one) => money(one, one.amountMinor) },
        { key: "open", title: t("funds.unpaid"), number: true, cell: (one) => <strong>{money(one, one.openMinor)}</strong> },
      ]}
      card={(one) => (
        <>
          <span className="card-line">
            <OrderLink id={one.orderId} />
            <strong className="num">{money(one, one.openMinor)}</strong>
          </span>
          <span className="card-line soft">
            <Due receivable={one} />
            <span>{whose(one) || (one.openMinor !== one.amountMinor && `${t("funds.receivable")} ${money(one, one.amountMinor)}`)}</span>
          </span>
        </>
      )}
    />
  );
}

function OrderLink({ id }: { id: string }) {
  return (
    <Link className="mono" to={`/orders/${encodeURIComponent(id)}`}>
      {id}
    </Link>
  );
}

function Due({ receivable: { dueOn, overdueDays } }: { receivable: Receivable }) {
  const { t } = useI18n();
  return (
    <span>
      {dueOn} {overdueDays > 0 && <span className="tag tag-cancelled">{t("funds.overdue.days", { n: overdueDays })}</span>}
    </span>
  );
}
