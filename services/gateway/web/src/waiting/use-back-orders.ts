import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { FUNDS } from "../funds/words";
import { FundsQueryService } from "../gen/qudao/order/v1/funds_query_service_pb";
import { BackOrderRule } from "../gen/qudao/order/v1/order_rules_service_pb";
import { useTick } from "../live/live";

/** Whether goods can be ordered that are not there: they wait until there are some. */
export function useBackOrders(): boolean {
  const funds = useClient(FundsQueryService);
  const query = useQuery("back-order-rule", (signal) => funds.getOrderRules({}, { signal }), { tick: useTick(FUNDS), keep: true });
  const rules = query.data?.rules;
  const rule = rules?.waiting?.backOrders ?? BackOrderRule.UNSPECIFIED;
  return rules?.stockChecked === true && rule !== BackOrderRule.UNSPECIFIED;
}
