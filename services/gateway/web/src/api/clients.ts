import type { DescService } from "@bufbuild/protobuf";
import { createClient, type Client, type Transport } from "@connectrpc/connect";
import { createContext, useContext, useMemo } from "react";

export const TransportContext = createContext<Transport | undefined>(undefined);

export function useTransport(): Transport {
  const transport = useContext(TransportContext);
  if (!transport) throw new Error("TransportContext is missing");
  return transport;
}

/** Whoever calls a service names it, so that its contract is fetched with the pages that call it. */
export function useClient<Service extends DescService>(service: Service): Client<Service> {
  const transport = useTransport();
  return useMemo(() => createClient(service, transport), [service, transport]);
}
