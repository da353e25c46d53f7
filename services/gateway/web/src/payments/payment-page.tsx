import { Segmented } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import { PaymentQueryService, type Payment } from "../gen/qudao/order/v1/payment_query_service_pb";
import { ObjectHistory } from "../history/object-history";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Empty, Loading, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { PaymentActions } from "./payment-actions";
import { PaymentFacts } from "./payment-facts";
import { Refunds } from "./refunds";
import { PAYMENTS } from "./words";

export default function PaymentPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const may = useMay();
  if (may(PaymentQueryService.method.getPayment)) return <One key={id} id={id} />;
  return (
    <Page title={t("nav.payments")}>
      <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
    </Page>
  );
}

function One({ id }: { id: string }) {
  const { t } = useI18n();
  const payments = useClient(PaymentQueryService);
  /** How far what was done here is in the log. */
  const [seen, setSeen] = useState(0n);
  const query = useQuery(`payment/${id}`, (signal) => payments.getPayment({ paymentId: id, minPosition: seen }, { signal }), {
    tick: `${useTick(PAYMENTS)}/${seen}`,
  });
  const acts = { onDone: setSeen, onStale: query.refetch };
  const payment = query.data?.payment;
  return (
    <Page title={t("online.of", { id })} extra={payment && <PaymentActions payment={payment} {...acts} />}>
      <p className="back">
        <Link to="/payments">‹ {t("nav.payments")}</Link>
      </p>
      <QueryView query={query} skeleton={<Loading rows={8} />}>
        {(data) =>
          data.payment && (
            <>
              <Panel>
                <PaymentFacts payment={data.payment} />
                <FreshnessMark freshness={data.freshness} projection={PAYMENTS} />
              </Panel>
              <Parts payment={data.payment} {...acts} />
            </>
          )
        }
      </QueryView>
    </Page>
  );
}

interface PartsProps {
  payment: Payment;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

function Parts({ payment, onDone, onStale }: PartsProps) {
  const { t } = useI18n();
  const may = useMay();
  const [params, change] = useUrlParams();
  const hasHistory = may(HistoryService.method.getObjectHistory);
  const tab = hasHistory && params.get("tab") === "history" ? "history" : "refunds";
  return (
    <>
      {hasHistory && (
        <Segmented
          aria-label={t("online.views")}
          value={tab}
          options={[
            { value: "refunds", label: t("online.refunds") },
            { value: "history", label: t("nav.history") },
          ]}
          onChange={(next) => change({ tab: next === "history" ? "history" : "" }, { replace: true })}
        />
      )}
      {tab === "history" ? (
        <ObjectHistory object={`payment/${payment.paymentId}`} tick={payment.version.toString()} />
      ) : (
        <Refunds payment={payment} onDone={onDone} onStale={onStale} />
      )}
    </>
  );
}
