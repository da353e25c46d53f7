import { MinusOutlined, PlusOutlined } from "@ant-design/icons";
import { useState } from "react";
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { counted, isMixed, levelsOf, packedWords, stepped, unitWords, usualLevel, type Level } from "./pack";
import { useMall } from "./mall-state";
import { canOrder } from "./range";

interface Props {
  product: Product;
  /** In base units. */
  quantity: number;
  onQuantity: (quantity: number) => void;
  /** Shows the field also while there is nothing, and not a plus alone. */
  open?: boolean;
}

/** How many of a product, counted in the unit that people think in. */
export function Stepper({ product, quantity, onQuantity, open = false }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const levels = levelsOf(product);
  const [unit, setUnit] = useState(usualLevel(levels)?.unit);
  const level = levels.find((one) => one.unit === unit) ?? levels.at(-1)!;
  const { waits } = useMall();
  const can = canOrder(product, waits);
  const next = levels[(levels.indexOf(level) + 1) % levels.length]!;
  const plus = (
    <button
      type="button"
      className="stepper-button stepper-plus"
      disabled={!can}
      aria-label={t("mall.more", { name: product.name, unit: level.unit })}
      onClick={() => onQuantity(stepped(quantity, level, 1))}
    >
      <PlusOutlined />
    </button>
  );
  if (quantity === 0 && !open) return <div className="stepper">{plus}</div>;
  return (
    <div className="stepper-box">
      <div className="stepper" role="group" aria-label={`${product.name} ${t("order.quantity")}`}>
        <button
          type="button"
          className="stepper-button"
          disabled={quantity === 0}
          aria-label={t("mall.less", { name: product.name, unit: level.unit })}
          onClick={() => onQuantity(stepped(quantity, level, -1))}
        >
          <MinusOutlined />
        </button>
        <Count product={product} quantity={quantity} level={level} onQuantity={onQuantity} />
        {levels.length > 1 ? (
          <button
            type="button"
            className="stepper-unit"
            aria-label={t("mall.unit.change", { unit: level.unit, next: next.unit })}
            onClick={() => setUnit(next.unit)}
          >
            {level.unit}
            <span aria-hidden="true">⇅</span>
          </button>
        ) : (
          <span className="stepper-unit">{level.unit}</span>
        )}
        {plus}
      </div>
      {levels.length > 1 && quantity > 0 && (
        <span className="soft stepper-note" data-packed>
          {isMixed(quantity, level) || level.size === 1
            ? packedWords(quantity, levels, format.count)
            : unitWords(quantity, product.baseUnit, format.count)}
        </span>
      )}
    </div>
  );
}

interface CountProps {
  product: Product;
  quantity: number;
  level: Level;
  onQuantity: (quantity: number) => void;
}

/** What is typed counts when the field is left: half a number is not yet an order. */
function Count({ product, quantity, level, onQuantity }: CountProps) {
  const { t } = useI18n();
  const [typed, setTyped] = useState<string>();
  const commit = () => {
    const count = Number.parseInt(typed ?? "", 10);
    if (typed !== undefined && !Number.isNaN(count)) onQuantity(counted(count, level));
    setTyped(undefined);
  };
  return (
    <input
      className="stepper-count"
      inputMode="numeric"
      aria-label={`${product.name} ${t("order.quantity")}`}
      value={typed ?? String(Math.floor(quantity / level.size))}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setTyped(event.target.value.replace(/\D/g, "").slice(0, 7))}
      onBlur={commit}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
    />
  );
}
