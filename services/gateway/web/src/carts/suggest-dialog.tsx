import { Checkbox, InputNumber, Modal } from "antd";
import { useState } from "react";
import { SuggestionBasis, type SuggestedLine } from "../gen/qudao/order/v1/cart_query_service_pb";
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { MOST_PIECES } from "../orders/draft";
import { Empty, QueryView } from "../ui/states";
import type { Goods, Meeting } from "./goods";
import { useSuggestions } from "./use-carts";

interface Props {
  dealerId: string;
  onPut: (goods: Goods[], products: Map<string, Product>, meeting: Meeting) => void;
  onClose: () => void;
}

/** What somebody changed of a suggestion. */
interface Choice {
  taken?: boolean;
  quantity?: number;
}

/** What the dealer usually orders: what is due is ticked, and everything can be changed. */
export function SuggestDialog({ dealerId, onPut, onClose }: Props) {
  const { t } = useI18n();
  const query = useSuggestions(dealerId);
  const [choices, setChoices] = useState<Record<string, Choice>>({});
  const lines = query.data?.lines ?? [];
  const chosen = lines.flatMap(({ product, quantity, isDue }) => {
    const choice = product && choices[product.productId];
    return product && (choice?.taken ?? isDue) ? [{ product, quantity: choice?.quantity ?? quantity }] : [];
  });
  const put = () =>
    onPut(
      chosen.map(({ product, quantity }) => ({ productId: product.productId, name: product.name, quantity })),
      new Map(chosen.map(({ product }) => [product.productId, product])),
      "raise",
    );
  return (
    <Modal
      open
      className="suggest-dialog"
      width={640}
      title={t("carts.suggest")}
      okText={t("carts.putIn", { n: chosen.length })}
      okButtonProps={{ disabled: chosen.length === 0 }}
      cancelText={t("action.close")}
      onOk={put}
      onCancel={onClose}
    >
      <QueryView
        query={query}
        isEmpty={(data) => data.lines.length === 0}
        empty={<Empty title={t("carts.suggest.none")} todo={t("carts.suggest.none.todo")} />}
      >
        {(data) => (
          <>
            <p className="soft">{t("carts.suggest.rule", { n: data.orders, since: data.since })}</p>
            <ul className="cart-list suggestions">
              {data.lines.map((line) => (
                <Row
                  key={line.product?.productId}
                  line={line}
                  choice={choices[line.product?.productId ?? ""] ?? {}}
                  onChoose={(choice) => setChoices((before) => ({ ...before, [line.product?.productId ?? ""]: choice }))}
                />
              ))}
            </ul>
          </>
        )}
      </QueryView>
    </Modal>
  );
}

function Row({ line, choice, onChoose }: { line: SuggestedLine; choice: Choice; onChoose: (choice: Choice) => void }) {
  const { t } = useI18n();
  const { product, basis, quantity, intervalDays, daysSince, isDue } = line;
  const name = product?.name ?? "";
  const why =
    basis === SuggestionBasis.USUAL
      ? t("carts.suggest.usual", { every: intervalDays, since: daysSince })
      : t("carts.suggest.last", { since: daysSince });
  return (
    <li data-product={product?.productId}>
      <Checkbox checked={choice.taken ?? isDue} onChange={(event) => onChoose({ ...choice, taken: event.target.checked })}>
        <span className="cart-name">
          <span>
            {name} {isDue && <span className="tag tag-due">{t("carts.due")}</span>}
          </span>
          <span className="soft">{why}</span>
        </span>
      </Checkbox>
      <span className="cart-acts">
        <InputNumber
          aria-label={`${name} ${t("order.quantity")}`}
          inputMode="numeric"
          precision={0}
          min={1}
          max={MOST_PIECES}
          value={choice.quantity ?? quantity}
          onChange={(value) => onChoose({ taken: true, quantity: value ?? 1 })}
        />
        <span className="soft">{product?.baseUnit}</span>
      </span>
    </li>
  );
}
