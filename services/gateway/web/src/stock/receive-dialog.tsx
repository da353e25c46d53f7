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

const FIELDS = ["warehouse_id", "items", "reference"];
const LONGEST_REFERENCE = 64;

/** Records goods that came into a warehouse. */
export function ReceiveDialog({ item, listed, onClose, onDone }: DialogProps & { item: StockItem | undefined }) {
  const { t } = useI18n();
  const format = useFormat();
  const stocking = useClient(StockService);
  const [productId, setProductId] = useState(item?.productId ?? "");
  const [warehouse, setWarehouse] = useState(usualWarehouse(item));
  const [quantity, setQuantity] = useState<number>();
  const [reference, setReference] = useState("");
  const found = useStockOf(item ? "" : productId);
  const kept = item ?? found;
  const before = warehouseOf(kept, warehouse)?.onHand ?? 0n;
  const command = useToldCommand("stock.receive.done", onDone);
  const told = useFieldProblems(command.error);
  const body = { warehouseId: warehouse, items: [{ productId, quantity: quantity ?? 0 }], reference: reference.trim() };
  const after = quantity === undefined ? "" : t("stock.receive.after", { before: format.count(before), after: format.count(before + BigInt(quantity)) });
  return (
    <FormDialog
      title={item ? t("stock.receive.of", { name: item.productName }) : t("stock.receive")}
      okText={t("stock.receive.ok")}
      ready={productId !== "" && isWarehouse(warehouse) && quantity !== undefined}
      command={command}
      fields={FIELDS}
      onClose={onClose}
      onOk={() => void command.run(body, (requestId) => stocking.receiveStock({ ...body, requestId }))}
    >
      <p>{t("stock.receive.note")}</p>
      <div className="close-fields">
        {!item && <ProductField value={productId} problem="" onChange={setProductId} />}
        <WarehouseField item={kept} listed={listed} value={warehouse} problem={told("warehouse_id")} onChange={setWarehouse} />
        <QuantityField
          name="stock-received"
          label={t("order.quantity")}
          least={1}
          unit={kept?.baseUnit ?? ""}
          value={quantity}
          problem={told("items")}
          hint={after}
          onChange={setQuantity}
        />
        <Field label={t("stock.reference")} problem={told("reference")} hint={t("stock.reference.hint")}>
          <Input
            name="stock-reference"
            maxLength={LONGEST_REFERENCE}
            value={reference}
            onChange={(event) => setReference(event.target.value)}
          />
        </Field>
      </div>
    </FormDialog>
  );
}
