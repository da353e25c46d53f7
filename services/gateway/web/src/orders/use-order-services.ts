import { createClient } from "@connectrpc/connect";
import { useMemo } from "react";
import { useClients } from "../api/clients";
import { OrderChangeService } from "../gen/qudao/order/v1/order_change_service_pb";
import { OrderReviewService } from "../gen/qudao/order/v1/order_review_service_pb";

/** What reviews and changes orders; only pages about orders need it. */
export function useOrderServices() {
  const { transport } = useClients();
  return useMemo(
    () => ({ reviewing: createClient(OrderReviewService, transport), changing: createClient(OrderChangeService, transport) }),
    [transport],
  );
}
