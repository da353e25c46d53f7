import { Modal } from "antd";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import type { PriceChange } from "./draft";

interface Props {
  changes: PriceChange[];
  /** Whether they come with another dealer, and not with an order that was refused. */
  moved: boolean;
  onAccept: () => void;
  onClose: () => void;
}

/** What costs something else by now, for the person to take or leave. */
export function PriceDialog({ changes, moved, onAccept, onClose }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <Modal
      open
      title={t("newOrder.pricesChanged", { n: changes.length })}
      okText={t("newOrder.acceptPrices")}
      cancelText={t("action.close")}
      onOk={onAccept}
      onCancel={onClose}
    >
      <p>{t(moved ? "newOrder.pricesOfDealer.todo" : "newOrder.pricesChanged.todo")}</p>
      <ul className="quantities">
        {changes.map((change) => (
          <li key={change.productId}>
            <span>{change.name}</span>
            <span className="num">
              <s className="soft">{format.money(change.before)}</s>{" "}
              <strong>{change.after === undefined ? t("newOrder.notForDealer") : format.money(change.after)}</strong>
            </span>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
