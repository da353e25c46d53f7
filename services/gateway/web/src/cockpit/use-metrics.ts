import type { MessageInitShape } from "@bufbuild/protobuf";
import { useMemo } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderMetricsQueryService, type GetOrderMetricsRequestSchema } from "../gen/qudao/bi/v1/order_metrics_query_service_pb";
import { useTick } from "../live/live";

export type MetricsRequest = Exclude<MessageInitShape<typeof GetOrderMetricsRequestSchema>, { $typeName: string }>;

/** Asks for figures of ordering, and asks again when something new has reached them. */
export function useMetrics(request: MetricsRequest) {
  const client = useClient(OrderMetricsQueryService);
  const tick = useTick("order_metrics");
  const key = useMemo(() => JSON.stringify(request), [request]);
  return useQuery(key, (signal) => client.getOrderMetrics(request, { signal }), { tick });
}
