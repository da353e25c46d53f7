import { Button, InputNumber } from "antd";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useClient } from "../api/clients";
import { useAction } from "../api/use-action";
import { PriceListService, type ExplainPriceResponse } from "../gen/qudao/order/v1/price_list_service_pb";
import { OrderService, type QuoteOrderResponse } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { BasketOffers } from "../orders/basket-offers";
import { MOST_PIECES } from "../orders/draft";
import { useMay } from "../session/session";
import { DayField } from "../ui/day-field";
import { Field } from "../ui/field-problems";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { PickDealer } from "../ui/pick-dealer";
import { PickProduct } from "../ui/pick-product";
import { Failure } from "../ui/states";
import { ExplainAnswer } from "./explain-answer";

interface Asked {
  dealerId: string;
  dealerName: string;
  productId: string;
  quantity: number;
  onDate: string;
}

/** What a dealer pays for a product on a day, from which list, and why from no other one. */
export function Explain() {
  const { t } = useI18n();
  const format = useFormat();
  const ordering = useClient(OrderService);
  const pricing = useClient(PriceListService);
  const may = useMay();
  const [params] = useSearchParams();
  const [asked, setAsked] = useState<Asked>({
    dealerId: params.get("dealer") ?? "",
    dealerName: "",
    productId: params.get("product") ?? "",
    quantity: 1,
    onDate: "",
  });
  const [answer, setAnswer] = useState<ExplainPriceResponse>();
  const [quote, setQuote] = useState<QuoteOrderResponse>();
  const action = useAction();
  /** What was answered was about something else. */
  const change = (next: Partial<Asked>) => {
    setAsked((before) => ({ ...before, ...next }));
    setAnswer(undefined);
    setQuote(undefined);
  };
  const ask = () =>
    action.run(async () => {
      setAnswer(undefined);
      setQuote(undefined);
      const { dealerId, productId, quantity, onDate } = asked;
      setAnswer(await pricing.explainPrice({ dealerId, productId, quantity, onDate }));
      if (!may(OrderService.method.quoteOrder)) return;
      // What can not be ordered has no quote; the answer above says why.
      const basket = { dealerId, onDate, lines: [{ productId, quantity }] };
      setQuote(await ordering.quoteOrder(basket).catch(() => undefined));
    });
  return (
    <Panel title={t("explain.title")}>
      <div className="explain-form">
        <Field label={t("order.dealer")}>
          <PickDealer value={asked.dealerId} name={asked.dealerName} onChange={(dealerId, dealerName) => change({ dealerId, dealerName })} />
        </Field>
        <Field label={t("dimension.product")}>
          <PickProduct label={t("dimension.product")} value={asked.productId} onChange={(productId) => change({ productId })} />
        </Field>
        <Field label={t("order.quantity")} hint={t("explain.quantity.hint")}>
          <InputNumber
            aria-label={t("order.quantity")}
            inputMode="numeric"
            precision={0}
            min={1}
            max={MOST_PIECES}
            value={asked.quantity}
            onChange={(quantity) => change({ quantity: quantity ?? 1 })}
          />
        </Field>
        <DayField label={t("trial.day")} hint={t("explain.day.hint")} value={asked.onDate} onChange={(onDate) => change({ onDate })} />
      </div>
      <Button
        type="primary"
        className="explain-ask"
        disabled={asked.dealerId === "" || asked.productId === ""}
        loading={action.busy}
        onClick={() => void ask()}
      >
        {t("trial.ask")}
      </Button>
      {action.error !== undefined && <Failure error={action.error} />}
      {answer && <ExplainAnswer answer={answer} />}
      {quote && (
        <div className="explain-offers" data-explained-net={quote.netMinor.toString()}>
          <p>
            {t("trial.what")} <strong>{format.money(quote.netMinor, quote.currencyCode)}</strong>
          </p>
          <BasketOffers quote={quote} stale={false} />
        </div>
      )}
    </Panel>
  );
}
