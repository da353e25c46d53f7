import { Button } from "antd";
import { reasonOf } from "../api/errors";
import type { QuoteOrderResponse } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { Failure } from "../ui/states";
import { draftPieces, totalsOf, type Draft, type Seen } from "./draft";
import type { Quoted } from "./use-quote";

interface FootProps {
  draft: Draft;
  quoted: Quoted;
  busy: boolean;
  ready: boolean;
  onSubmit: () => void;
}

/** What is to be paid, and the way to order it. */
export function BasketFoot({ draft, quoted, busy, ready, onSubmit }: FootProps) {
  const { t } = useI18n();
  const format = useFormat();
  const { quote, exact } = quoted;
  const currency = quote?.currencyCode;
  const { gross, off, net } = totalsOf(draft, quote, exact);
  const stale = quote !== undefined && !exact;
  return (
    <div className="basket-foot">
      <div aria-live="polite" aria-busy={stale} className={stale ? "stale" : undefined}>
        <span className="soft">{t("order.pieces", { n: format.count(draftPieces(draft)) })}</span>
        {off > 0n && (
          <span className="soft basket-off">
            <span>
              {t("order.gross")} {format.money(gross, currency)}
            </span>
            <span>
              {t("order.off")} {format.money(-off, currency)}
            </span>
          </span>
        )}
        <span>
          {off > 0n && <span className="soft">{t("order.net")} </span>}
          <strong className="num" data-draft-total>
            {format.money(net, currency)}
          </strong>
        </span>
      </div>
      <Button type="primary" size="large" loading={busy} disabled={!ready || quoted.pending} onClick={onSubmit}>
        {t("newOrder.submit")}
      </Button>
    </div>
  );
}

interface RefusedProps {
  error: unknown;
  /** What was seen of the attempt. */
  seen: Seen | undefined;
  quoted: Quoted;
}

/** Why the order was not taken; another amount stands beside the one that the person saw. */
export function Refused({ error, seen, quoted: { quote, exact } }: RefusedProps) {
  const before = seen && BigInt(seen.netMinor);
  const known = quote && exact && quote.netMinor !== before;
  if (reasonOf(error) !== "AMOUNT_CHANGED" || before === undefined || !known) return <Failure error={error} />;
  return <AmountChanged before={before} quote={quote} />;
}

function AmountChanged({ before, quote }: { before: bigint; quote: QuoteOrderResponse }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <div className="amount-changed" role="alert">
      <strong>{t("newOrder.amountChanged")}</strong>
      <span>
        <s className="soft">{format.money(before, quote.currencyCode)}</s> →{" "}
        <strong>{format.money(quote.netMinor, quote.currencyCode)}</strong>
      </span>
      <span className="soft">{t("newOrder.amountChanged.todo")}</span>
    </div>
  );
}
