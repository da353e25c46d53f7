// Goods on their way into a basket: from a cart, an order of before, a suggestion, or a sheet.
import type { GetOrderResponse, Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { addProduct, MOST_LINES, MOST_PIECES, setQuantity, type Draft } from "../orders/draft";

export interface Goods {
  productId: string;
  name: string;
  /** Base units. */
  quantity: number;
}

/** How goods meet what is in the basket already. */
export type Meeting = "add" | "raise";

export interface Filled {
  draft: Draft;
  /** What the dealer can not order today. */
  missing: Goods[];
  /** What there was no room for. */
  beyond: Goods[];
}

/** Puts goods into a basket, at today's prices: `add` to what is there, or `raise` it to so many. */
export function withGoods(draft: Draft, goods: Goods[], products: Map<string, Product>, meeting: Meeting): Filled {
  const filled: Filled = { draft, missing: [], beyond: [] };
  for (const one of goods) {
    const product = products.get(one.productId);
    if (!product || product.retired || product.unitPriceMinor === undefined) {
      filled.missing.push(one);
      continue;
    }
    const there = filled.draft.lines.find(({ productId }) => productId === one.productId)?.quantity ?? 0;
    if (there === 0 && filled.draft.lines.length >= MOST_LINES) {
      filled.beyond.push(one);
      continue;
    }
    const quantity = meeting === "add" ? there + one.quantity : Math.max(there, one.quantity);
    const added = there === 0 ? addProduct(filled.draft, product) : filled.draft;
    filled.draft = setQuantity(added, one.productId, Math.min(quantity, MOST_PIECES));
  }
  return filled;
}

/** What was bought with an order; gifts come by themselves, or not. Lines of one product are added up. */
export function goodsOfOrder({ lines }: Pick<GetOrderResponse, "lines">): Goods[] {
  const goods = new Map<string, Goods>();
  for (const { productId, productName, quantity, giftPromotionId } of lines) {
    if (giftPromotionId) continue;
    const before = goods.get(productId)?.quantity ?? 0;
    goods.set(productId, { productId, name: productName, quantity: Math.min(before + Number(quantity), MOST_PIECES) });
  }
  return [...goods.values()];
}
