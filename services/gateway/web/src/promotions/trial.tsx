import { PlusOutlined } from "@ant-design/icons";
import { Button, DatePicker, InputNumber } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useAction } from "../api/use-action";
import { useClient } from "../api/clients";
import { OrderService, type QuoteOrderResponse } from "../gen/qudao/order/v1/order_service_pb";
import type { PromotionTerms } from "../gen/qudao/order/v1/promotion_service_pb";
import { useI18n } from "../i18n/i18n";
import { MOST_PIECES } from "../orders/draft";
import { Field } from "../ui/field-problems";
import { Panel } from "../ui/page";
import { PickDealer } from "../ui/pick-dealer";
import { Failure } from "../ui/states";
import { PickProduct } from "../ui/pick-product";
import { TrialAnswer } from "./trial-answer";

interface Line {
  productId: string;
  quantity: number;
}

const NO_LINE: Line = { productId: "", quantity: 1 };
const DAY = "YYYY-MM-DD";

interface Props {
  promotionId: string;
  terms: PromotionTerms;
}

/** What a dealer would pay for a basket on a day, with what came of every promotion and why. */
export function Trial({ promotionId, terms }: Props) {
  const { t } = useI18n();
  const ordering = useClient(OrderService);
  const [dealer, setDealer] = useState({ id: "", name: "" });
  const [day, setDay] = useState("");
  const [lines, setLines] = useState<Line[]>(() => beginning(terms));
  const [answer, setAnswer] = useState<QuoteOrderResponse>();
  const action = useAction();
  const wanted = lines.filter(({ productId }) => productId !== "");
  /** What was answered was about something else. */
  const change = (set: () => void) => {
    set();
    setAnswer(undefined);
  };
  const ask = () =>
    action.run(async () => {
      setAnswer(undefined);
      setAnswer(await ordering.quoteOrder({ dealerId: dealer.id, lines: wanted, onDate: day }));
    });
  return (
    <Panel title={t("trial.what")}>
      <div className="trial-form">
        <Field label={t("order.dealer")}>
          <PickDealer value={dealer.id} name={dealer.name} onChange={(id, name) => change(() => setDealer({ id, name }))} />
        </Field>
        <Field label={t("trial.day")} hint={t("trial.day.hint")}>
          <DatePicker
            aria-label={t("trial.day")}
            format={DAY}
            value={day ? dayjs(day) : null}
            onChange={(next) => change(() => setDay(next?.format(DAY) ?? ""))}
          />
        </Field>
      </div>
      <Basket lines={lines} onChange={(next) => change(() => setLines(next))} />
      <div className="row-actions">
        <Button icon={<PlusOutlined />} onClick={() => setLines([...lines, NO_LINE])}>
          {t("promo.addProduct")}
        </Button>
        <Button
          type="primary"
          className="trial-ask"
          disabled={dealer.id === "" || wanted.length === 0}
          loading={action.busy}
          onClick={() => void ask()}
        >
          {t("trial.ask")}
        </Button>
      </div>
      {action.error !== undefined && <Failure error={action.error} />}
      {answer && <TrialAnswer promotionId={promotionId} answer={answer} />}
    </Panel>
  );
}

/** The goods that the promotion names, else one line to choose. */
function beginning({ parts, scope }: PromotionTerms): Line[] {
  if (parts.length > 0) return parts.map(({ productId, quantity }) => ({ productId, quantity }));
  const [first] = scope?.productIds ?? [];
  return [{ ...NO_LINE, ...(first && { productId: first }) }];
}

function Basket({ lines, onChange }: { lines: Line[]; onChange: (lines: Line[]) => void }) {
  const { t } = useI18n();
  const set = (at: number, change: Partial<Line>) =>
    onChange(lines.map((line, i) => (i === at ? { ...line, ...change } : line)));
  return (
    <ul className="goods-rows" aria-label={t("newOrder.basket")}>
      {lines.map((line, i) => (
        <li key={i}>
          <PickProduct label={t("dimension.product")} value={line.productId} onChange={(productId) => set(i, { productId })} />
          <InputNumber
            aria-label={t("order.quantity")}
            inputMode="numeric"
            precision={0}
            min={1}
            max={MOST_PIECES}
            value={line.quantity}
            onChange={(quantity) => set(i, { quantity: quantity ?? 1 })}
          />
          <Button
            type="text"
            disabled={lines.length === 1}
            aria-label={t("promo.remove")}
            onClick={() => onChange(lines.filter((_, other) => other !== i))}
          >
            ×
          </Button>
        </li>
      ))}
    </ul>
  );
}
