import { CheckCircleFilled, ClockCircleFilled, ExclamationCircleFilled, LoadingOutlined, RollbackOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { ReactNode } from "react";
import { nameOf } from "../funds/words";
import type { GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { PaymentStatus, type Payment } from "../gen/qudao/order/v1/payment_query_service_pb";
import type { PaymentProvider } from "../gen/qudao/order/v1/payment_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { dueMinor } from "../orders/payment";
import { useFormat } from "../ui/format";
import { ProviderMark } from "./payment-marks";
import { owes, surplusMinor } from "./rules";
import { CLOSURES } from "./words";

interface ChoiceProps {
  order: GetOrderResponse;
  providers: PaymentProvider[];
  busy: boolean;
  onStart: (provider: PaymentProvider) => void;
}

export function Choose(props: ChoiceProps) {
  const { t } = useI18n();
  const format = useFormat();
  const { summary, payment } = props.order;
  return (
    <>
      <div className="pay-head">
        <span className="soft">{t("online.due")}</span>
        <strong className="pay-amount">{format.money(dueMinor(payment), summary?.currencyCode)}</strong>
      </div>
      <Providers {...props} label="online.choose" />
    </>
  );
}

function Providers({ providers, busy, onStart, label }: Omit<ChoiceProps, "order"> & { label: Key }) {
  const { t } = useI18n();
  return (
    <>
      <span className="soft">{t(label)}</span>
      <div className="pay-providers">
        {providers.map((provider) => (
          <Button key={provider} size="large" block disabled={busy} data-provider={provider} onClick={() => onStart(provider)}>
            <ProviderMark provider={provider} />
          </Button>
        ))}
      </div>
    </>
  );
}

export function Starting({ payment }: { payment?: Payment }) {
  const { t } = useI18n();
  return (
    <Told icon={<LoadingOutlined spin />} look="waits" title={t("online.starting")}>
      {payment && <ProviderMark provider={payment.provider} />}
    </Told>
  );
}

interface ToldProps {
  icon: ReactNode;
  look: "good" | "waits" | "bad" | "soft";
  title: string;
  children: ReactNode;
}

/** How it stands, in a word and what that means. */
function Told({ icon, look, title, children }: ToldProps) {
  return (
    <div className="pay-told" role="status">
      <span className={`pay-icon pay-icon-${look}`} aria-hidden="true">
        {icon}
      </span>
      <strong className="pay-title">{title}</strong>
      {children}
    </div>
  );
}

function Done({ onClose }: { onClose: () => void }) {
  const { t } = useI18n();
  return (
    <div className="pay-buttons">
      <Button type="primary" data-pay-done onClick={onClose}>
        {t("online.finish")}
      </Button>
    </div>
  );
}

interface PaidProps {
  payment: Payment;
  order: GetOrderResponse;
  /** From where on the order has this money. */
  position: bigint;
  onClose: () => void;
}

export function Paid({ payment, order, position, onClose }: PaidProps) {
  const { t } = useI18n();
  const format = useFormat();
  const due = dueMinor(order.payment);
  const isRead = (order.freshness?.position ?? 0n) >= position;
  return (
    <>
      <Told icon={<CheckCircleFilled />} look="good" title={t("online.paid")}>
        <strong className="pay-amount">{format.money(payment.capturedMinor, payment.currencyCode)}</strong>
        <ProviderMark provider={payment.provider} />
        <span className="soft">
          {isRead && (due > 0n ? t("online.paid.rest", { money: format.money(due, payment.currencyCode) }) : t("online.paid.all"))}
          {!isRead && t("online.paid.reading")}
        </span>
      </Told>
      <Done onClose={onClose} />
    </>
  );
}

export function Parked({ payment, onClose }: { payment: Payment; onClose: () => void }) {
  const { t } = useI18n();
  return (
    <>
      <Told icon={<ExclamationCircleFilled />} look="waits" title={t("online.parked")}>
        <p>{t("online.parked.note")}</p>
        <span className="soft">
          {t("online.number")} <span className="mono">{payment.paymentId}</span>
        </span>
      </Told>
      <Done onClose={onClose} />
    </>
  );
}

const BACK = new Map<PaymentStatus, Key>([
  [PaymentStatus.REFUNDING, "online.back"],
  [PaymentStatus.REFUND_FAILED, "online.back.failed"],
]);

/** That the order did not need all of the money, and where the rest is. */
export function Back({ payment, onClose }: { payment: Payment; onClose: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const { status, allocatedMinor, currencyCode } = payment;
  const failed = status === PaymentStatus.REFUND_FAILED;
  const money = format.money(surplusMinor(payment), currencyCode);
  return (
    <>
      <Told icon={<RollbackOutlined />} look={failed ? "bad" : "waits"} title={t(BACK.get(status) ?? "online.back.done")}>
        <p>
          {allocatedMinor > 0n
            ? t("online.back.part", { money, used: format.money(allocatedMinor, currencyCode) })
            : t("online.back.all", { money })}
        </p>
        {failed && <p className="soft">{t("online.back.failed.note")}</p>}
      </Told>
      <Done onClose={onClose} />
    </>
  );
}

/** Why it can not be paid any more; what the order still owes can be tried again. */
export function Closed({ payment, order, ...choice }: ChoiceProps & { payment: Payment }) {
  const { t } = useI18n();
  const why = nameOf(CLOSURES, payment.closure);
  const refused = why === "refused";
  return (
    <>
      <Told
        icon={refused ? <ExclamationCircleFilled /> : <ClockCircleFilled />}
        look={refused ? "bad" : "soft"}
        title={t(why ? `online.closed.${why}` : "online.status.closed")}
      >
        {payment.detail && <p className="soft">{payment.detail}</p>}
      </Told>
      {owes(order) ? <Providers {...choice} label="online.again" /> : <p className="soft">{t("online.notNeeded")}</p>}
    </>
  );
}
