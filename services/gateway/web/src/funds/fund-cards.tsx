import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Credit, DealerFunds, Purse } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { isDealer, useUser } from "../session/session";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { creditLeft, creditTotal, isBlocked } from "./amounts";
import { CreditBar } from "./credit-bar";
import { ACTS, DealerActions } from "./dealer-actions";

interface Props {
  funds: DealerFunds;
  currency: string;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

/** What a dealer may still take and what it owes, what it has prepaid, and its rebates. */
export function FundCards(props: Props) {
  const { t } = useI18n();
  const { credit, prepaid, rebate } = props.funds;
  return (
    <div className="fund-cards">
      <Panel className="fund-card" title={t("funds.credit")} extra={<CreditTags credit={credit} />}>
        {credit ? <CreditCard credit={credit} /> : <p className="soft">{t("funds.credit.none.note")}</p>}
        <DealerActions acts={ACTS.credit} {...props} />
      </Panel>
      <Panel className="fund-card" title={t("funds.prepaid")}>
        <PurseCard purse={prepaid} name="prepaid" {...props}>
          <Reported {...props} />
        </PurseCard>
        <DealerActions acts={ACTS.prepaid} {...props} />
      </Panel>
      <Panel className="fund-card" title={t("funds.rebate")}>
        <PurseCard purse={rebate} name="rebate" {...props} />
        <DealerActions acts={ACTS.rebate} {...props} />
      </Panel>
    </div>
  );
}

function CreditTags({ credit }: { credit: Credit | undefined }) {
  const { t } = useI18n();
  if (!isBlocked(credit)) return null;
  return <span className="tag tag-cancelled">{t("funds.blocked")}</span>;
}

function CreditCard({ credit }: { credit: Credit }) {
  const { t } = useI18n();
  const format = useFormat();
  const money = (minor: bigint) => format.money(minor, credit.currencyCode);
  const { overdueMinor, overdueDays, temporaryMinor } = credit;
  const facts: [string, ReactNode][] = [
    [t("funds.limit"), money(credit.limitMinor)],
    ...(temporaryMinor > 0n ? [[t("funds.temporary"), <Temporary key="temporary" credit={credit} />] as [string, ReactNode]] : []),
    [t("funds.receivable"), <span key="receivable" className="mark-receivable">{money(credit.receivableMinor)}</span>],
    [t("funds.reserved"), <span key="reserved" className="mark-reserved">{money(credit.reservedMinor)}</span>],
    [t("funds.days"), t("funds.days.n", { n: credit.paymentDays })],
  ];
  return (
    <>
      <p className="fund-figure">
        <span className="soft">{t("funds.available")}</span>
        <strong className="num" data-available="credit">
          {money(creditLeft(credit))}
        </strong>
        <span className="soft">/ {money(creditTotal(credit))}</span>
      </p>
      <CreditBar credit={credit} />
      {overdueMinor > 0n && (
        <p className="overdue mark-overdue">
          {t("funds.overdue")} {money(overdueMinor)} · {t("funds.overdue.most", { n: overdueDays })}
        </p>
      )}
      {isBlocked(credit) && <p className="note">{t("funds.blocked.because", { reason: credit.blockedReason })}</p>}
      {credit.ofDealerId && <SharedNote credit={credit} />}
      <FactList facts={facts} />
    </>
  );
}

function Temporary({ credit }: { credit: Credit }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      {credit.temporary.map(({ amountMinor, until }, i) => (
        <span key={i} className="temporary">
          {format.money(amountMinor, credit.currencyCode)} <span className="soft">{t("funds.until.n", { day: until })}</span>
        </span>
      ))}
    </>
  );
}

function SharedNote({ credit: { ofDealerId, ofDealerName } }: { credit: Credit }) {
  const { t } = useI18n();
  const user = useUser();
  // A dealer is not shown the accounts of another one.
  return (
    <p className="note">
      {t("funds.shared.note", { name: ofDealerName })}{" "}
      {!isDealer(user) && <Link to={`/funds/${encodeURIComponent(ofDealerId)}`}>{t("funds.shared.open")}</Link>}
    </p>
  );
}

interface PurseProps extends Props {
  purse: Purse | undefined;
  name: "prepaid" | "rebate";
  children?: ReactNode;
}

function PurseCard({ purse, name, funds, currency, children }: PurseProps) {
  const { t } = useI18n();
  const format = useFormat();
  const money = (minor = 0n) => format.money(minor, funds.currencyCode || currency);
  const balance = purse?.balanceMinor ?? 0n;
  return (
    <>
      <p className="fund-figure">
        <span className="soft">{t("funds.free")}</span>
        <strong className="num" data-available={name}>
          {money(purse?.availableMinor)}
        </strong>
      </p>
      <FactList
        facts={[
          [t("funds.balance"), <span key="balance" className={balance < 0n ? "overdue" : ""}>{money(balance)}</span>],
          [t("funds.reserved"), money(purse?.heldMinor)],
        ]}
      />
      {balance < 0n && <p className="note">{t("funds.rebate.negative")}</p>}
      {children}
    </>
  );
}

function Reported({ funds, currency }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  if (funds.reportedRemittances === 0) return null;
  return (
    <p className="note">
      {t("funds.reported.note", {
        n: funds.reportedRemittances,
        money: format.money(funds.reportedMinor, funds.currencyCode || currency),
      })}
    </p>
  );
}
