import type { Client } from "@connectrpc/connect";
import { patiently } from "../api/patiently";
import type { OrderQueryService, Product } from "../gen/qudao/order/v1/order_query_service_pb";

interface Wanted {
  productIds?: string[];
  /** Exactly so, in large or small letters. */
  names?: string[];
}

/** What a question takes at most. */
const MOST = 200;

/** Products that a dealer can order today, by their ids; all at base prices where no dealer is given. */
export async function findProducts(
  orders: Client<typeof OrderQueryService>,
  dealerId: string,
  { productIds = [], names = [] }: Wanted,
  signal?: AbortSignal,
): Promise<Map<string, Product>> {
  const questions = [
    ...chunks(productIds).map((ids) => ({ productIds: ids })),
    ...chunks(names).map((some) => ({ names: some })),
  ];
  const answers = await Promise.all(
    questions.map((wanted) => orders.listProducts({ dealerId, ...wanted, page: { size: MOST } }, { ...(signal && { signal }) })),
  );
  return new Map(answers.flatMap(({ products }) => products.map((product) => [product.productId, product])));
}

/** The same at base prices, one question after another, with how far the log was at the first of them. */
export async function knownProducts(
  orders: Client<typeof OrderQueryService>,
  productIds: string[],
  signal: AbortSignal,
): Promise<{ products: Map<string, Product>; position: bigint }> {
  const products = new Map<string, Product>();
  let position: bigint | undefined;
  for (const ids of chunks(productIds)) {
    const answer = await patiently(() => orders.listProducts({ productIds: ids, page: { size: MOST } }, { signal }), signal);
    position ??= answer.freshness?.position;
    for (const product of answer.products) products.set(product.productId, product);
  }
  return { products, position: position ?? 0n };
}

function chunks(all: string[]): string[][] {
  const each = [...new Set(all)];
  return Array.from({ length: Math.ceil(each.length / MOST) }, (_, index) => each.slice(index * MOST, (index + 1) * MOST));
}
