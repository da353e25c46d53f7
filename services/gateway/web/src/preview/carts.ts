// Carts and templates of the made-up brand, for as long as the page is open; what is suggested is what
// the dealer's last order had.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { CartQueryService, SuggestionBasis, type Cart } from "../gen/qudao/order/v1/cart_query_service_pb";
import { CartKind, CartService, type CartLine, type SaveCartRequest } from "../gen/qudao/order/v1/cart_service_pb";
import type { ProductSchema } from "../gen/qudao/order/v1/order_query_service_pb";
import { paged } from "./rows";
import type { World } from "./world";

interface Kept {
  cart: Omit<Cart, "$typeName">;
  lines: Pick<CartLine, "productId" | "quantity">[];
}

/** What a dealer can order today. */
type ProductsOf = (dealerId: string) => MessageInitShape<typeof ProductSchema>[];

const DAY_MS = 86_400_000;

export function demoCarts(world: World, productsOf: ProductsOf, fresh: () => object, wake: () => void) {
  const all = new Map<string, Kept>();
  const find = (cartId: string): Kept => {
    const kept = all.get(cartId);
    if (!kept) throw new ConnectError("no such cart", Code.NotFound);
    return kept;
  };
  const moved = (objectId: string, version: bigint) => {
    world.position += 1n;
    world.movedAt = new Date().toISOString();
    wake();
    return { receipt: { objectId, version, position: world.position } };
  };
  const save = ({ cartId, dealerId, kind, name, note, lines, expectedVersion }: SaveCartRequest) => {
    const id = cartId || `CT-${all.size + 1}`;
    const before = cartId ? find(cartId).cart.version : 0n;
    if (expectedVersion !== undefined && expectedVersion !== before) throw new ConnectError("saved since", Code.Aborted);
    const version = before + 1n;
    const quantity = BigInt(lines.reduce((pieces, line) => pieces + line.quantity, 0));
    const dealerName = world.dealers.find((dealer) => dealer.dealerId === dealerId)?.name ?? dealerId;
    const savedAt = new Date().toISOString();
    all.set(id, { lines, cart: { cartId: id, dealerId, dealerName, kind, name, note, lineCount: lines.length, quantity, savedBy: "demo", savedAt, version } });
    return moved(id, version);
  };
  const productOf = (dealerId: string, productId: string) => productsOf(dealerId).find((product) => product.productId === productId);
  const suggested = (dealerId: string) => {
    const last = world.orders.find((order) => order.dealerId === dealerId && !order.cancelled);
    const daysSince = last ? Math.max(0, Math.floor((Date.now() - Date.parse(last.date)) / DAY_MS)) : 0;
    return (last?.lines ?? []).flatMap(({ productId, quantity }) => {
      const product = productOf(dealerId, productId);
      return product ? [{ product, quantity, basis: SuggestionBasis.LAST_ORDER, orders: 1, daysSince }] : [];
    });
  };
  return {
    /** A cart that became an order is none any more; templates stay. */
    end: (cartId: string) => {
      if (all.get(cartId)?.cart.kind === CartKind.CART) all.delete(cartId);
    },
    serve: ({ service }: ConnectRouter) => {
      service(CartService, {
        saveCart: save,
        deleteCart: ({ cartId }) => {
          const { version } = find(cartId).cart;
          all.delete(cartId);
          return moved(cartId, version + 1n);
        },
      });
      service(CartQueryService, {
        listCarts: ({ dealerId, search, page }) => {
          const carts = [...all.values()].map(({ cart }) => cart).reverse();
          const wanted = carts.filter((cart) => (!dealerId || cart.dealerId === dealerId) && cart.name.includes(search));
          return { ...paged("carts", wanted, page), freshness: fresh() };
        },
        getCart: ({ cartId }) => {
          const { cart, lines } = find(cartId);
          const told = lines.map(({ productId, quantity }) => {
            const product = productOf(cart.dealerId, productId);
            return { productId, quantity, ...(product && { product }) };
          });
          return { cart, lines: told, freshness: fresh() };
        },
        suggestOrder: ({ dealerId }) => ({ lines: suggested(dealerId), orders: 1, since: "", freshness: fresh() }),
      });
    },
  };
}
