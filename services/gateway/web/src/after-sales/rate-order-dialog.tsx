import { useState } from "react";
import { useClient } from "../api/clients";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import type { DialogProps } from "../orders/actions";
import { useCommand } from "../orders/use-command";
import { AskFirst } from "../ui/ask-first";
import { isRated, NOT_RATED, RateFields } from "./rate-fields";

/** How content the dealer is with an order, once. */
export function RateOrderDialog({ order, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const ordering = useClient(OrderService);
  const [rating, setRating] = useState(NOT_RATED);
  const command = useCommand(onDone, onStale);
  const orderId = order.summary?.orderId ?? "";
  const body = { orderId, ...rating, comment: rating.comment.trim() };
  return (
    <AskFirst
      title={t("action.rate.title", { id: orderId })}
      okText={t("action.rate.ok")}
      disabled={!isRated(rating)}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(["rate", body], (requestId) => ordering.rateOrder({ ...body, requestId }))}
    >
      <p className="soft">{t("rate.once")}</p>
      <RateFields goods={t("rate.goods")} value={rating} onChange={(change) => setRating((before) => ({ ...before, ...change }))} />
    </AskFirst>
  );
}
