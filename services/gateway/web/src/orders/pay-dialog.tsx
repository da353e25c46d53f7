import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { sum } from "../format/number";
import { FundsQueryService } from "../gen/qudao/order/v1/funds_query_service_pb";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { Loading, QueryView } from "../ui/states";
import type { DialogProps } from "./actions";
import { availableOf, choiceOf, dueMinor, SOURCES, type Source } from "./payment";
import { PaymentChoice } from "./payment-choice";
import { useCommand } from "./use-command";

/** Pays what is due of an order from what its dealer has. */
export function PayDialog(props: DialogProps) {
  const { order, onClose, onDone, onStale } = props;
  const { t } = useI18n();
  const format = useFormat();
  const ordering = useClient(OrderService);
  const funds = useClient(FundsQueryService);
  const [without, setWithout] = useState<Source[]>([]);
  const command = useCommand(onDone, onStale);
  const { orderId = "", version = 0n, dealerId = "", currencyCode } = order.summary ?? {};
  const query = useQuery(`pay/${orderId}`, (signal) => funds.getDealerFunds({ dealerId }, { signal }));
  const due = dueMinor(order.payment);
  const available = query.data?.funds && availableOf(query.data.funds);
  const chosen = available ? SOURCES.filter((source) => available[source] > 0n && !without.includes(source)) : [];
  const enough = sum(chosen.map((source) => available?.[source] ?? 0n)) >= due;
  const send = (requestId: string) => ordering.payOrder({ requestId, orderId, expectedVersion: version, ...choiceOf(without) });
  return (
    <AskFirst
      title={t("action.pay.title", { id: orderId })}
      okText={t("action.pay")}
      disabled={chosen.length === 0}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(["pay", orderId, String(version), without], send)}
    >
      <p className="pay-open">
        <span>{t("pay.open")}</span>
        <strong className="num">{format.money(due, currencyCode)}</strong>
      </p>
      <QueryView query={query} skeleton={<Loading rows={3} />}>
        {() =>
          available && <PaymentChoice currency={currencyCode} available={available} without={without} onChange={setWithout} />
        }
      </QueryView>
      <p className="soft">{t(available && !enough ? "action.pay.short" : "action.pay.note")}</p>
    </AskFirst>
  );
}
