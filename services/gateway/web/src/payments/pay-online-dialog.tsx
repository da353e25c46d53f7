import { Modal } from "antd";
import { useEffect } from "react";
import type { GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import type { PaymentProvider } from "../gen/qudao/order/v1/payment_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMedia, usePhone } from "../ui/media";
import { Failure, Loading, QueryView } from "../ui/states";
import { Back, Choose, Closed, Paid, Parked, Starting } from "./pay-stages";
import { Waiting } from "./pay-waiting";
import { otherProvider, sceneFor, stageOf } from "./rules";
import { useOnlinePayment } from "./use-online-payment";

interface Props {
  order: GetOrderResponse;
  providers: PaymentProvider[];
  since: bigint;
  onSince: (position: bigint) => void;
  onMoved: (position: bigint) => void;
  onClose: () => void;
}

/** Pays an order through a provider: chosen, opened or scanned, and seen through to its end. */
export default function PayOnlineDialog({ order, providers, since, onSince, onMoved, onClose }: Props) {
  const { t } = useI18n();
  const scene = sceneFor(usePhone(), useMedia("(pointer: coarse)"));
  const orderId = order.summary?.orderId ?? "";
  const online = useOnlinePayment({ orderId, scene, since, onSince });
  useMoved(online, onMoved);
  return (
    <Modal open className="pay-online" width={440} title={t("online.title", { id: orderId })} footer={null} onCancel={onClose}>
      <QueryView query={online.looked} skeleton={<Loading rows={5} />}>
        {() => <Stage order={order} providers={providers} online={online} onClose={onClose} />}
      </QueryView>
    </Modal>
  );
}

/** The order is another one once money has come. */
function useMoved({ payment, position }: Online, onMoved: (position: bigint) => void) {
  const captured = (payment?.capturedMinor ?? 0n) > 0n;
  const version = payment?.version;
  useEffect(() => {
    if (captured && position > 0n) onMoved(position);
    // As far as the payment was when it changed; what came after is nothing to the order.
  }, [captured, version]);
}

type Online = ReturnType<typeof useOnlinePayment>;

interface StageProps {
  order: GetOrderResponse;
  providers: PaymentProvider[];
  online: Online;
  onClose: () => void;
}

function Stage({ order, providers, online, onClose }: StageProps) {
  const { t } = useI18n();
  const { payment } = online;
  const start = (provider: PaymentProvider) => void online.start(provider);
  if (online.error !== undefined && !payment) return <Failure error={online.error} retry={online.retry} />;
  const stage = online.isStarting ? "starting" : stageOf(payment);
  const asks = stage === "choose" || stage === "waiting" || stage === "closed";
  const other = payment && otherProvider(payment.provider, providers);
  const choice = { order, providers, busy: online.busy, onStart: start };
  return (
    <div className="pay-stage" data-stage={stage}>
      {stage === "choose" && <Choose {...choice} />}
      {stage === "starting" && <Starting {...(payment && { payment })} />}
      {payment && stage === "waiting" && (
        <Waiting
          payment={payment}
          busy={online.busy}
          onWithdraw={() => void online.withdraw()}
          onChange={other === undefined ? undefined : () => void online.change(other)}
        />
      )}
      {payment && stage === "paid" && <Paid payment={payment} order={order} position={online.position} onClose={onClose} />}
      {payment && stage === "parked" && <Parked payment={payment} onClose={onClose} />}
      {payment && stage === "back" && <Back payment={payment} onClose={onClose} />}
      {payment && stage === "closed" && <Closed payment={payment} {...choice} />}
      {asks && online.refused !== undefined && <Failure error={online.refused} />}
      {asks && online.error !== undefined && <p className="soft">{t("online.unsure")}</p>}
    </div>
  );
}
