import { createClient } from "@connectrpc/connect";
import { useMemo } from "react";
import { useClients } from "../api/clients";
import { ProductService } from "../gen/qudao/order/v1/product_service_pb";

/** What changes products; only pages about them need it. */
export function useProductService() {
  const { transport } = useClients();
  return useMemo(() => createClient(ProductService, transport), [transport]);
}
