import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createRouterTransport, type Transport } from "@connectrpc/connect";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import { TransportContext } from "../api/clients";
import { GetProductResponseSchema, OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { taxChoices, taxWords } from "./tax-words";
import { useProductCommand, type Asked } from "./use-product-command";
import { useProductNames } from "./use-product-names";

let ask: ((signal: AbortSignal) => Promise<unknown>) | undefined;

// Nothing is asked while a page is drawn without a browser: the question is kept, to be asked here.
vi.mock(import("../api/use-query"), async (original) => ({
  ...(await original()),
  useQuery: (_, question) => {
    ask = question;
    return { data: undefined, error: undefined, loading: true, refetch: () => undefined };
  },
}));

/** What a hook gives to a page. */
function hooked<T>(hook: () => T, transport: Transport = createRouterTransport(() => undefined)): T {
  const given: T[] = [];
  const Page = (): ReactNode => {
    given.push(hook());
    return null;
  };
  renderToStaticMarkup(<TransportContext.Provider value={transport}><Page /></TransportContext.Provider>);
  return given[0]!;
}

describe("the tax of a product", () => {
  it("can be chosen as it is, also where the rate is none of the usual ones", () => {
    const { choices, chosen } = taxChoices({ ratePpm: 30_000, exempt: false });
    expect(choices.map((tax) => taxWords(tax, (key) => key))).toEqual(["13%", "9%", "6%", "0%", "product.tax.exempt", "3%"]);
    expect(choices[chosen ?? 0]).toEqual({ ratePpm: 30_000, exempt: false });
  });

  it("is told from another, and from none", () => {
    const now = (tax: Parameters<typeof taxChoices>[0]) => {
      const { choices, chosen } = taxChoices(tax);
      return chosen === undefined ? undefined : choices[chosen];
    };
    expect(now({ ratePpm: 90_000, exempt: false })).toEqual({ ratePpm: 90_000, exempt: false });
    expect(now({ ratePpm: 0, exempt: false })).toEqual({ ratePpm: 0, exempt: false });
    expect(now({ ratePpm: 0, exempt: true })).toEqual({ ratePpm: 0, exempt: true });
    expect(now(undefined)).toBeUndefined();
  });
});

describe("names of products", () => {
  it("are asked for by their ids, as many at once as an answer has", async () => {
    const asked: string[][] = [];
    const transport = createRouterTransport(({ service }) =>
      service(OrderQueryService, {
        listProducts: ({ productIds, search }) => {
          expect(search).toBe("");
          asked.push(productIds);
          return { products: productIds.map((productId) => ({ productId, name: `name of ${productId}` })) };
        },
      }),
    );
    hooked(() => useProductNames(["tea-1", "tea-2", "", "tea-1"]), transport);
    await ask?.(new AbortController().signal);
    expect(asked).toEqual([["tea-1", "tea-2"]]);
    hooked(() => useProductNames(Array.from({ length: 450 }, (_, i) => `tea-${i}`)), transport);
    await ask?.(new AbortController().signal);
    expect(asked.slice(1).map((ids) => ids.length)).toEqual([200, 200, 50]);
  });
});

describe("a command on a product", () => {
  const told = create(GetProductResponseSchema, { product: { productId: "tea-1" }, version: 5n });

  it("rests on what was read when its dialog opened", async () => {
    const done: bigint[] = [];
    const command = hooked(() => useProductCommand({ told, onDone: (position) => done.push(position), onStale: () => expect.unreachable() }));
    const sent: Asked[] = [];
    await command.run({ brand: "清泉" }, async (asked) => {
      sent.push(asked);
      return { receipt: { $typeName: "qudao.common.v1.Receipt", objectId: "tea-1", version: 6n, position: 9n } };
    });
    expect(sent).toMatchObject([{ productId: "tea-1", expectedVersion: 5n }]);
    expect(done).toEqual([9n]);
  });

  it("has the product read again when somebody else was faster, and says nothing is done", async () => {
    let stale = 0;
    const command = hooked(() => useProductCommand({ told, onDone: () => expect.unreachable(), onStale: () => (stale += 1) }));
    await command.run({}, () => Promise.reject(new ConnectError("changed meanwhile", Code.Aborted)));
    expect(stale).toBe(1);
  });
});
