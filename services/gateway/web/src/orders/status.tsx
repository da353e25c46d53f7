import { OrderStatus } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n, type Key } from "../i18n/i18n";

export const STATUSES = {
  onHold: OrderStatus.ON_HOLD,
  awaitingPayment: OrderStatus.AWAITING_PAYMENT,
  submitted: OrderStatus.SUBMITTED,
  confirmed: OrderStatus.CONFIRMED,
  partlyShipped: OrderStatus.PARTLY_SHIPPED,
  shipped: OrderStatus.SHIPPED,
  partlyReceived: OrderStatus.PARTLY_RECEIVED,
  received: OrderStatus.RECEIVED,
  cancelled: OrderStatus.CANCELLED,
} as const;

export type StatusName = keyof typeof STATUSES;

export const STATUS_NAMES = Object.keys(STATUSES) as StatusName[];

export function statusName(status: OrderStatus): StatusName | undefined {
  return STATUS_NAMES.find((name) => STATUSES[name] === status);
}

export function StatusTag({ status }: { status: OrderStatus }) {
  const { t } = useI18n();
  const name = statusName(status);
  const key: Key = name ? `status.${name}` : "status.unknown";
  return <span className={`tag tag-${name ?? "unknown"}`}>{t(key)}</span>;
}

const STEPS = ["submitted", "confirmed", "shipped", "received"] as const;

const REACHED: Record<StatusName, number> = {
  onHold: 0,
  awaitingPayment: 0,
  submitted: 0,
  confirmed: 1,
  partlyShipped: 1.5,
  shipped: 2,
  partlyReceived: 2.5,
  received: 3,
  cancelled: -1,
};

/** Where the order is on its way from submission to receipt. */
export function StatusSteps({ status }: { status: OrderStatus }) {
  const name = statusName(status) ?? "submitted";
  if (name === "cancelled") return <StatusTag status={status} />;
  const reached = REACHED[name];
  // What keeps an order from being reviewed is no step of its way.
  const kept = name === "onHold" || name === "awaitingPayment";
  return (
    <>
      {kept && (
        <p className="kept">
          <StatusTag status={status} />
        </p>
      )}
      <Steps reached={reached} />
    </>
  );
}

function Steps({ reached }: { reached: number }) {
  const { t } = useI18n();
  return (
    <ol className="steps" aria-label={t("order.progress")}>
      {STEPS.map((step, i) => {
        const state = i <= reached ? "done" : i - 0.5 === reached ? "half" : "open";
        const half = state === "half";
        const label = half ? t(i === 2 ? "status.partlyShipped" : "status.partlyReceived") : t(`step.${step}`);
        return (
          <li key={step} className={`step-${state}`} aria-current={i === Math.ceil(reached) ? "step" : undefined}>
            <span className="step-dot" aria-hidden="true">
              {state === "done" ? "✓" : half ? "◐" : i + 1}
            </span>
            <span>{label}</span>
          </li>
        );
      })}
    </ol>
  );
}
