import { App, Button } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { PromotionStatus, type Promotion } from "../gen/qudao/order/v1/promotion_query_service_pb";
import { PromotionService } from "../gen/qudao/order/v1/promotion_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { ApproveDialog, ResumeDialog, StopDialog } from "./action-dialogs";

const ACTIONS = ["approve", "revise", "resume", "pause", "end"] as const;

type ActionName = (typeof ACTIONS)[number];

const METHODS = {
  approve: PromotionService.method.approvePromotion,
  revise: PromotionService.method.revisePromotion,
  resume: PromotionService.method.resumePromotion,
  pause: PromotionService.method.pausePromotion,
  end: PromotionService.method.endPromotion,
} as const;

const { DRAFT, APPROVED, PAUSED } = PromotionStatus;

const WHEN: Record<ActionName, PromotionStatus[]> = {
  approve: [DRAFT],
  revise: [DRAFT],
  resume: [PAUSED],
  pause: [APPROVED],
  end: [DRAFT, APPROVED, PAUSED],
};

export interface DialogProps {
  promotion: Promotion;
  onClose: () => void;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

interface Props {
  promotion: Promotion;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

/** What this person can do with a promotion as far as it is. */
export function PromotionActions({ promotion, onDone, onStale }: Props) {
  const { t } = useI18n();
  const may = useMay();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const [dialog, setDialog] = useState<Exclude<ActionName, "revise">>();
  const offered = ACTIONS.filter((action) => WHEN[action].includes(promotion.status) && may(METHODS[action]));
  const start = (action: ActionName) => {
    if (action === "revise") void navigate(`/promotions/${encodeURIComponent(promotion.promotionId)}/edit`);
    else setDialog(action);
  };
  const props: DialogProps = {
    promotion,
    onClose: () => setDialog(undefined),
    onStale,
    onDone: (position) => {
      if (dialog) void message.success(t(`promo.action.${dialog}.done`));
      setDialog(undefined);
      onDone(position);
    },
  };
  return (
    <>
      {offered.map((action) => (
        <Button
          key={action}
          type={action === "approve" || action === "resume" ? "primary" : "default"}
          danger={action === "end"}
          onClick={() => start(action)}
        >
          {t(`promo.action.${action}`)}
        </Button>
      ))}
      {dialog === "approve" && <ApproveDialog {...props} />}
      {dialog === "resume" && <ResumeDialog {...props} />}
      {(dialog === "pause" || dialog === "end") && <StopDialog {...props} how={dialog} />}
    </>
  );
}
