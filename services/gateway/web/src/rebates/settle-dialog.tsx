import { App } from "antd";
import { useRef, useState } from "react";
import { useAction } from "../api/use-action";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { sum } from "../format/number";
import { RebateNotCounted, RebateQueryService, type RebateAccrual } from "../gen/qudao/order/v1/rebate_query_service_pb";
import { RebateService } from "../gen/qudao/order/v1/rebate_service_pb";
import { useI18n } from "../i18n/i18n";
import { requestIdFor, type Sent } from "../orders/request-id";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { Loading } from "../ui/states";
import { openMinor } from "./words";

const PAGE = 200;

interface Props {
  planId: string;
  period: string;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

/** Shows what settling would give to whom, and settles dealer by dealer. */
export function SettleDialog(props: Props) {
  const { planId, period, onClose } = props;
  const { t } = useI18n();
  const rebates = useClient(RebateQueryService);
  const query = useQuery(`rebate-open/${planId}/${period}`, async (signal) => {
    const open: RebateAccrual[] = [];
    let token = "";
    do {
      const part = await rebates.listRebateAccruals({ planId, period, page: { size: PAGE, token } }, { signal });
      open.push(...part.accruals.filter((one) => openMinor(one) !== 0n));
      token = part.page?.nextToken ?? "";
    } while (token !== "");
    return open;
  });
  if (query.data) return <Ask {...props} dealers={query.data} />;
  return (
    <AskFirst
      title={t("rebate.settle.title", { period })}
      okText={t("rebate.settle")}
      disabled
      state={{ busy: false, error: query.error }}
      onClose={onClose}
      onOk={onClose}
    >
      {query.error === undefined && <Loading rows={4} />}
    </AskFirst>
  );
}

function Ask({ planId, period, dealers: open, onClose, onDone }: Props & { dealers: RebateAccrual[] }) {
  const { t } = useI18n();
  const format = useFormat();
  const { message } = App.useApp();
  // What is asked stays as it was seen, whatever moves meanwhile.
  const [dealers] = useState(open);
  const [done, setDone] = useState(0);
  const settle = useSettle(planId, period);
  const action = useAction();
  const run = () =>
    action.run(async () => {
      let position = 0n;
      // Whoever was settled stays so when a later one fails.
      for (const [index, dealer] of dealers.entries()) {
        if (index < done) continue;
        position = await settle(dealer);
        setDone(index + 1);
      }
      void message.success(t("rebate.settle.done"));
      onDone(position);
      onClose();
    });
  const all = format.money(sum(dealers.map(openMinor)), dealers[0]?.currencyCode);
  return (
    <AskFirst
      title={t("rebate.settle.title", { period })}
      okText={t("rebate.settle")}
      disabled={dealers.length === 0}
      state={action}
      onClose={onClose}
      onOk={() => void run()}
    >
      <p>{t("rebate.settle.consequence")}</p>
      <p>{t("rebate.settle.count", { n: dealers.length, amount: all })}</p>
      <ul className="rebate-preview" tabIndex={0}>
        {dealers.map((one) => {
          const gives = openMinor(one);
          const amount = format.money(gives < 0n ? -gives : gives, one.currencyCode);
          return (
            <li key={one.dealerId} className="card-line">
              <span>{one.dealerName}</span>
              <strong>{t(gives < 0n ? "rebate.settle.back" : "rebate.settle.give", { amount })}</strong>
            </li>
          );
        })}
      </ul>
      {done > 0 && <p className="soft">{t("rebate.settle.progress", { done, all: dealers.length })}</p>}
    </AskFirst>
  );
}

/** Settles one dealer: the orders that count are named, and the server looks at them again. */
function useSettle(planId: string, period: string) {
  const rebates = useClient(RebateQueryService);
  const rebating = useClient(RebateService);
  const sent = useRef<Sent | undefined>(undefined);
  return async ({ dealerId }: RebateAccrual): Promise<bigint> => {
    const { accrual, orders } = await rebates.getRebateAccrual({ planId, period, dealerId });
    const counts = orders.filter((one) => one.notCounted === RebateNotCounted.UNSPECIFIED);
    const expectedVersion = accrual?.settlementVersion ?? 0n;
    const orderIds = counts.map((one) => one.orderId);
    sent.current = requestIdFor(sent.current, JSON.stringify([dealerId, String(expectedVersion), orderIds]));
    const { requestId } = sent.current;
    const { receipt } = await rebating.settleRebate({ requestId, expectedVersion, planId, period, dealerId, orderIds });
    return receipt?.position ?? 0n;
  };
}
