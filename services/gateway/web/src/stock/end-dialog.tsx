import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import type { StockItem } from "../gen/qudao/order/v1/stock_query_service_pb";
import { StockService } from "../gen/qudao/order/v1/stock_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { ReasonField } from "../ui/reason-field";
import type { DialogProps } from "./acts";

interface Props extends Omit<DialogProps, "listed"> {
  item: StockItem;
  onStale: () => void;
}

/** Keeps no stock of a product any more. */
export function EndDialog({ item, onClose, onDone, onStale }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const stocking = useClient(StockService);
  const [reason, setReason] = useState("");
  const command = useToldCommand("stock.end.done", onDone, onStale);
  const { productId, version } = item;
  const text = reason.trim();
  const send = (requestId: string) => stocking.endStock({ requestId, productId, expectedVersion: version, reason: text });
  return (
    <AskFirst
      title={t("stock.end.title", { name: item.productName })}
      okText={t("stock.end")}
      danger
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run([productId, String(version), text], send)}
    >
      <p>{t("stock.end.consequence", { onHand: format.count(item.onHand), reserved: format.count(item.reserved) })}</p>
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}
