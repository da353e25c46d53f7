import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import { TransportContext } from "../api/clients";
import type { Query } from "../api/use-query";
import { GetOrderResponseSchema } from "../gen/qudao/order/v1/order_query_service_pb";
import { ListBackOrdersResponseSchema } from "../gen/qudao/order/v1/waiting_query_service_pb";
import { OrderWaiting } from "./order-waiting";
import { Others } from "./others";

let answer: Partial<Query<unknown>>;

// Without a browser nothing is asked, and nobody has signed in.
vi.mock(import("../api/use-query"), async (original) => ({
  ...(await original()),
  useQuery: <T,>() => ({ data: undefined, error: undefined, loading: false, refetch: () => undefined, ...answer }) as Query<T>,
}));
vi.mock(import("../session/session"), async (original) => ({
  ...(await original()),
  useMay: () => () => false,
  useSession: () => ({ session: undefined }) as ReturnType<Awaited<ReturnType<typeof original>>["useSession"]>,
}));

function shown(query: Partial<Query<unknown>>): string {
  answer = query;
  const order = create(GetOrderResponseSchema, { summary: { orderId: "SO-1", waiting: 12n } });
  return renderToStaticMarkup(
    <TransportContext.Provider value={createRouterTransport(() => undefined)}>
      <OrderWaiting order={order} />
    </TransportContext.Provider>,
  );
}

const told = (init: MessageInitShape<typeof ListBackOrdersResponseSchema>) => ({ data: create(ListBackOrdersResponseSchema, init) });

describe("what an order waits for", () => {
  it("is not said to be nothing while it is asked for, nor when that failed", () => {
    expect(shown({ loading: true })).toContain('role="status"');
    const failed = shown({ error: new ConnectError("away", Code.Unavailable) });
    expect(failed).toContain('role="alert"');
    expect(failed).not.toContain("<li");
  });

  it("is shown with its place in line, and how much there is besides", () => {
    const backOrders = [{ productId: "tea-1", productName: "冰红茶", baseUnit: "瓶", waiting: 12n, place: 3 }];
    const whole = shown(told({ backOrders, page: { total: 1n } }));
    expect(whole).toContain('data-waits-for="tea-1"');
    expect(whole).not.toContain("data-others");
    expect(shown(told({ backOrders, page: { total: 4n, nextToken: "more" } }))).toContain('data-others="3"');
  });
});

describe("a line of orders", () => {
  it("says how many stand behind those that are shown", () => {
    const others = (total: bigint) => renderToStaticMarkup(<Others page={{ $typeName: "qudao.common.v1.PageInfo", nextToken: "", total }} shown={200} words="waiting.others.orders" />);
    expect(others(1_234n)).toContain("后面还有 1,034 个订单");
    expect(others(200n)).toBe("");
  });
});
