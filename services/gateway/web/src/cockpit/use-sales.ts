import { useMemo } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { SalesQueryService, type QuerySalesRequestSchema } from "../gen/qudao/bi/v1/sales_query_service_pb";
import { useTick } from "../live/live";
import { useUser } from "../session/session";

export type SalesRequest = Exclude<MessageInitShape<typeof QuerySalesRequestSchema>, { $typeName: string }>;

/** Asks the cube, and asks again when a new order has reached it. */
export function useSales(request: SalesRequest, options: { enabled?: boolean; keep?: boolean } = {}) {
  const sales = useClient(SalesQueryService);
  const { currencyCode } = useUser();
  const tick = useTick("sales");
  const key = useMemo(() => JSON.stringify(request), [request]);
  const ask = async (signal: AbortSignal) => {
    const answer = await sales.querySales(request, { signal });
    // Without a sale the cube knows no currency; the tenant does.
    answer.currencyCode ||= currencyCode;
    return answer;
  };
  return useQuery(key, ask, { tick, keep: options.keep ?? false, enabled: options.enabled ?? true });
}
