import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { findProducts } from "./find-products";

/** What these products are called, where an answer knows them by id only. */
export function useProductNames(ids: string[]): (id: string) => string {
  const orders = useClient(OrderQueryService);
  const wanted = [...new Set(ids.filter(Boolean))].sort();
  const query = useQuery(`product-names/${wanted.join()}`, (signal) => findProducts(orders, "", { productIds: wanted }, signal), {
    enabled: wanted.length > 0,
    keep: true,
  });
  return (id) => query.data?.get(id)?.name ?? id;
}
