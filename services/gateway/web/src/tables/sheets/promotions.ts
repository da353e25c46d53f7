import type { Promotion } from "../../gen/qudao/order/v1/promotion_query_service_pb";
import { STATUS_NAMES, STATUSES } from "../../promotions/status";
import type { Sheet } from "../cells";

export const promotionsSheet: Sheet<Promotion> = {
  columns: ({ t, time }) => [
    { title: t("promo.id"), cell: (one) => one.promotionId },
    { title: t("promo.name"), cell: (one) => one.name },
    {
      title: t("promo.status"),
      cell: ({ status }) => {
        const name = STATUS_NAMES.find((it) => STATUSES[it] === status);
        return t(name ? `promo.status.${name}` : "status.unknown");
      },
    },
    { title: t("days.from"), cell: (one) => one.from },
    { title: t("days.until.field"), cell: (one) => one.until },
    { title: t("promo.draftedBy"), cell: (one) => one.draftedBy },
    { title: t("promo.approvedBy"), cell: (one) => one.approvedBy },
    { title: t("promo.changedAt"), cell: (one) => time(one.changedAt) },
    { title: t("sheet.reason"), cell: (one) => one.reason },
  ],
};
