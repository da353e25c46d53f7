import { useClients } from "../api/clients";
import { useQuery } from "../api/use-query";

const MOST = 200;
/** Asked for one by one; what is beyond is called by its id. */
const MOST_SINGLE = 50;

/** What these products are called, where an answer knows them by id only. */
export function useProductNames(ids: string[]): (id: string) => string {
  const { orders } = useClients();
  const wanted = [...new Set(ids.filter(Boolean))].sort();
  const query = useQuery(
    `product-names/${wanted.join()}`,
    async (signal) => {
      const first = await orders.listProducts({ page: { size: MOST } }, { signal });
      const names = new Map(first.products.map((product) => [product.productId, product.name]));
      const missing = first.page?.nextToken ? wanted.filter((id) => !names.has(id)).slice(0, MOST_SINGLE) : [];
      const rest = await Promise.all(missing.map((search) => orders.listProducts({ search, page: { size: 50 } }, { signal })));
      for (const product of rest.flatMap((answer) => answer.products)) names.set(product.productId, product.name);
      return names;
    },
    { enabled: wanted.length > 0, keep: true },
  );
  return (id) => query.data?.get(id) ?? id;
}
