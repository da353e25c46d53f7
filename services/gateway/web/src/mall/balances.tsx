import { Link } from "react-router";
import { creditLeft, currencyOf, isBlocked } from "../funds/amounts";
import type { DealerFunds } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { MALL_PATH } from "../shell/surface";
import { useFormat } from "../ui/format";
import { QueryView } from "../ui/states";
import type { useFunds } from "./use-funds";

interface Balance {
  account: "prepaid" | "rebate" | "credit";
  name: Key;
  minor: bigint;
  note?: Key;
}

function balancesOf({ prepaid, rebate, credit }: DealerFunds): Balance[] {
  const own: Balance[] = [
    { account: "prepaid", name: "funds.prepaid", minor: prepaid?.availableMinor ?? 0n },
    { account: "rebate", name: "funds.rebate", minor: rebate?.availableMinor ?? 0n },
  ];
  if (!credit) return own;
  return [...own, { account: "credit", name: "mall.credit", minor: creditLeft(credit), ...(isBlocked(credit) && { note: "funds.blocked" }) }];
}

/** What orders can be paid from, each with its entries behind it. */
export function Balances({ query }: { query: ReturnType<typeof useFunds> }) {
  const { t } = useI18n();
  return (
    <section className="balances" aria-label={t("mall.balances")}>
      <QueryView query={query} skeleton={<div className="balances-wait loading" aria-hidden="true" />}>
        {({ funds }) => funds && balancesOf(funds).map((one) => <Figure key={one.account} {...one} currency={currencyOf(funds, "")} />)}
      </QueryView>
    </section>
  );
}

function Figure({ account, name, minor, note, currency }: Balance & { currency: string }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <Link to={`${MALL_PATH}/me/funds?account=${account}`} className="balance">
      <span className="soft">{t(name)}</span>
      <strong data-available={account}>{format.money(minor, currency)}</strong>
      {note && <span className="tag tag-cancelled">{t(note)}</span>}
    </Link>
  );
}
