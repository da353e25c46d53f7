import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { CausationNodeSchema } from "../gen/qudao/history/v1/history_service_pb";
import { eventTypes } from "../i18n/names";
import { CallResult } from "../gen/qudao/history/v1/access_log_service_pb";
import { callsRequest, rpcParts } from "./calls-state";
import { isFiltered, isStory, requestOf } from "./state";
import { spanOf, treeOf, type Branch } from "./tree";

describe("the event search", () => {
  it("asks for what the URL says, in the company's time", () => {
    const params = new URLSearchParams(
      "actor=admin&object= order/A-1 &type=OrderShipped,OrderReceived&context=order&from=2026-11-23T08:00&token=t-2",
    );
    expect(requestOf(params, "Asia/Shanghai")).toEqual({
      object: "order/A-1",
      actorId: "admin",
      correlationId: "",
      eventTypes: ["OrderShipped", "OrderReceived"],
      contexts: ["order"],
      fromTime: "2026-11-23T00:00:00.000Z",
      toTime: "",
      page: { size: 50, token: "t-2" },
    });
    expect(isFiltered(params)).toBe(true);
  });

  it("knows a correlation id when it sees one", () => {
    expect(isStory("") && isStory("4337ea3f-ddb4-4572-a574-5b5bd0227f0f")).toBe(true);
    expect(isStory("SO-000001")).toBe(false);
  });

  it("has a name for every event that there is", () => {
    const schemas = Object.keys(import.meta.glob("../../../../../event-schemas/*/*/*.v*.json"));
    const types = schemas.map((file) => file.replace(/^.*\/(\w+)\.v\d+\.json$/, "$1"));
    expect(types.length).toBeGreaterThan(0);
    expect(eventTypes().sort()).toEqual([...new Set(types)].sort());
  });

  it("asks for everything without filters", () => {
    expect(isFiltered(new URLSearchParams("page=2&token=t-2"))).toBe(false);
    expect(requestOf(new URLSearchParams("from=yesterday"), "UTC")).toMatchObject({ eventTypes: [], fromTime: "" });
  });
});

const node = (id: string, parentId: string, recordedAt = "") =>
  create(CausationNodeSchema, { id, parentId, ...(recordedAt && { event: { eventId: id, recordedAt } }) });

const shape = (branches: Branch[]): unknown[] => branches.map(({ node: { id }, effects }) => [id, ...shape(effects)]);

describe("a story", () => {
  const nodes = [
    node("request", ""),
    node("a", "request", "2026-11-23T08:00:00.000Z"),
    node("a1", "a", "2026-11-23T08:00:00.250Z"),
    node("b", "request", "2026-11-23T08:00:00.100Z"),
  ];

  it("has every event below its cause", () => {
    expect(shape(treeOf(nodes))).toEqual([["request", ["a", ["a1"]], ["b"]]]);
  });

  it("loses nothing when a cause is missing", () => {
    expect(shape(treeOf(nodes.slice(2)))).toEqual([["a1"], ["b"]]);
  });

  it("knows how long it took", () => {
    expect(spanOf(nodes)).toEqual({ events: 3, millis: 250 });
    expect(spanOf([])).toEqual({ events: 0, millis: 0 });
  });
});

describe("the access log", () => {
  it("asks for what the URL says, in the company's time", () => {
    const params = new URLSearchParams("actor=admin&rpc=ListOrders&result=refused,error,made-up&to=2026-11-23T08:00");
    expect(callsRequest(params, "Asia/Shanghai")).toEqual({
      actorId: "admin",
      rpc: "ListOrders",
      named: "",
      address: "",
      results: [CallResult.REFUSED, CallResult.ERROR],
      fromTime: "",
      toTime: "2026-11-23T00:00:00.000Z",
      page: { size: 50, token: "" },
    });
  });

  it("tells what was done from who does it", () => {
    expect(rpcParts("qudao.order.v1.OrderService/SubmitOrder")).toEqual({ method: "SubmitOrder", service: "order.v1.OrderService" });
    expect(rpcParts("nonsense")).toEqual({ method: "nonsense", service: "nonsense" });
  });
});
