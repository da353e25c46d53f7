import { useClients } from "../api/clients";
import { useQuery } from "../api/use-query";
import { useUser } from "../session/session";

const DEFAULT_CURRENCY = "CNY";

/** The money in which the brand has its prices. */
export function useCurrency(): { loading: boolean; currency: string } {
  const { orders } = useClients();
  const user = useUser();
  const query = useQuery("price-currency", (signal) => orders.listProducts({ page: { size: 50 } }, { signal }));
  const priced = query.data?.products.find(({ currencyCode }) => currencyCode !== "");
  return { loading: query.loading, currency: priced?.currencyCode || user.currencyCode || DEFAULT_CURRENCY };
}
