import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { AfterSaleQueryService } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { useTick } from "../live/live";
import { AFTER_SALES } from "./words";

/** One case; `setSeen` says how far what was done here is in the log. */
export function useAfterSale(afterSaleId: string) {
  const cases = useClient(AfterSaleQueryService);
  const [seen, setSeen] = useState(0n);
  const query = useQuery(`after-sale/${afterSaleId}`, (signal) => cases.getAfterSale({ afterSaleId, minPosition: seen }, { signal }), {
    tick: `${useTick(AFTER_SALES)}/${seen}`,
  });
  return { query, setSeen };
}
