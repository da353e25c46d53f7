import { Button } from "antd";
import { lazy, Suspense } from "react";
import { nameOf } from "../funds/words";
import type { Payment } from "../gen/qudao/order/v1/payment_query_service_pb";
import { PaymentScene } from "../gen/qudao/order/v1/payment_service_pb";
import { useI18n } from "../i18n/i18n";
import { useNow } from "../live/live";
import { useFormat } from "../ui/format";
import { Loading } from "../ui/states";
import { ProviderMark } from "./payment-marks";
import { clockText, fitsCode, pageOf, secondsLeft } from "./rules";
import { PROVIDERS } from "./words";

const PaymentCode = lazy(() => import("./payment-code"));

interface Props {
  payment: Payment;
  busy: boolean;
  onWithdraw: () => void;
  /** Absent where there is no other provider. */
  onChange: (() => void) | undefined;
}

/** What has to be scanned or opened, and how long that is possible. */
export function Waiting({ payment, busy, onWithdraw, onChange }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      <div className="pay-head">
        <ProviderMark provider={payment.provider} />
        <strong className="pay-amount">{format.money(payment.amountMinor, payment.currencyCode)}</strong>
        <span className="soft">
          {t("order.number")} <span className="mono">{payment.orderId}</span>
        </span>
      </div>
      <Way payment={payment} />
      <Countdown expiresAt={payment.expiresAt} />
      <div className="pay-buttons">
        {onChange && (
          <Button disabled={busy} data-pay-change onClick={onChange}>
            {t("online.change")}
          </Button>
        )}
        <Button disabled={busy} data-pay-withdraw onClick={onWithdraw}>
          {t("online.withdraw")}
        </Button>
      </div>
    </>
  );
}

function Way({ payment }: { payment: Payment }) {
  const { t } = useI18n();
  const page = pageOf(payment);
  const link = { ...(page && { href: page }), target: "_blank", rel: "noopener noreferrer" };
  if (payment.scene === PaymentScene.PHONE || !fitsCode(payment.url)) {
    return (
      <>
        <Button type="primary" size="large" block disabled={!page} data-pay-open {...link}>
          {t("online.go")}
        </Button>
        <p className="soft">{t(page ? "online.go.note" : "online.go.none")}</p>
      </>
    );
  }
  const app = nameOf(PROVIDERS, payment.provider);
  return (
    <>
      <Suspense fallback={<Loading rows={6} />}>
        <PaymentCode url={payment.url} />
      </Suspense>
      {app && <strong>{t(`online.scan.${app}`)}</strong>}
      {page && (
        <a data-pay-open {...link}>
          {t("online.open")}
        </a>
      )}
    </>
  );
}

function Countdown({ expiresAt }: { expiresAt: string }) {
  const { t } = useI18n();
  const seconds = secondsLeft(expiresAt, useNow());
  return (
    <span className={seconds < 60 ? "pay-left pay-soon" : "pay-left"} role="timer">
      {seconds > 0 ? t("online.left", { time: clockText(seconds) }) : t("online.left.none")}
    </span>
  );
}
