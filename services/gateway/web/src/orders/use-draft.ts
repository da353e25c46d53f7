import { Code, type Client } from "@connectrpc/connect";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { isCode, reasonOf } from "../api/errors";
import { useClient } from "../api/clients";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { findProducts } from "../products/find-products";
import { useUser } from "../session/session";
import { useSurface } from "../shell/surface";
import {
  acceptPrices,
  attemptOf,
  EMPTY_DRAFT,
  linePrice,
  priceChanges,
  storedDraft,
  storeDraft,
  type Draft,
  type PriceChange,
  type Seen,
} from "./draft";
import { choiceOf } from "./payment";

export function useDraft() {
  const user = useUser();
  const orders = useClient(OrderQueryService);
  const ordering = useClient(OrderService);
  const navigate = useNavigate();
  const surface = useSurface();
  const own = { dealerId: user.dealerId, dealerName: user.dealerId };
  const [draft, setDraft] = useState<Draft>(() => {
    const stored = storedDraft(user.userId);
    return user.dealerId ? { ...stored, ...own } : stored;
  });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  /** What was seen of the last attempt. */
  const [seen, setSeen] = useState<Seen>();
  const [changes, setChanges] = useState<PriceChange[]>([]);
  /** Whether the changes are those of a dealer who was chosen after the goods. */
  const [moved, setMoved] = useState(false);
  const running = useRef(false);
  /** The dealer whose prices are being read. */
  const chosen = useRef("");

  useEffect(() => storeDraft(user.userId, draft), [user.userId, draft]);

  /** What failed said something about the basket as it was. */
  const edit = (change: Draft | ((before: Draft) => Draft)) => {
    setError(undefined);
    setDraft(change);
  };

  const submit = async (offer: Seen | undefined) => {
    // State would come a render too late for the second half of a double click.
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError(undefined);
    const sent = attemptOf(draft, offer);
    // Stored before it is sent: a reload in the middle repeats the request and not the order.
    storeDraft(user.userId, { ...draft, sent });
    setDraft({ ...draft, sent });
    try {
      const { receipt } = await ordering.submitOrder({
        requestId: sent.requestId,
        dealerId: draft.dealerId,
        note: draft.note.trim(),
        lines: draft.lines.map((line) => ({
          productId: line.productId,
          quantity: line.quantity,
          unitPriceMinor: linePrice(line),
        })),
        ...choiceOf(draft.without),
        ...(draft.backOrder !== undefined && { backOrder: draft.backOrder }),
        ...(draft.cart && { cartId: draft.cart.cartId, cartVersion: BigInt(draft.cart.version) }),
        ...(sent.seen && { netMinor: BigInt(sent.seen.netMinor), quoteFingerprint: sent.seen.fingerprint }),
      });
      setDraft(EMPTY_DRAFT);
      storeDraft(user.userId, undefined);
      void navigate(`${surface.orders}/${encodeURIComponent(receipt?.objectId ?? "")}`, {
        state: { position: (receipt?.position ?? 0n).toString() },
        replace: true,
      });
    } catch (failure) {
      // Nothing was stored, so the next attempt is another one.
      if (isCode(failure, Code.FailedPrecondition)) setDraft((before) => ({ ...before, sent: undefined }));
      setSeen(sent.seen);
      if (reasonOf(failure) !== "PRICE_CHANGED") setError(failure);
      else await readPrices(failure);
    } finally {
      running.current = false;
      setBusy(false);
    }
  };

  const readPrices = async (refusal: unknown) => {
    try {
      const found = priceChanges(draft, await productsOf(draft, orders));
      if (!tell(found, false)) setError(refusal);
    } catch (failure) {
      setError(failure);
    }
  };

  /** Shows what costs something else now; whether there is such a thing. */
  const tell = (found: PriceChange[], ofDealer: boolean): boolean => {
    const told = found.filter(({ before, after }) => before !== after);
    // What larger quantities cost is no matter for this one; the basket follows by itself.
    setDraft((before) => acceptPrices(before, found.filter((one) => !told.includes(one))));
    setMoved(ofDealer);
    setChanges(told);
    return told.length > 0;
  };

  /** Another dealer has other prices, and may not see all that is in the basket. */
  const chooseDealer = (dealerId: string, dealerName: string) => {
    // What is left out is money of the one before, and the cart is its own.
    const { without: _, cart: __, ...kept } = draft;
    const next = { ...kept, dealerId, dealerName };
    edit(next);
    chosen.current = dealerId;
    if (next.lines.length === 0 || dealerId === "") return;
    productsOf(next, orders).then(
      (products) => {
        if (chosen.current === dealerId) tell(priceChanges(next, products), true);
      },
      // Whether prices are right is looked at again when the order goes out.
      () => undefined,
    );
  };

  const accept = () => {
    setDraft((before) => acceptPrices(before, changes));
    setChanges([]);
  };
  const decline = () => setChanges([]);
  return { draft, setDraft: edit, chooseDealer, submit, busy, error, seen, changes, moved, accept, decline };
}

/** The products of a basket as its dealer sees them. */
function productsOf({ dealerId, lines }: Draft, orders: Client<typeof OrderQueryService>) {
  return findProducts(orders, dealerId, { productIds: lines.map(({ productId }) => productId) });
}
