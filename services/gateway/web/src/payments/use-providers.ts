import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { nameOf } from "../funds/words";
import type { GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { PaymentService, type PaymentProvider } from "../gen/qudao/order/v1/payment_service_pb";
import { ProviderService } from "../gen/qudao/payment/v1/provider_service_pb";
import { useMay } from "../session/session";
import { canPayOnline } from "./rules";
import { PROVIDERS } from "./words";

/** Through whom this person can pay an order; nobody, where that can not be asked. */
export function useProviders(order: GetOrderResponse | undefined): PaymentProvider[] {
  const providers = useClient(ProviderService);
  const enabled = useMay()(PaymentService.method.startPayment) && order !== undefined && canPayOnline(order);
  const query = useQuery("payment-providers", (signal) => providers.listProviders({}, { signal }), { enabled });
  return enabled ? (query.data?.providers ?? []).filter((one) => nameOf(PROVIDERS, one) !== undefined) : [];
}
