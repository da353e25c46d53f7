import { Button, InputNumber } from "antd";
import type { ReactNode } from "react";
import { useI18n } from "../i18n/i18n";
import { MOST_PIECES } from "../orders/draft";
import { PickProduct } from "../ui/pick-product";

interface Goods {
  productId: string;
  quantity: number;
}

interface Props<G extends Goods> {
  goods: G;
  problem: string;
  onChange: (goods: G) => void;
  /** Absent of the last one that has to stay. */
  onRemove: (() => void) | undefined;
  children?: ReactNode;
}

/** So many of one product. */
export function GoodsRow<G extends Goods>({ goods, problem, onChange, onRemove, children }: Props<G>) {
  const { t } = useI18n();
  return (
    <li>
      <PickProduct
        label={t("dimension.product")}
        value={goods.productId}
        onChange={(productId) => onChange({ ...goods, productId })}
      />
      <InputNumber
        aria-label={t("order.quantity")}
        inputMode="numeric"
        precision={0}
        min={1}
        max={MOST_PIECES}
        value={goods.quantity}
        onChange={(quantity) => onChange({ ...goods, quantity: quantity ?? 1 })}
      />
      <Button type="text" disabled={!onRemove} aria-label={t("promo.remove")} onClick={onRemove}>
        ×
      </Button>
      {children}
      {problem && (
        <span className="field-error" role="alert">
          {problem}
        </span>
      )}
    </li>
  );
}
