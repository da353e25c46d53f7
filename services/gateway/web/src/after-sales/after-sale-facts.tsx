import type { ReactNode } from "react";
import { Link } from "react-router";
import { nameOf } from "../funds/words";
import type { AfterSale, AfterSalePayout } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { isDealer, useUser } from "../session/session";
import { useSurface } from "../shell/surface";
import { CopyId } from "../ui/copy-id";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { CaseTag, Stars } from "./marks";
import { SETTLEMENTS } from "./words";

type Fact = [string, ReactNode];

const some = (name: string, text: string, value: ReactNode = text): Fact[] => (text === "" ? [] : [[name, value]]);

/** What a case is about, and how it ended. */
export function AfterSaleFacts({ one }: { one: AfterSale }) {
  const { t } = useI18n();
  const { orders } = useSurface();
  const own = isDealer(useUser());
  const wish = nameOf(SETTLEMENTS, one.wish);
  const link = (id: string) => (
    <Link className="mono" to={`${orders}/${encodeURIComponent(id)}`}>
      {id}
    </Link>
  );
  const facts: Fact[] = [
    ...some(t("order.dealer"), own ? "" : one.dealerName || one.dealerId),
    [t("case.ofOrder"), link(one.orderId)],
    [t("case.number"), <CopyId key="id" value={one.afterSaleId} />],
    ...some(t("case.wish"), wish ?? "", wish && t(`case.settlement.${wish}`)),
    [t("case.began"), t(one.atReceipt ? "case.atReceipt" : "case.asked")],
    ...some(t("ship.carrier"), one.carrier),
    ...some(t("ship.tracking"), one.trackingNumber, <CopyId value={one.trackingNumber} />),
    ...some(t("case.replacement"), one.replacementOrderId, link(one.replacementOrderId)),
  ];
  return (
    <div className="payment-facts">
      <CaseTag status={one.status} />
      {one.note && (
        <p className="note">
          <span className="soft">{t("case.note")}: </span>
          {one.note}
        </p>
      )}
      {one.remark && (
        <p className="note">
          <span className="soft">{t("case.remark")}: </span>
          {one.remark}
        </p>
      )}
      <FactList facts={facts} />
      <Ended one={one} />
      {one.ratedGoods > 0 && (
        <p className="note case-rating">
          <span>
            {t("rate.outcome")} <Stars n={one.ratedGoods} />
          </span>
          <span>
            {t("rate.service")} <Stars n={one.ratedService} />
          </span>
          {one.ratedComment && <span>{one.ratedComment}</span>}
        </p>
      )}
    </div>
  );
}

const PURSES = ["rebate", "prepaid", "debt", "online", "elsewhere"] as const;

const minorOf = (payout: AfterSalePayout, purse: (typeof PURSES)[number]) => payout[`${purse}Minor`];

/** How it ended, and where the money went. */
function Ended({ one: { settlement, amountMinor, payout, currencyCode } }: { one: AfterSale }) {
  const { t } = useI18n();
  const format = useFormat();
  const name = nameOf(SETTLEMENTS, settlement);
  if (!name) return null;
  const money = (minor: bigint) => format.money(minor, currencyCode);
  const parts = PURSES.filter((purse) => payout && minorOf(payout, purse) > 0n);
  const facts: Fact[] = [
    [t("case.outcome"), <strong key="outcome">{t(`case.settlement.${name}`)}</strong>],
    ...(amountMinor > 0n ? [[t("case.amount"), <strong key="amount" className="num" data-case-amount>{money(amountMinor)}</strong>] as Fact] : []),
    ...parts.map((purse): Fact => [
      t(`case.payout.${purse}`),
      <span key={purse} className="num" data-payout={purse}>
        {money(payout ? minorOf(payout, purse) : 0n)}
      </span>,
    ]),
  ];
  return (
    <div className="case-ended">
      <FactList facts={facts} />
    </div>
  );
}
