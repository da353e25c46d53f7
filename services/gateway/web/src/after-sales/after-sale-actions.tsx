import { Button } from "antd";
import { useState } from "react";
import type { AfterSale } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay, useUser } from "../session/session";
import { ApproveDialog, RefuseDialog, WithdrawDialog } from "./decide-dialogs";
import { RateCaseDialog } from "./rate-case-dialog";
import { ReturnDialog } from "./return-dialog";
import { actionsFor, type ActionName } from "./rules";
import { SettleDialog } from "./settle-dialog";
import { ShipReturnDialog } from "./ship-return-dialog";

export interface CaseDialogProps {
  one: AfterSale;
  onClose: () => void;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

/** What ends a case without anything for the dealer. */
const HARMS: ActionName[] = ["refuse", "withdraw"];

/** What this person can do about a case as it is. */
export function AfterSaleActions({ one, onDone, onStale }: Omit<CaseDialogProps, "onClose">) {
  const { t } = useI18n();
  const may = useMay();
  const { userId } = useUser();
  const [act, setAct] = useState<ActionName>();
  const offered = actionsFor(one, userId, may);
  const props: CaseDialogProps = {
    one,
    onStale,
    onClose: () => setAct(undefined),
    onDone: (position) => {
      setAct(undefined);
      onDone(position);
    },
  };
  return (
    <>
      {offered.map((action, i) => (
        <Button
          key={action}
          type={i === 0 && !HARMS.includes(action) ? "primary" : "default"}
          danger={HARMS.includes(action)}
          data-act={action}
          onClick={() => setAct(action)}
        >
          {t(`case.${action}`)}
        </Button>
      ))}
      {act === "approve" && <ApproveDialog {...props} />}
      {act === "refuse" && <RefuseDialog {...props} />}
      {act === "withdraw" && <WithdrawDialog {...props} />}
      {act === "ship" && <ShipReturnDialog {...props} />}
      {act === "receive" && <ReturnDialog {...props} />}
      {act === "settle" && <SettleDialog {...props} />}
      {act === "rate" && <RateCaseDialog {...props} />}
    </>
  );
}
