import { Button } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { useToldCommand } from "../funds/use-told-command";
import { OrderStatus, type GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { WaitingQueryService, type BackOrder } from "../gen/qudao/order/v1/waiting_query_service_pb";
import { WaitingService } from "../gen/qudao/order/v1/waiting_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { ReasonField } from "../ui/reason-field";
import { Loading, QueryView } from "../ui/states";
import { Others } from "./others";
import { FIRST, WAITING } from "./words";

const EARLY = [OrderStatus.SUBMITTED, OrderStatus.ON_HOLD, OrderStatus.AWAITING_PAYMENT];

/** What an order waits for, where it stands in line, and how to do without it. */
export function OrderWaiting({ order }: { order: GetOrderResponse }) {
  if (!order.summary || order.summary.waiting === 0n) return null;
  return <Waits order={order} />;
}

function Waits({ order }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const may = useMay();
  const backOrders = useClient(WaitingQueryService);
  const [giving, setGiving] = useState(false);
  const orderId = order.summary?.orderId ?? "";
  const query = useQuery(
    `waiting/${orderId}/${order.summary?.version}`,
    (signal) => backOrders.listBackOrders({ page: FIRST, orderId }, { signal }),
    { tick: useTick(WAITING), keep: true },
  );
  // Before it is confirmed it can be changed or cancelled instead.
  const early = EARLY.includes(order.summary?.status ?? OrderStatus.UNSPECIFIED);
  const gives = may(WaitingService.method.giveUpBackOrder) && !early;
  return (
    <Panel title={t("waiting.title")} className="order-waiting">
      <p className="soft">{t("waiting.what")}</p>
      <QueryView query={query} skeleton={<Loading rows={2} />}>
        {({ backOrders: all, page }) => (
          <>
            <ul className="plain">
              {all.map((one) => (
                <Place key={one.productId} one={one} />
              ))}
            </ul>
            <Others page={page} shown={all.length} words="waiting.others.products" />
          </>
        )}
      </QueryView>
      {gives && (
        <Button danger data-act="giveUp" onClick={() => setGiving(true)}>
          {t("waiting.giveUp")}
        </Button>
      )}
      {giving && <GiveUp order={order} onClose={() => setGiving(false)} />}
    </Panel>
  );
}

function Place({ one }: { one: BackOrder }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <li data-waits-for={one.productId}>
      {one.productName} <strong>{t("waiting.n", { n: format.count(one.waiting), unit: one.baseUnit })}</strong>{" "}
      <span className="soft">
        {t("waiting.place", { n: format.count(one.place) })} ·{" "}
        {one.expectedOn ? t("waiting.expected.on", { day: one.expectedOn }) : t("waiting.expected.unknown")}
      </span>
    </li>
  );
}

function GiveUp({ order, onClose }: { order: GetOrderResponse; onClose: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const waiting = useClient(WaitingService);
  const [reason, setReason] = useState("");
  const command = useToldCommand("waiting.giveUp.done", onClose);
  const { orderId = "", version: expectedVersion = 0n } = order.summary ?? {};
  const text = reason.trim();
  return (
    <AskFirst
      title={t("waiting.giveUp.title", { id: orderId })}
      okText={t("waiting.giveUp")}
      danger
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() =>
        void command.run(["giveUp", orderId, String(expectedVersion), text], (requestId) =>
          waiting.giveUpBackOrder({ orderId, expectedVersion, requestId, reason: text }),
        )
      }
    >
      <p>{t("waiting.giveUp.consequence", { n: format.count(order.summary?.waiting ?? 0n) })}</p>
      <ReasonField label={t("waiting.giveUp.reason")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}
