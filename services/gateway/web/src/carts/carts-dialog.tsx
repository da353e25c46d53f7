import { Button, Input, Modal } from "antd";
import { useState } from "react";
import { useAction } from "../api/use-action";
import type { Cart } from "../gen/qudao/order/v1/cart_query_service_pb";
import { CartKind } from "../gen/qudao/order/v1/cart_service_pb";
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import type { Draft } from "../orders/draft";
import { useFormat } from "../ui/format";
import { Empty, Failure, QueryView } from "../ui/states";
import { useSlow } from "../ui/use-slow";
import { DeleteDialog, RenameDialog } from "./cart-dialogs";
import { withGoods, type Goods, type Meeting } from "./goods";
import { goodsOfCart, useCarting, useCarts } from "./use-carts";
import { useToldFilled } from "./use-told-filled";

interface Props {
  draft: Draft;
  setDraft: (draft: Draft) => void;
  onPut: (goods: Goods[], products: Map<string, Product>, meeting: Meeting) => void;
  onClose: () => void;
}

/** What is in a cart comes into the basket, at today's prices. */
function useTaking({ draft, setDraft, onPut, onClose }: Props) {
  const told = useToldFilled();
  const { open } = useCarting();
  const action = useAction();
  const take = (cart: Cart) =>
    action.run(async () => {
      const found = await open(cart.cartId);
      const { goods, products } = goodsOfCart(found);
      if (cart.kind === CartKind.TEMPLATE) {
        onPut(goods, products, "add");
        return;
      }
      const { without, dealerId, dealerName } = draft;
      const empty = { dealerId, dealerName, lines: [], note: found.cart?.note ?? "", ...(without && { without }) };
      const filled = withGoods(empty, goods, products, "add");
      const version = (found.cart?.version ?? cart.version).toString();
      setDraft({ ...filled.draft, cart: { cartId: cart.cartId, name: found.cart?.name ?? cart.name, version } });
      told(filled, goods.length);
      onClose();
    });
  return { action, take };
}

/** Carts and templates of the dealer: a cart takes the place of the basket, a template is added to it. */
export function CartsDialog({ draft, setDraft, onPut, onClose }: Props) {
  const { t } = useI18n();
  const [text, setText] = useState("");
  const [position, setPosition] = useState(0n);
  const [asked, setAsked] = useState<{ cart: Cart; what: "rename" | "delete" | "open" }>();
  const query = useCarts(draft.dealerId, useSlow(text.trim(), 250), position);

  const { action, take } = useTaking({ draft, setDraft, onPut, onClose });
  const wants = (cart: Cart) => {
    const replaced = cart.kind !== CartKind.TEMPLATE && draft.lines.length > 0 && draft.cart?.cartId !== cart.cartId;
    if (replaced) setAsked({ cart, what: "open" });
    else void take(cart);
  };
  /** The basket follows what was done to its own cart. */
  const changed = (cart: Cart, at: bigint, name?: string) => {
    setAsked(undefined);
    setPosition(at);
    const { cart: own, ...loose } = draft;
    if (own?.cartId !== cart.cartId) return;
    if (name === undefined) setDraft(loose);
    // Another version was seen by somebody else, and is not this basket's.
    else if (own.version === cart.version.toString()) setDraft({ ...draft, cart: { ...own, name, version: (cart.version + 1n).toString() } });
  };
  const done = (cart: Cart) => ({
    cart,
    onClose: () => setAsked(undefined),
    onDone: (at: bigint, name?: string) => changed(cart, at, name),
    onStale: query.refetch,
  });
  return (
    <Modal open className="carts-dialog" width={640} title={t("carts.mine")} footer={null} onCancel={onClose}>
      <Input type="search" allowClear aria-label={t("carts.search")} placeholder={t("carts.search")} value={text} onChange={(event) => setText(event.target.value)} />
      <QueryView
        query={query}
        isEmpty={(data) => data.carts.length === 0}
        empty={<Empty title={t(text ? "carts.noneFound" : "carts.none")} todo={t("carts.none.todo")} />}
      >
        {(data) => (
          <ul className="cart-list">
            {data.carts.map((cart) => (
              <Row key={cart.cartId} cart={cart} busy={action.busy} onOpen={() => wants(cart)} onAsk={(what) => setAsked({ cart, what })} />
            ))}
          </ul>
        )}
      </QueryView>
      {action.error !== undefined && <Failure error={action.error} />}
      {asked?.what === "rename" && <RenameDialog {...done(asked.cart)} />}
      {asked?.what === "delete" && <DeleteDialog {...done(asked.cart)} />}
      {asked?.what === "open" && (
        <Modal
          open
          title={t("carts.replace.title", { name: asked.cart.name })}
          okText={t("carts.open")}
          cancelText={t("action.close")}
          onCancel={() => setAsked(undefined)}
          onOk={() => (setAsked(undefined), void take(asked.cart))}
        >
          <p>{t("carts.replace", { n: draft.lines.length })}</p>
        </Modal>
      )}
    </Modal>
  );
}

interface RowProps {
  cart: Cart;
  busy: boolean;
  onOpen: () => void;
  onAsk: (what: "rename" | "delete") => void;
}

function Row({ cart, busy, onOpen, onAsk }: RowProps) {
  const { t } = useI18n();
  const format = useFormat();
  const template = cart.kind === CartKind.TEMPLATE;
  return (
    <li data-cart={cart.cartId}>
      <span className="cart-name">
        <span>
          <strong>{cart.name}</strong> <span className="tag">{t(template ? "carts.template" : "carts.cart")}</span>
        </span>
        <span className="soft">
          {t("carts.goods", { n: cart.lineCount })} · {format.time(cart.savedAt)}
        </span>
      </span>
      <span className="cart-acts">
        <Button type="primary" disabled={busy} onClick={onOpen} aria-label={t(template ? "carts.add.of" : "carts.open.of", { name: cart.name })}>
          {t(template ? "carts.add" : "carts.open")}
        </Button>
        <Button type="text" onClick={() => onAsk("rename")} aria-label={t("carts.rename.of", { name: cart.name })}>
          {t("carts.rename")}
        </Button>
        <Button type="text" danger onClick={() => onAsk("delete")} aria-label={t("carts.delete.of", { name: cart.name })}>
          {t("carts.delete")}
        </Button>
      </span>
    </li>
  );
}
