import { createClient } from "@connectrpc/connect";
import { useMemo } from "react";
import { useClients } from "../api/clients";
import { BankLineService } from "../gen/qudao/order/v1/bank_line_service_pb";
import { ProviderBillService } from "../gen/qudao/order/v1/provider_bill_service_pb";
import { ReconciliationQueryService } from "../gen/qudao/order/v1/reconciliation_query_service_pb";

/** Only these pages ask them, so they are not among those that every page has. */
export function useReconciliation() {
  const { transport } = useClients();
  return useMemo(
    () => ({
      lists: createClient(ReconciliationQueryService, transport),
      lines: createClient(BankLineService, transport),
      bills: createClient(ProviderBillService, transport),
    }),
    [transport],
  );
}
