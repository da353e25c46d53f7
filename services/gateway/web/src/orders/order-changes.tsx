import { OrderChangeState, type GetOrderResponse, type OrderChange } from "../gen/qudao/order/v1/order_query_service_pb";
import { ReviewStep } from "../gen/qudao/order/v1/order_rules_service_pb";
import type { ChangedLine } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { usePersonNames } from "../promotions/use-person-names";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { stepKey } from "./review";

const STATES: Record<OrderChangeState, Key> = {
  [OrderChangeState.UNSPECIFIED]: "change.state.proposed",
  [OrderChangeState.PROPOSED]: "change.state.proposed",
  [OrderChangeState.MADE]: "change.state.made",
  [OrderChangeState.REFUSED]: "change.state.refused",
  [OrderChangeState.WITHDRAWN]: "change.state.withdrawn",
};

/** Which step of the review an order waits for and since when, or why it was sent back. */
export function ReviewNotice({ order }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const format = useFormat();
  const { reviewStep = ReviewStep.UNSPECIFIED, reviewSince = "", sentBack = false, sentBackReason = "" } = order.summary ?? {};
  if (sentBack) {
    return (
      <p className="note note-warn" role="status" data-sent-back>
        {t("review.sentBack", { reason: sentBackReason, time: format.time(reviewSince) })}
      </p>
    );
  }
  if (reviewStep === ReviewStep.UNSPECIFIED) return null;
  return (
    <p className="note" role="status" data-review-step={reviewStep}>
      {t("review.waits", { step: t(stepKey(reviewStep)), time: format.time(reviewSince) })}
    </p>
  );
}

/** What waits for the brand, and how the order became what it is. */
export function OrderChanges({ order }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const person = usePersonNames(order.changes.flatMap(({ proposedBy, decidedBy }) => [proposedBy, decidedBy]));
  if (order.changes.length === 0) return null;
  const currency = order.summary?.currencyCode;
  return (
    <Panel title={t("change.history")} className="order-changes">
      <ol className="change-list">
        {order.changes.map((change) => (
          <li key={String(change.version)} data-change-state={change.state}>
            <Change change={change} currency={currency} person={person} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Change({ change, currency, person }: { change: OrderChange; currency: string | undefined; person: (id: string) => string }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      <p className="card-line">
        <strong>{t(STATES[change.state])}</strong>
        <Difference before={change.previousNetMinor} after={change.netMinor} currency={currency} />
      </p>
      <p className="soft">
        {t(change.onBehalf ? "change.byOnBehalf" : "change.by", { who: person(change.proposedBy), time: format.time(change.proposedAt) })}
        {change.note && ` · ${change.note}`}
      </p>
      {change.decidedBy && change.decidedBy !== change.proposedBy && (
        <p className="soft">
          {t("change.decided", { who: person(change.decidedBy), time: format.time(change.decidedAt) })}
          {change.reason && ` · ${change.reason}`}
        </p>
      )}
      <ChangedLines lines={change.changes} />
    </>
  );
}

/** Each line before and after. */
export function ChangedLines({ lines }: { lines: ChangedLine[] }) {
  const format = useFormat();
  return (
    <ul className="quantities">
      {lines.map((line, i) => (
        <li key={`${line.lineNo}/${i}`}>
          <span>{line.productName || line.productId}</span>
          <span className="num">
            {format.count(line.before)} → <strong>{format.count(line.after)}</strong>
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What the order costs before and after, and the difference. */
export function Difference({ before, after, currency }: { before: bigint; after: bigint; currency: string | undefined }) {
  const format = useFormat();
  const more = after > before ? "+" : "";
  return (
    <span className="num" data-change-net={String(after)}>
      {format.money(before, currency)} → <strong>{format.money(after, currency)}</strong>
      {after !== before && ` (${more}${format.money(after - before, currency)})`}
    </span>
  );
}
