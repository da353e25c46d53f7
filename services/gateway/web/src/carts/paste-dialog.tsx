import { Input, Modal } from "antd";
import { useState } from "react";
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { Failure, Loading } from "../ui/states";
import { useSlow } from "../ui/use-slow";
import type { Goods, Meeting } from "./goods";
import type { Match } from "./paste";
import { usePasted } from "./use-carts";

interface Props {
  dealerId: string;
  onPut: (goods: Goods[], products: Map<string, Product>, meeting: Meeting) => void;
  onClose: () => void;
}

/** Far more than 200 rows of a sheet have. */
const MOST_SIGNS = 100_000;

/** Takes rows out of a sheet, and shows what they mean before they come into the basket. */
export function PasteDialog({ dealerId, onPut, onClose }: Props) {
  const { t } = useI18n();
  const [text, setText] = useState("");
  const still = useSlow(text, 300);
  const { match, error, loading, refetch } = usePasted(dealerId, still);
  const ready = still === text && match !== undefined && match.matched.length > 0;
  const put = () => {
    if (!match) return;
    onPut(
      match.matched.map(({ product, quantity }) => ({ productId: product.productId, name: product.name, quantity })),
      new Map(match.matched.map(({ product }) => [product.productId, product])),
      "add",
    );
  };
  return (
    <Modal
      open
      className="paste-dialog"
      width={640}
      title={t("carts.paste")}
      okText={t("carts.putIn", { n: match?.matched.length ?? 0 })}
      okButtonProps={{ disabled: !ready }}
      cancelText={t("action.close")}
      onOk={put}
      onCancel={onClose}
    >
      <label className="field">
        {t("carts.paste.rows")}
        <Input.TextArea
          name="pasted"
          autoSize={{ minRows: 4, maxRows: 10 }}
          maxLength={MOST_SIGNS}
          placeholder={t("carts.paste.example")}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <span className="soft field-hint">{t("carts.paste.hint")}</span>
      </label>
      {error !== undefined && <Failure error={error} retry={refetch} />}
      {loading && still.trim() !== "" && !match && <Loading rows={2} />}
      {match && <Found match={match} />}
    </Modal>
  );
}

function Found({ match: { matched, troubles } }: { match: Match }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <div aria-live="polite">
      {troubles.length > 0 && (
        <div className="note paste-troubles" role="alert">
          <p>{t("carts.paste.troubles", { n: troubles.length })}</p>
          <ul>
            {troubles.map(({ row, text, trouble }) => (
              <li key={row}>
                {t("carts.paste.row", { n: row })} <code>{text}</code> {t(`carts.trouble.${trouble}`)}
              </li>
            ))}
          </ul>
        </div>
      )}
      {matched.length > 0 && (
        <ul className="cart-list" aria-label={t("carts.paste.found")}>
          {matched.map(({ product, quantity, rows }) => (
            <li key={product.productId} data-product={product.productId}>
              <span className="cart-name">
                <span>{product.name}</span>
                <span className="soft">
                  {product.productId}
                  {rows.length > 1 && ` · ${t("carts.paste.added", { n: rows.length })}`}
                </span>
              </span>
              <span className="num">
                {format.count(quantity)} {product.baseUnit}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
