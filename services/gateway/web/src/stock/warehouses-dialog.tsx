import { Button, Modal } from "antd";
import type { StockItem, WarehouseStock } from "../gen/qudao/order/v1/stock_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { DataTable, type Column } from "../ui/data-table";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { availableIn } from "./warehouses";

interface Props {
  item: StockItem;
  /** Absent where this person counts nothing. */
  onCount: ((warehouseId: string) => void) | undefined;
  onClose: () => void;
}

/** Where a product is. */
export function WarehousesDialog({ item, onCount, onClose }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const columns: Column<WarehouseStock>[] = [
    { key: "warehouse", title: t("stock.warehouse"), cell: (one) => <span className="mono">{one.warehouseId}</span> },
    { key: "onHand", title: t("stock.onHand"), number: true, cell: (one) => format.count(one.onHand) },
    { key: "reserved", title: t("stock.reserved"), number: true, cell: (one) => format.count(one.reserved) },
    { key: "available", title: t("stock.available"), number: true, cell: (one) => format.count(availableIn(one)) },
  ];
  return (
    <Modal open className="warehouses" title={item.productName} footer={null} onCancel={onClose}>
      <FactList
        facts={[
          [t("products.id"), <span className="mono">{item.productId}</span>],
          [t("stock.unit"), item.baseUnit],
          [t("stock.changed"), format.time(item.changedAt)],
        ]}
      />
      <DataTable
        label={t("stock.warehouses")}
        rows={item.warehouses}
        rowKey={(one) => one.warehouseId}
        columns={columns}
        card={(one) => (
          <>
            <span className="card-line">
              <span className="mono">{one.warehouseId}</span>
              <strong className="num">
                {t("stock.available")} {format.count(availableIn(one))}
              </strong>
            </span>
            <span className="card-line soft">
              {t("stock.onHand")} {format.count(one.onHand)} · {t("stock.reserved")} {format.count(one.reserved)}
            </span>
          </>
        )}
        {...(onCount && { actions: (one: WarehouseStock) => <CountButton id={one.warehouseId} onCount={onCount} /> })}
      />
    </Modal>
  );
}

function CountButton({ id, onCount }: { id: string; onCount: (id: string) => void }) {
  const { t } = useI18n();
  return (
    <Button size="small" aria-label={t("stock.count.in", { id })} onClick={() => onCount(id)}>
      {t("stock.count")}
    </Button>
  );
}
