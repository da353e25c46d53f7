import { Button, Select } from "antd";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { namesOf } from "../funds/words";
import { PaymentQueryService } from "../gen/qudao/order/v1/payment_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { isDealer, useMay, useUser } from "../session/session";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { paymentsSheet } from "../tables/sheets/funds";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { PaymentTable } from "./payment-table";
import { statusesOf, ATTENTION } from "./rules";
import { PAYMENTS, STATUSES } from "./words";

/** Payments through providers; people of a dealer are shown those of their own company. */
export default function PaymentsPage() {
  const { t } = useI18n();
  const may = useMay();
  return (
    <Page title={t("nav.payments")}>
      {may(PaymentQueryService.method.listPayments) ? (
        <Payments />
      ) : (
        <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
      )}
    </Page>
  );
}

const FIRST_PAGE = { page: "", token: "" };

function Payments() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const payments = useClient(PaymentQueryService);
  const [params, change] = useUrlParams();
  const ask = (page: PageWanted, signal: AbortSignal) =>
    payments.listPayments({ page, search: params.get("q") ?? "", statuses: statusesOf(params) }, { signal });
  const query = useQuery(
    `payments?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: useTick(PAYMENTS), keep: true },
  );
  const clear = <Button onClick={() => change({ q: "", status: "", ...FIRST_PAGE })}>{t("filter.clear")}</Button>;
  return (
    <>
      <Filters>
        <ExportMenu name={t("nav.payments")} sheet={paymentsSheet} ask={ask} rowsOf={(part) => part.payments} />
      </Filters>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.payments.length === 0}
          empty={
            params.get("q") || params.get("status") ? (
              <Empty title={t("online.noneFound")} todo={t("orders.noneFound.todo")} action={clear} />
            ) : (
              <Empty title={t("online.none")} todo={t("online.none.todo")} />
            )
          }
        >
          {(data) => (
            <>
              <PaymentTable
                payments={data.payments}
                onOpen={({ paymentId }) => void navigate(`/payments/${encodeURIComponent(paymentId)}`)}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection={PAYMENTS} />
                <Pager page={data.page} rows={data.payments.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
    </>
  );
}

/** One status, or all that somebody has to look at. */
function Filters({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  const own = isDealer(useUser());
  const [params, change] = useUrlParams();
  const status = params.get("status") ?? "";
  const choose = (next: string) => change({ status: next, ...FIRST_PAGE });
  const todo = status === ATTENTION;
  return (
    <div className="filters">
      <SearchBox label={t(own ? "online.search.own" : "online.search")} />
      <Select
        className="pick-status"
        aria-label={t("order.status")}
        placeholder={t("order.status")}
        allowClear
        value={todo ? undefined : status || undefined}
        options={namesOf(STATUSES).map((value) => ({ value, label: t(`online.status.${value}`) }))}
        onChange={(next: string | undefined) => choose(next ?? "")}
      />
      <div className="chips">
        <button
          type="button"
          className={`chip ${todo ? "chip-on" : ""}`}
          aria-pressed={todo}
          data-todo
          onClick={() => choose(todo ? "" : ATTENTION)}
        >
          {t("online.todo")}
        </button>
      </div>
      {children}
    </div>
  );
}
