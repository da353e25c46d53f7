import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import type { GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import type { PaymentProvider } from "../gen/qudao/order/v1/payment_service_pb";
import { useI18n } from "../i18n/i18n";
import { isDealer, useUser } from "../session/session";

const PayOnlineDialog = lazy(() => import("./pay-online-dialog"));

interface Props {
  order: GetOrderResponse;
  /** Through whom it can be paid. */
  providers: PaymentProvider[];
  /** The order is to be read again, as it is from that position of the log on. */
  onMoved: (position: bigint) => void;
}

/** Pays an order through a provider, where the brand has one. */
export function PayOnline({ order, providers, onMoved }: Props) {
  const { t } = useI18n();
  const own = isDealer(useUser());
  /** Whom there was to choose from; the dialog outlives what the order owed, and says so. */
  const [opened, setOpened] = useState<PaymentProvider[]>();
  /** How far what was done here is in the log: what was started is found again before lists follow. */
  const [since, setSince] = useState(0n);
  return (
    <>
      {providers.length > 0 && (
        <Button type={own ? "primary" : "default"} data-pay-online onClick={() => setOpened(providers)}>
          {t("online.pay")}
        </Button>
      )}
      {opened && (
        <Suspense>
          <PayOnlineDialog
            order={order}
            providers={opened}
            since={since}
            onSince={setSince}
            onMoved={onMoved}
            onClose={() => setOpened(undefined)}
          />
        </Suspense>
      )}
    </>
  );
}
