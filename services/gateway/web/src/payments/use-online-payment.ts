import { useRef, useState } from "react";
import { reasonOf } from "../api/errors";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { PaymentQueryService } from "../gen/qudao/order/v1/payment_query_service_pb";
import { PaymentService, type PaymentProvider, type PaymentScene } from "../gen/qudao/order/v1/payment_service_pb";
import { useCommand } from "../orders/use-command";
import { OPEN_STATUSES } from "./rules";
import { usePayment, type Followed } from "./use-payment";

interface Wanted {
  orderId: string;
  scene: PaymentScene;
  /** How far the log was when something was done here the last time. */
  since: bigint;
  onSince: (position: bigint) => void;
}

/** A payment of an order from its beginning to its end; one that waits already is gone on with. */
export function useOnlinePayment({ orderId, scene, since, onSince }: Wanted) {
  const paying = useClient(PaymentService);
  const payments = useClient(PaymentQueryService);
  const [begun, setBegun] = useState<Followed>();
  const looked = useQuery(`open-payment/${orderId}`, (signal) =>
    payments.listPayments({ orderId, statuses: OPEN_STATUSES, minPosition: since, page: { size: 1 } }, { signal }),
  );
  const waiting = looked.data?.payments[0];
  const followed = begun ?? { id: waiting?.paymentId ?? "", position: since };
  const { payment = waiting, ...state } = usePayment(followed);
  const started = useRef("");
  const isEnded = useRef(false);

  const starting = useCommand((position) => {
    setBegun({ id: started.current, position });
    onSince(position);
  });
  const ending = useCommand((position) => {
    isEnded.current = true;
    // What had ended before was not ended at any position.
    if (position > followed.position) setBegun({ ...followed, position });
    if (position > since) onSince(position);
  });

  const start = (provider: PaymentProvider) =>
    starting.run(["online", orderId, provider, scene, followed.id], async (requestId) => {
      const answer = await paying.startPayment({ requestId, orderId, provider, scene });
      started.current = answer.receipt?.objectId ?? "";
      return answer;
    });
  const withdraw = () =>
    ending.run(["withdraw", followed.id], (requestId) => unlessClosed(paying.withdrawPayment({ requestId, paymentId: followed.id })));
  /** Ends this one before another one begins: nobody should pay an order twice. */
  const change = async (provider: PaymentProvider) => {
    isEnded.current = false;
    await withdraw();
    if (isEnded.current) await start(provider);
  };
  const current = payment?.paymentId === followed.id ? payment : undefined;
  return {
    ...state,
    looked,
    payment: current,
    start,
    withdraw,
    change,
    /** Nothing is known of it yet. */
    isStarting: starting.busy || (followed.id !== "" && current === undefined),
    busy: starting.busy || ending.busy,
    refused: starting.error ?? ending.error,
  };
}

/** What is closed already need not be closed. */
async function unlessClosed<Answer>(asked: Promise<Answer>): Promise<Answer | Record<string, never>> {
  try {
    return await asked;
  } catch (failure) {
    if (reasonOf(failure) === "ALREADY_CLOSED") return {};
    throw failure;
  }
}
