import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { useClient } from "../api/clients";
import { GenerationContext } from "../api/use-query";
import { OperationsService, type ProjectionStatus } from "../gen/qudao/operations/v1/operations_service_pb";
import { watchProjections, type Connection } from "./watch";

interface Live {
  connection: Connection;
  projections: ProjectionStatus[];
}

// A burst of events must not make every page ask more often than it can be answered.
const SHORTEST_MS = 500;

const LiveContext = createContext<Live>({ connection: "connecting", projections: [] });

export function useLive(): Live {
  return useContext(LiveContext);
}

export function useProjection(name: string): ProjectionStatus | undefined {
  return useLive().projections.find((projection) => projection.name === name);
}

/** Changes whenever the read model moves on: the `tick` of a query over it. */
export function useTick(name: string): string {
  const position = useProjection(name)?.position;
  return position === undefined ? "" : position.toString();
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const operations = useClient(OperationsService);
  const generation = useContext(GenerationContext);
  const [connection, setConnection] = useState<Connection>("connecting");
  const [projections, setProjections] = useState<ProjectionStatus[]>([]);

  useEffect(() => {
    const abort = new AbortController();
    let pending: ProjectionStatus[] | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      timer = undefined;
      if (!pending) return;
      setProjections(pending);
      pending = undefined;
      timer = setTimeout(show, SHORTEST_MS);
    };
    const onStatus = (next: ProjectionStatus[]) => {
      pending = next;
      if (timer === undefined) show();
    };
    void watchProjections(operations, { onConnection: setConnection, onStatus }, abort.signal);
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [operations, generation]);

  const live = useMemo(() => ({ connection, projections }), [connection, projections]);
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

/** The time, refreshed often enough for "0.4 s ago" to be true. */
export function useNow(everyMillis = 1_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMillis);
    return () => clearInterval(timer);
  }, [everyMillis]);
  return now;
}
