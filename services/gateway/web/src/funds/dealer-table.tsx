import type { DealerFunds } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { creditTotal, creditUsed, isBlocked } from "./amounts";
import { CreditBar } from "./credit-bar";

interface Props {
  dealers: DealerFunds[];
  onOpen: (dealer: DealerFunds) => void;
}

const NOTHING = <span className="soft">–</span>;

/** Dealers with what they may still take, what they owe and what they have. */
export function DealerTable({ dealers, onOpen }: Props) {
  const { t } = useI18n();
  const money = useMoney();
  return (
    <DataTable
      label={t("funds.tab.dealers")}
      rows={dealers}
      rowKey={(one) => one.dealerId}
      onOpen={onOpen}
      columns={[
        { key: "dealer", title: t("order.dealer"), cell: (one) => one.dealerName },
        { key: "region", title: t("order.region"), cell: (one) => one.regionName },
        { key: "credit", title: t("funds.credit.used"), cell: (one) => <CreditCell dealer={one} /> },
        { key: "overdue", title: t("funds.overdue"), number: true, cell: (one) => <Overdue dealer={one} /> },
        { key: "prepaid", title: t("funds.prepaid"), number: true, cell: (one) => money(one, one.prepaid?.balanceMinor) },
        { key: "rebate", title: t("funds.rebate"), number: true, cell: (one) => money(one, one.rebate?.balanceMinor) },
        { key: "reported", title: t("funds.reported"), number: true, cell: (one) => money(one, one.reportedMinor) },
      ]}
      card={(one) => <Card dealer={one} />}
    />
  );
}

/** An amount, or a dash where there is none. */
function useMoney() {
  const format = useFormat();
  return ({ currencyCode, credit }: DealerFunds, minor = 0n) =>
    minor === 0n ? NOTHING : format.money(minor, currencyCode || credit?.currencyCode);
}

function CreditCell({ dealer: { credit } }: { dealer: DealerFunds }) {
  const { t } = useI18n();
  const format = useFormat();
  if (!credit) return <span className="soft">{t("funds.credit.none")}</span>;
  const money = (minor: bigint) => format.money(minor, credit.currencyCode);
  return (
    <span className="credit-cell">
      <span className="credit-line">
        <span>
          {money(creditUsed(credit))} <span className="soft">/ {money(creditTotal(credit))}</span>
        </span>
        {isBlocked(credit) ? (
          <span className="tag tag-cancelled">{t("funds.blocked")}</span>
        ) : (
          <span className="soft">{t("funds.available.n", { money: money(credit.availableMinor) })}</span>
        )}
      </span>
      <CreditBar credit={credit} />
      {credit.ofDealerId && <span className="soft credit-note">{t("funds.shared.of", { name: credit.ofDealerName })}</span>}
    </span>
  );
}

function Overdue({ dealer: { credit } }: { dealer: DealerFunds }) {
  const { t } = useI18n();
  const format = useFormat();
  if (!credit || credit.overdueMinor === 0n) return NOTHING;
  return (
    <span className="overdue">
      {format.money(credit.overdueMinor, credit.currencyCode)}
      <span className="credit-note">{t("funds.overdue.days", { n: credit.overdueDays })}</span>
    </span>
  );
}

function Card({ dealer }: { dealer: DealerFunds }) {
  const { t } = useI18n();
  const format = useFormat();
  const money = useMoney();
  const { credit, prepaid, rebate, reportedMinor } = dealer;
  return (
    <>
      <span className="card-line">
        <strong>{dealer.dealerName}</strong>
        <span className="soft">{dealer.regionName}</span>
      </span>
      <CreditCell dealer={dealer} />
      {credit && credit.overdueMinor > 0n && (
        <span className="card-line overdue">
          <span>{t("funds.overdue.days", { n: credit.overdueDays })}</span>
          <span className="num">{format.money(credit.overdueMinor, credit.currencyCode)}</span>
        </span>
      )}
      <span className="card-line soft">
        <span>
          {t("funds.prepaid")} {money(dealer, prepaid?.balanceMinor)}
        </span>
        <span>
          {t("funds.rebate")} {money(dealer, rebate?.balanceMinor)}
        </span>
      </span>
      {reportedMinor > 0n && (
        <span className="card-line soft">
          <span>{t("funds.reported")}</span>
          {money(dealer, reportedMinor)}
        </span>
      )}
    </>
  );
}
