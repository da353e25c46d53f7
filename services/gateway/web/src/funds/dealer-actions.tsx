import { Button } from "antd";
import { useState } from "react";
import { CreditService } from "../gen/qudao/order/v1/credit_service_pb";
import type { DealerFunds } from "../gen/qudao/order/v1/funds_query_service_pb";
import { WalletService } from "../gen/qudao/order/v1/wallet_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { isBlocked, ownCredit } from "./amounts";
import { CreditReasonDialog } from "./credit-reason-dialog";
import { LimitDialog } from "./limit-dialog";
import { MoneyDialog } from "./money-dialog";
import { ShareDialog } from "./share-dialog";
import { TemporaryDialog } from "./temporary-dialog";

const METHODS = {
  limit: CreditService.method.setCreditLimit,
  temporary: CreditService.method.grantTemporaryCredit,
  temporaryEnd: CreditService.method.endTemporaryCredit,
  block: CreditService.method.blockCredit,
  unblock: CreditService.method.unblockCredit,
  share: CreditService.method.shareCredit,
  grant: WalletService.method.grantRebate,
  deduct: WalletService.method.deductRebate,
  payBack: WalletService.method.payBackPrepaid,
} as const;

export type FundsAct = keyof typeof METHODS;

/** Where what can be done stands. */
export const ACTS = {
  credit: ["limit", "temporary", "temporaryEnd", "block", "unblock", "share"],
  prepaid: ["payBack"],
  rebate: ["grant", "deduct"],
} as const satisfies Record<string, FundsAct[]>;

/** Offers what makes sense now; whose credit is another one's has none of its own to change. */
function isOffered(act: FundsAct, funds: DealerFunds): boolean {
  const own = ownCredit(funds);
  switch (act) {
    case "limit":
      return own !== undefined || funds.credit === undefined;
    case "temporary":
      return own !== undefined;
    case "temporaryEnd":
      return own !== undefined && own.temporary.length > 0;
    case "block":
      return own !== undefined && !isBlocked(own);
    case "unblock":
      return isBlocked(own);
    case "payBack":
      return (funds.prepaid?.availableMinor ?? 0n) > 0n;
    default:
      return true;
  }
}

export interface DialogProps {
  funds: DealerFunds;
  /** What new accounts of this dealer are in. */
  currency: string;
  onClose: () => void;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

interface Props extends Omit<DialogProps, "onClose"> {
  acts: readonly FundsAct[];
}

/** What this person can do with an account of a dealer. */
export function DealerActions({ acts, ...rest }: Props) {
  const { t } = useI18n();
  const may = useMay();
  const [act, setAct] = useState<FundsAct>();
  const offered = acts.filter((one) => may(METHODS[one]) && isOffered(one, rest.funds));
  if (offered.length === 0 && act === undefined) return null;
  const close = () => setAct(undefined);
  const done = (position: bigint) => {
    close();
    rest.onDone(position);
  };
  return (
    <div className="row-actions fund-actions">
      {offered.map((one) => (
        <Button key={one} size="small" danger={one === "block"} onClick={() => setAct(one)}>
          {t(`funds.act.${one}`)}
        </Button>
      ))}
      {act && <ActDialog act={act} {...rest} onClose={close} onDone={done} />}
    </div>
  );
}

function ActDialog({ act, ...props }: DialogProps & { act: FundsAct }) {
  switch (act) {
    case "limit":
      return <LimitDialog {...props} />;
    case "temporary":
      return <TemporaryDialog {...props} />;
    case "share":
      return <ShareDialog {...props} />;
    case "grant":
    case "deduct":
    case "payBack":
      return <MoneyDialog kind={act} {...props} />;
    default:
      return <CreditReasonDialog kind={act} {...props} />;
  }
}
