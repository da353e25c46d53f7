import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import { AfterSaleService } from "../gen/qudao/order/v1/after_sale_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import type { CaseDialogProps } from "./after-sale-actions";
import { isRated, NOT_RATED, RateFields } from "./rate-fields";

/** How content the dealer is with how a case ended, once. */
export function RateCaseDialog({ one: { afterSaleId }, onClose, onDone, onStale }: CaseDialogProps) {
  const { t } = useI18n();
  const handling = useClient(AfterSaleService);
  const [rating, setRating] = useState(NOT_RATED);
  const command = useToldCommand("case.rate.done", onDone, onStale);
  const body = { afterSaleId, ...rating, comment: rating.comment.trim() };
  return (
    <AskFirst
      title={t("case.rate.of", { id: afterSaleId })}
      okText={t("action.rate.ok")}
      disabled={!isRated(rating)}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(["rate", body], (requestId) => handling.rateAfterSale({ ...body, requestId }))}
    >
      <p className="soft">{t("rate.once")}</p>
      <RateFields goods={t("rate.outcome")} value={rating} onChange={(change) => setRating((before) => ({ ...before, ...change }))} />
    </AskFirst>
  );
}
