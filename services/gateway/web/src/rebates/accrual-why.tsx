import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { RebateQueryService, type GetRebateAccrualResponse, type RebateOrder, type RebateSettlementEntry } from "../gen/qudao/order/v1/rebate_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { DataTable } from "../ui/data-table";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Loading, QueryView } from "../ui/states";
import "./rebates.css";
import { measureWords, missingWords, notCounted, REBATES, rewardWords } from "./words";

interface Props {
  planId: string;
  period: string;
  dealerId: string;
  seen: bigint;
}

/** What a dealer has reached in a period, and why: tiers, orders, settlements. */
export function AccrualWhy({ planId, period, dealerId, seen }: Props) {
  const rebates = useClient(RebateQueryService);
  const query = useQuery(
    `rebate-accrual/${planId}/${period}/${dealerId}/${seen}`,
    (signal) => rebates.getRebateAccrual({ planId, period, dealerId, minPosition: seen }, { signal }),
    { tick: useTick(REBATES), keep: true },
  );
  return (
    <QueryView query={query} skeleton={<Loading rows={6} />}>
      {(data) => <Why data={data} />}
    </QueryView>
  );
}

function Why({ data }: { data: GetRebateAccrualResponse }) {
  const { t } = useI18n();
  const format = useFormat();
  const { accrual, parts, orders, settlements, lastDay, freshness } = data;
  if (!accrual) return null;
  const { basis, currencyCode, nextTier, nextTierNo } = accrual;
  const missing = missingWords(accrual, t, format);
  const tier = accrual.tierNo ? t("rebate.tier", { n: accrual.tierNo }) : t("rebate.tier.none");
  return (
    <div className="rebate-why">
      <FactList
        facts={[
          [t("rebate.accrual"), `${tier} · ${t("rebate.version", { n: accrual.planVersion })}`],
          [t("rebate.counts"), `${format.money(accrual.netMinor, currencyCode)} · ${t("rebate.units", { n: format.count(accrual.units) })}`],
          [t("rebate.accrued"), format.money(accrual.accruedMinor, currencyCode)],
          [t("rebate.settled"), format.money(accrual.settledMinor, currencyCode)],
        ]}
      />
      {nextTierNo > 0 && (
        <p className="note">
          {missing} · {t("rebate.next.gives", { reward: rewardWords(nextTier?.reward, currencyCode, t, format) })}
        </p>
      )}
      {parts.map((part) => (
        <p key={part.tierNo} className="soft">
          {t("rebate.part", {
            tier: part.tierNo,
            of: measureWords(basis, part.of, currencyCode, t, format),
            amount: format.money(part.amountMinor, currencyCode),
          })}
        </p>
      ))}
      <p className="soft">{t("rebate.lastDay", { day: lastDay })}</p>
      <h3>{t("rebate.orders")}</h3>
      {orders.length === 0 ? <p className="soft">{t("rebate.orders.none")}</p> : <Orders orders={orders} currency={currencyCode} />}
      <h3>{t("rebate.history")}</h3>
      {settlements.length === 0 ? (
        <p className="soft">{t("rebate.history.none")}</p>
      ) : (
        <Settlements entries={settlements} currency={currencyCode} />
      )}
      <FreshnessMark freshness={freshness} projection={REBATES} />
    </div>
  );
}

function Orders({ orders, currency }: { orders: RebateOrder[]; currency: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const counts = (one: RebateOrder) => {
    const why = notCounted(one.notCounted);
    return why ? <span className="soft">{t(why)}</span> : format.money(one.netMinor, currency);
  };
  return (
    <DataTable
      label={t("rebate.orders")}
      rows={orders}
      rowKey={(one) => one.orderId}
      columns={[
        { key: "day", title: t("rebate.day"), cell: (one) => one.businessDate },
        { key: "order", title: t("rebate.order"), cell: (one) => <span className="mono">{one.orderId}</span> },
        { key: "counts", title: t("rebate.counts"), cell: counts, number: true },
        { key: "units", title: t("rebate.basis.units"), cell: (one) => format.count(one.units), number: true },
      ]}
      card={(one) => (
        <>
          <span className="card-line">
            <span className="mono">{one.orderId}</span>
            {counts(one)}
          </span>
          <span className="card-line soft">
            <span>{one.businessDate}</span>
            <span>{t("rebate.units", { n: format.count(one.units) })}</span>
          </span>
        </>
      )}
    />
  );
}

function Settlements({ entries, currency }: { entries: RebateSettlementEntry[]; currency: string }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <DataTable
      label={t("rebate.history")}
      rows={entries}
      rowKey={(one) => String(one.position)}
      columns={[
        { key: "at", title: t("rebate.settledAt"), cell: (one) => format.time(one.settledAt) },
        { key: "given", title: t("rebate.given"), cell: (one) => format.money(one.givenMinor, currency), number: true },
        { key: "all", title: t("rebate.accrued"), cell: (one) => format.money(one.accruedMinor, currency), number: true },
        { key: "by", title: t("rebate.settledBy"), cell: (one) => one.settledBy },
      ]}
      card={(one) => (
        <>
          <span className="card-line">
            <span>{format.time(one.settledAt)}</span>
            <strong>{format.money(one.givenMinor, currency)}</strong>
          </span>
          <span className="card-line soft">
            <span>{one.settledBy}</span>
            <span>{format.money(one.accruedMinor, currency)}</span>
          </span>
        </>
      )}
    />
  );
}
