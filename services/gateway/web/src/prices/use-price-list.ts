import { useClient } from "../api/clients";
import { useQuery, type Query } from "../api/use-query";
import { CatalogueQueryService, type ListPriceListsResponse, type PriceList } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { useTick } from "../live/live";

const MOST = 200;

export interface FoundList {
  /** Absent where there is none of that id. */
  list: PriceList | undefined;
  freshness: ListPriceListsResponse["freshness"];
}

/** One list by its id, at least as it was at that position of the log. */
export function usePriceList(id: string, minPosition: bigint): Query<FoundList> {
  const catalogue = useClient(CatalogueQueryService);
  return useQuery(
    `price-list/${id}`,
    async (signal) => {
      const { priceLists, freshness } = await catalogue.listPriceLists({ search: id, page: { size: MOST }, minPosition }, { signal });
      return { list: priceLists.find(({ priceListId }) => priceListId === id), freshness };
    },
    { tick: `${useTick("products")}/${minPosition}` },
  );
}
