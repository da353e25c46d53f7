import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { StockQueryService, type StockItem } from "../gen/qudao/order/v1/stock_query_service_pb";

/** What there is of a product; nothing where its stock is not kept. */
export function useStockOf(productId: string): StockItem | undefined {
  const stock = useClient(StockQueryService);
  const query = useQuery(
    `stock-of/${productId}`,
    (signal) => stock.listStock({ search: productId, page: { size: 50 } }, { signal }),
    { enabled: productId !== "" },
  );
  return query.data?.items.find((item) => item.productId === productId);
}
