import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { useUser } from "../session/session";

const DEFAULT_CURRENCY = "CNY";

/** The money in which the brand has its prices. */
export function useCurrency(): { loading: boolean; currency: string } {
  const orders = useClient(OrderQueryService);
  const user = useUser();
  const query = useQuery("price-currency", (signal) => orders.listProducts({ page: { size: 50 } }, { signal }));
  const priced = query.data?.products.find(({ currencyCode }) => currencyCode !== "");
  return { loading: query.loading, currency: priced?.currencyCode || user.currencyCode || DEFAULT_CURRENCY };
}
