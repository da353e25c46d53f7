import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { FUNDS } from "../funds/words";
import { FundsQueryService } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { useSeldom } from "../ui/use-slow";
import { useMall } from "./mall-state";

/** Money of every dealer moves; that of this one is read again now and then. */
const AGAIN_MS = 10_000;

/** What this dealer has at the brand. */
export function useFunds(seen = 0n) {
  const funds = useClient(FundsQueryService);
  const { dealerId } = useMall();
  const enabled = useMay()(FundsQueryService.method.getDealerFunds);
  const tick = useSeldom(useTick(FUNDS), AGAIN_MS);
  return useQuery(
    `mall-funds/${dealerId}`,
    (signal) => funds.getDealerFunds({ dealerId, minPosition: seen }, { signal }),
    { tick: `${tick}/${seen}`, enabled },
  );
}
