// What is known of carts, templates and suggestions, and what can be done with them; no views.
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { CartQueryService, type Cart, type GetCartResponse } from "../gen/qudao/order/v1/cart_query_service_pb";
import { CartKind, CartService } from "../gen/qudao/order/v1/cart_service_pb";
import type { Receipt } from "../gen/qudao/common/v1/receipt_pb";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { useTick } from "../live/live";
import type { Draft } from "../orders/draft";
import { findProducts } from "../products/find-products";
import { useMay } from "../session/session";
import { useSeldom } from "../ui/use-slow";
import type { Goods } from "./goods";
import { matchRows, readRows, wantedOf } from "./paste";

/** The read model behind the list of carts. */
const CARTS = "carts";
/** What a dealer usually orders moves with every order of everybody, and is no matter of minutes. */
const AGAIN_MS = 60_000;
const MOST = 200;

/** Whether somebody may keep carts. */
export function useKeepsCarts(): boolean {
  return useMay()(CartService.method.saveCart);
}

/** Carts and templates of a dealer, the last saved first. */
export function useCarts(dealerId: string, search = "", position = 0n) {
  const carts = useClient(CartQueryService);
  return useQuery(
    `carts/${dealerId}/${search}/${position}`,
    (signal) => carts.listCarts({ dealerId, search, minPosition: position, page: { size: MOST } }, { signal }),
    { tick: useTick(CARTS), keep: true, enabled: dealerId !== "" },
  );
}

/** What a dealer may want to order today. */
export function useSuggestions(dealerId: string) {
  const carts = useClient(CartQueryService);
  return useQuery(
    `suggestions/${dealerId}`,
    (signal) => carts.suggestOrder({ dealerId }, { signal }),
    { tick: useSeldom(useTick("orders"), AGAIN_MS), keep: true, enabled: dealerId !== "" },
  );
}

/** What rows of a sheet mean to a dealer. */
export function usePasted(dealerId: string, text: string) {
  const orders = useClient(OrderQueryService);
  const rows = readRows(text);
  const wanted = wantedOf(rows.rows);
  const query = useQuery(
    `pasted/${dealerId}/${JSON.stringify(wanted)}`,
    (signal) => findProducts(orders, dealerId, wanted, signal),
    { enabled: rows.rows.length > 0 },
  );
  const known = rows.rows.length === 0 ? new Map() : query.data;
  return { ...query, match: known && matchRows(rows, known.values()) };
}

/** Products as a dealer can order them today, by their ids. */
export function useFinder() {
  const orders = useClient(OrderQueryService);
  return (dealerId: string, goods: Goods[]) =>
    findProducts(orders, dealerId, { productIds: goods.map(({ productId }) => productId) });
}

export interface Kept {
  cartId: string;
  version: bigint;
  kind: CartKind;
  name: string;
  note: string;
}

interface Answer {
  receipt?: Receipt;
}

/** What can be done with carts; each is one request, under the id that it is given. */
export function useCarting() {
  const carts = useClient(CartQueryService);
  const carting = useClient(CartService);
  return {
    open: (cartId: string): Promise<GetCartResponse> => carts.getCart({ cartId }),
    /** Keeps what is in the basket, as a new cart or in the place of one that was seen. */
    keep: (requestId: string, { dealerId, lines }: Draft, { cartId, version, kind, name, note }: Kept): Promise<Answer> =>
      carting.saveCart({
        requestId,
        dealerId,
        cartId,
        kind,
        name,
        note,
        lines: lines.map(({ productId, quantity }) => ({ productId, quantity })),
        ...(cartId !== "" && { expectedVersion: version }),
      }),
    /** Calls a cart something else; what is in it stays, if it still is what was seen. */
    rename: async (requestId: string, { cartId, dealerId, kind, version, note }: Cart, name: string): Promise<Answer> => {
      const { lines } = await carts.getCart({ cartId });
      const kept = lines.map(({ productId, quantity }) => ({ productId, quantity }));
      return carting.saveCart({ requestId, expectedVersion: version, dealerId, cartId, kind, name, note, lines: kept });
    },
    remove: (requestId: string, { cartId, version }: Cart): Promise<Answer> =>
      carting.deleteCart({ requestId, expectedVersion: version, cartId }),
  };
}

/** The goods of a cart, and the products of those that can be ordered. */
export function goodsOfCart({ lines }: GetCartResponse) {
  const goods = lines.map(({ productId, quantity, product }): Goods => ({ productId, name: product?.name ?? productId, quantity }));
  const products = new Map(lines.flatMap(({ product }) => (product ? [[product.productId, product] as const] : [])));
  return { goods, products };
}
