// What a dealer can order, in the order in which people look for it.
import type { GetOrderResponse, Product } from "../gen/qudao/order/v1/order_query_service_pb";

export interface Category {
  name: string;
  products: Product[];
  /** What it is divided into; nothing where that would be one part. */
  parts: string[];
}

const distinct = (names: (string | undefined)[]) => [...new Set(names.filter((name): name is string => Boolean(name)))];

/** The first names of all paths, in the order in which they come. */
export function categoriesOf(products: Product[]): Category[] {
  return distinct(products.map(({ categoryPath }) => categoryPath[0])).map((name) => {
    const inside = products.filter(({ categoryPath }) => categoryPath[0] === name);
    const parts = distinct(inside.map(({ categoryPath }) => categoryPath[1]));
    return { name, products: inside, parts: parts.length > 1 ? parts : [] };
  });
}

export function inPart(products: Product[], part: string): Product[] {
  return part === "" ? products : products.filter(({ categoryPath }) => categoryPath[1] === part);
}

/** `waits`: what is not there can be ordered, too. */
export function canOrder({ unitPriceMinor, retired, available }: Product, waits = false): boolean {
  return unitPriceMinor !== undefined && !retired && (available !== 0n || waits);
}

const DAY_MS = 86_400_000;
const NEW_DAYS = 60;
const MOST_NEW = 10;

/** What came into the range lately, the latest first. What a brand began with is not new in it. */
export function newest(products: Product[], now: number): Product[] {
  const times = products.map(({ publishedAt }) => Date.parse(publishedAt)).filter((at) => !Number.isNaN(at));
  const first = Math.min(...times);
  return products
    .map((product) => ({ product, at: Date.parse(product.publishedAt) }))
    .filter(({ at }) => at > first + DAY_MS && at > now - NEW_DAYS * DAY_MS)
    .sort((a, b) => b.at - a.at)
    .slice(0, MOST_NEW)
    .map(({ product }) => product);
}

const MOST_RECENT = 8;

/** What orders were about, the latest first, as far as it can be ordered again; gifts were not chosen. */
export function recentOf(orders: Pick<GetOrderResponse, "lines">[], byId: Map<string, Product>): Product[] {
  const bought = orders.flatMap(({ lines }) => lines.filter(({ giftPromotionId }) => giftPromotionId === ""));
  const ids = [...new Set(bought.map(({ productId }) => productId))];
  return ids.flatMap((id) => byId.get(id) ?? []).filter((product) => canOrder(product)).slice(0, MOST_RECENT);
}
