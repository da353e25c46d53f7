import { Button } from "antd";
import type { StockItem } from "../gen/qudao/order/v1/stock_query_service_pb";
import { useI18n } from "../i18n/i18n";
import type { Allowed, StockAct } from "./acts";

interface Props {
  allowed: Allowed;
  onAct: (act: StockAct) => void;
}

/** For any product, also for one whose stock is not kept yet. */
export function PageButtons({ allowed, onAct }: Props) {
  const { t } = useI18n();
  return (
    <>
      {allowed.receive && <Button onClick={() => onAct({ kind: "receive" })}>{t("stock.receive")}</Button>}
      {allowed.count && (
        <Button type="primary" onClick={() => onAct({ kind: "count" })}>
          {t("stock.count")}
        </Button>
      )}
    </>
  );
}

export function RowButtons({ item, allowed, onAct }: Props & { item: StockItem }) {
  const { t } = useI18n();
  const name = item.productName;
  return (
    <>
      {allowed.count && (
        <Button size="small" aria-label={t("stock.count.of", { name })} onClick={() => onAct({ kind: "count", item })}>
          {t("stock.count")}
        </Button>
      )}
      {allowed.receive && (
        <Button size="small" aria-label={t("stock.receive.of", { name })} onClick={() => onAct({ kind: "receive", item })}>
          {t("stock.receive")}
        </Button>
      )}
      {allowed.end && (
        <Button size="small" danger aria-label={t("stock.end.of", { name })} onClick={() => onAct({ kind: "end", item })}>
          {t("stock.end")}
        </Button>
      )}
    </>
  );
}
