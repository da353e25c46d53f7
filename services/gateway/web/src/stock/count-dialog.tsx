import { Input } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import type { StockItem } from "../gen/qudao/order/v1/stock_query_service_pb";
import { StockService } from "../gen/qudao/order/v1/stock_service_pb";
import { useI18n } from "../i18n/i18n";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { useFormat } from "../ui/format";
import type { DialogProps } from "./acts";
import { ProductField, WarehouseField } from "./goods-fields";
import { QuantityField } from "./quantity-field";
import { useStockOf } from "./use-stock-of";
import { isWarehouse, usualWarehouse, warehouseOf } from "./warehouses";

const FIELDS = ["warehouse_id", "items", "reason"];

interface Props extends DialogProps {
  item: StockItem | undefined;
  warehouseId: string | undefined;
}

/** Says how much of a product somebody has counted in a warehouse. */
export function CountDialog({ item, warehouseId, listed, onClose, onDone }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const stocking = useClient(StockService);
  const [productId, setProductId] = useState(item?.productId ?? "");
  const [warehouse, setWarehouse] = useState(warehouseId ?? usualWarehouse(item));
  const [onHand, setOnHand] = useState<number>();
  const [reason, setReason] = useState("");
  const found = useStockOf(item ? "" : productId);
  const kept = item ?? found;
  const there = warehouseOf(kept, warehouse);
  const command = useToldCommand("stock.count.done", onDone);
  const told = useFieldProblems(command.error);
  const body = { warehouseId: warehouse, items: [{ productId, onHand: onHand ?? 0 }], reason: reason.trim() };
  const now = there && t("stock.count.now", { onHand: format.count(there.onHand), reserved: format.count(there.reserved) });
  return (
    <FormDialog
      title={item ? t("stock.count.of", { name: item.productName }) : t("stock.count")}
      okText={t("stock.count.ok")}
      ready={productId !== "" && isWarehouse(warehouse) && onHand !== undefined}
      command={command}
      fields={FIELDS}
      onClose={onClose}
      onOk={() => void command.run(body, (requestId) => stocking.countStock({ ...body, requestId }))}
    >
      <p>{t("stock.count.note")}</p>
      <div className="close-fields">
        {!item && <ProductField value={productId} problem="" onChange={setProductId} />}
        <WarehouseField item={kept} listed={listed} value={warehouse} problem={told("warehouse_id")} onChange={setWarehouse} />
        <QuantityField
          name="stock-on-hand"
          label={t("stock.counted")}
          least={0}
          unit={kept?.baseUnit ?? ""}
          value={onHand}
          problem={told("items")}
          hint={now ?? t("stock.count.hint")}
          onChange={setOnHand}
        />
        <Field label={t("funds.reason.optional")} problem={told("reason")}>
          <Input name="stock-reason" maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
        </Field>
      </div>
    </FormDialog>
  );
}
