import { Button, Modal } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useAction } from "../api/use-action";
import type { GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { EMPTY_DRAFT, storedDraft, storeDraft } from "../orders/draft";
import { useMay, useUser } from "../session/session";
import { Failure } from "../ui/states";
import { goodsOfOrder, withGoods, type Filled } from "./goods";
import { useFinder } from "./use-carts";

/** Orders once more what an order had, at today's prices; nothing is sent before somebody has seen it. */
export function Reorder({ order }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const may = useMay();
  const user = useUser();
  const navigate = useNavigate();
  const find = useFinder();
  const action = useAction();
  const [filled, setFilled] = useState<Filled & { replaced: number }>();
  const { dealerId = "", dealerName = "" } = order.summary ?? {};
  if (!may(OrderService.method.submitOrder) || dealerId === "") return null;

  const look = () =>
    action.run(async () => {
      const goods = goodsOfOrder(order);
      const products = await find(dealerId, goods);
      const stored = storedDraft(user.userId);
      // A basket of another dealer has other prices; this one takes its place.
      const own = stored.dealerId === dealerId || (user.dealerId !== "" && stored.dealerId === "");
      const basket = own ? { ...stored, dealerId, dealerName } : { ...EMPTY_DRAFT, dealerId, dealerName };
      const result = { ...withGoods(basket, goods, products, "add"), replaced: own ? 0 : stored.lines.length };
      if (result.missing.length + result.beyond.length + result.replaced === 0) begin(result);
      else setFilled(result);
    });
  const begin = ({ draft }: Filled) => {
    storeDraft(user.userId, draft);
    void navigate("/orders/new");
  };
  const left = filled && [...filled.missing, ...filled.beyond];
  return (
    <>
      <Button className="reorder" loading={action.busy} onClick={() => void look()}>
        {t("carts.reorder")}
      </Button>
      {action.error !== undefined && <Failure error={action.error} />}
      {filled && left && (
        <Modal
          open
          title={t("carts.reorder")}
          okText={t("carts.reorder.ok")}
          okButtonProps={{ disabled: filled.draft.lines.length === 0 }}
          cancelText={t("action.close")}
          onCancel={() => setFilled(undefined)}
          onOk={() => begin(filled)}
        >
          {left.length > 0 && (
            <>
              <p>{t("carts.reorder.missing", { n: left.length })}</p>
              <ul className="quantities">
                {left.map(({ productId, name }) => (
                  <li key={productId}>{name}</li>
                ))}
              </ul>
            </>
          )}
          {filled.replaced > 0 && <p className="note">{t("carts.reorder.replaced", { n: filled.replaced })}</p>}
        </Modal>
      )}
    </>
  );
}
