import { AutoComplete } from "antd";
import type { StockItem } from "../gen/qudao/order/v1/stock_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { Field } from "../ui/field-problems";
import { useFormat } from "../ui/format";
import { PickProduct } from "../ui/pick-product";
import { isWarehouse, warehouseIds, warehouseOf } from "./warehouses";

interface ProductProps {
  value: string;
  problem: string;
  onChange: (id: string) => void;
}

export function ProductField({ value, problem, onChange }: ProductProps) {
  const { t } = useI18n();
  return (
    <Field label={t("dimension.product")} problem={problem}>
      <PickProduct label={t("dimension.product")} value={value} onChange={onChange} />
    </Field>
  );
}

interface WarehouseProps {
  /** The product, where its stock is kept. */
  item: StockItem | undefined;
  listed: StockItem[];
  value: string;
  problem: string;
  onChange: (id: string) => void;
}

/** A warehouse that is known, or a new one. */
export function WarehouseField({ item, listed, value, problem, onChange }: WarehouseProps) {
  const { t } = useI18n();
  const format = useFormat();
  const options = warehouseIds(item, listed).map((id) => {
    const there = warehouseOf(item, id);
    return { value: id, note: there ? t("stock.onHand.n", { n: format.count(there.onHand) }) : "" };
  });
  const bad = value !== "" && !isWarehouse(value);
  return (
    <Field label={t("stock.warehouse")} problem={bad ? t("stock.warehouse.bad") : problem} hint={t("stock.warehouse.hint")}>
      <AutoComplete
        className="pick-warehouse"
        aria-label={t("stock.warehouse")}
        showSearch={{ filterOption: (text, option) => option?.value.includes(text) ?? false }}
        options={options}
        optionRender={(option) => (
          <span className="option">
            <span>{option.data.value}</span>
            <span className="soft">{option.data.note}</span>
          </span>
        )}
        value={value}
        onChange={(id: string | undefined) => onChange((id ?? "").trim())}
      />
    </Field>
  );
}
