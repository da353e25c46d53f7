import { createClient, createRouterTransport, Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { OperationsService } from "../gen/qudao/operations/v1/operations_service_pb";
import { backOffMillis, watchProjections, type Connection } from "./watch";

describe("watching", () => {
  it("waits longer after each failure, up to a limit", () => {
    expect(backOffMillis(1, 1)).toBe(500);
    expect(backOffMillis(4, 1)).toBe(4_000);
    expect(backOffMillis(50, 1)).toBe(15_000);
    expect(backOffMillis(1, 0)).toBe(250);
  });

  it("polls after a broken stream and comes back to it", async () => {
    let streams = 0;
    const transport = createRouterTransport(({ service }) =>
      service(OperationsService, {
        watchProjections: async function* () {
          streams += 1;
          if (streams === 1) throw new ConnectError("gone", Code.Unavailable);
          yield { projections: [{ name: "sales", position: 7n }] };
        },
        listProjections: () => ({ projections: [{ name: "sales", position: 5n }] }),
      }),
    );
    const abort = new AbortController();
    const seen: (Connection | bigint)[] = [];
    await watchProjections(
      createClient(OperationsService, transport),
      {
        onConnection: (connection) => seen.push(connection),
        onStatus: ([sales]) => {
          seen.push(sales?.position ?? 0n);
          if (sales?.position === 7n) abort.abort();
        },
      },
      abort.signal,
    );
    expect(seen).toEqual(["polling", 5n, "live", 7n]);
  });

  it("begins anew when a token ended early, and stops when the sign-in is over", async () => {
    let [streams, polls] = [0, 0];
    const refused = new ConnectError("ended", Code.Unauthenticated);
    const transport = createRouterTransport(({ service }) =>
      service(OperationsService, {
        watchProjections: async function* () {
          streams += 1;
          throw refused;
        },
        listProjections: () => {
          polls += 1;
          // The first poll comes through because its token was exchanged on the way.
          if (polls > 1) throw refused;
          return { projections: [] };
        },
      }),
    );
    const seen: Connection[] = [];
    const watcher = { onConnection: (connection: Connection) => seen.push(connection), onStatus: () => undefined };
    await watchProjections(createClient(OperationsService, transport), watcher, new AbortController().signal);
    expect(streams).toBe(2);
    expect(seen).not.toContain("offline");
  });
});
