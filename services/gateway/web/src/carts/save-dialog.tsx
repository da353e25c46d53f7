import { App, Input, Radio } from "antd";
import { useRef, useState } from "react";
import { useAction } from "../api/use-action";
import { CartKind } from "../gen/qudao/order/v1/cart_service_pb";
import { useI18n } from "../i18n/i18n";
import type { Draft, DraftCart } from "../orders/draft";
import { requestIdFor, type Sent } from "../orders/request-id";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { useCarting } from "./use-carts";

type As = "same" | "cart" | "template";

interface Props {
  draft: Draft;
  onClose: () => void;
  /** The cart that the basket is kept as from now on; none: as it was, the template stands for itself. */
  onKept: (cart: DraftCart | undefined) => void;
}

const FIELDS = ["name"];

/** Keeps the basket: in the place of the cart that it is, as another cart, or as a template. */
export function SaveDialog({ draft, onClose, onKept }: Props) {
  const { t } = useI18n();
  const { message } = App.useApp();
  const { keep } = useCarting();
  const { cart } = draft;
  const [as, setAs] = useState<As>(cart ? "same" : "cart");
  const [name, setName] = useState(cart?.name ?? "");
  const sent = useRef<Sent | undefined>(undefined);
  const action = useAction();
  const problem = useFieldProblems(action.error);
  const send = async () => {
    const kind = as === "template" ? CartKind.TEMPLATE : CartKind.CART;
    const seen = as === "same" && cart ? { cartId: cart.cartId, version: BigInt(cart.version) } : { cartId: "", version: 0n };
    const kept = { ...seen, kind, name: name.trim(), note: draft.note.trim() };
    sent.current = requestIdFor(sent.current, JSON.stringify([draft.dealerId, draft.lines, { ...kept, version: String(kept.version) }]));
    const { receipt } = await keep(sent.current.requestId, draft, kept);
    void message.success(t(as === "template" ? "carts.savedTemplate" : "carts.saved"));
    const now = receipt && { cartId: receipt.objectId, name: kept.name, version: receipt.version.toString() };
    onKept(as === "template" ? cart : now);
    onClose();
  };
  return (
    <FormDialog
      title={t("carts.save")}
      okText={t("carts.save.ok")}
      ready={name.trim() !== ""}
      command={action}
      fields={FIELDS}
      onClose={onClose}
      onOk={() => void action.run(send)}
    >
      <Radio.Group className="cart-as" aria-label={t("carts.as")} value={as} onChange={(event) => setAs(event.target.value as As)}>
        {cart && <Radio value="same">{t("carts.as.same", { name: cart.name })}</Radio>}
        <Radio value="cart">{t(cart ? "carts.as.another" : "carts.as.cart")}</Radio>
        <Radio value="template">{t("carts.as.template")}</Radio>
      </Radio.Group>
      <Field label={t("carts.name")} problem={problem("name")}>
        <Input name="cart-name" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
