import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService, type GetOrderResponse, type Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { useMall } from "./mall-state";
import { recentOf } from "./range";

/** So far back people look for what they always order. */
const MOST_ORDERS = 5;

/** What the last orders were about and can be ordered again. Undefined until that is known. */
export function useRecent(): Product[] | undefined {
  const orders = useClient(OrderQueryService);
  const { dealerId, catalogue } = useMall();
  const query = useQuery(`mall-recent/${dealerId}`, async (signal): Promise<GetOrderResponse[]> => {
    const last = await orders.listOrders({ page: { size: MOST_ORDERS } }, { signal });
    return Promise.all(last.orders.map(({ orderId }) => orders.getOrder({ orderId }, { signal })));
  });
  if (query.error !== undefined) return [];
  return query.data && catalogue.data && recentOf(query.data, catalogue.data.byId);
}
