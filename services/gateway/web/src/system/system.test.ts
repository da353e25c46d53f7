import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { ParkedFactSchema, ParkedState, ProjectionStatusSchema, RebuildSchema } from "../gen/qudao/operations/v1/operations_service_pb";
import { behindFact, factOf, keyOf, outcomeOfRetry } from "./facts";
import { actionsFor, callsForReconciling, lagOf, progressOf, stateOf } from "./state";

const STARTED = "2026-11-23T08:00:00Z";

const projection = (more: MessageInitShape<typeof ProjectionStatusSchema> = {}) =>
  create(ProjectionStatusSchema, { name: "orders", position: 100n, logPosition: 100n, ...more });

const underWay = { startedAt: STARTED, position: 25n, goal: 90n };

describe("a read model", () => {
  it("tells what a person should know first", () => {
    expect(stateOf(projection())).toBe("runs");
    expect(stateOf(projection({ position: 98n }))).toBe("behind");
    expect(stateOf(projection({ retrying: 1n }))).toBe("retrying");
    expect(stateOf(projection({ parked: 1n, retrying: 1n }))).toBe("parked");
    expect(stateOf(projection({ parked: 1n, rebuild: underWay }))).toBe("rebuilding");
    expect(stateOf(projection({ rebuild: { ...underWay, compareOnly: true } }))).toBe("comparing");
    expect(stateOf(projection({ rebuild: { ...underWay, problem: "facts are parked" } }))).toBe("waiting");
    expect(stateOf(projection({ paused: true, rebuild: underWay }))).toBe("paused");
    expect(stateOf(projection({ paused: true, problem: "no table" }))).toBe("stuck");
  });

  it("is not rebuilding when the last rebuild is over", () => {
    expect(stateOf(projection({ rebuild: { ...underWay, finishedAt: STARTED } }))).toBe("runs");
  });

  it("tells how late it is", () => {
    const times = { eventTime: STARTED, appliedAt: "2026-11-23T08:00:00.400Z" };
    const now = Date.parse(STARTED) + 90_000;
    expect(lagOf(projection(times), now)).toBe(400);
    expect(lagOf(projection({ ...times, position: 99n }), now)).toBe(90_000);
    expect(lagOf(projection({ ...times, appliedAt: "2026-11-24T08:00:00Z" }), now)).toBeUndefined();
    expect(lagOf(projection({ position: 0n, logPosition: 0n }), now)).toBeUndefined();
  });

  it("offers what makes sense now", () => {
    expect(actionsFor(projection())).toEqual(["pause", "rebuild", "compare"]);
    expect(actionsFor(projection({ paused: true, rebuild: underWay }))).toEqual(["resume", "cancel"]);
    expect(actionsFor(projection({ policy: true }))).toEqual(["pause"]);
  });
});

describe("a rebuild", () => {
  const rebuild = create(RebuildSchema, underWay);

  it("is measured against a log that grows", () => {
    const progress = progressOf(rebuild, 100n, Date.parse(STARTED) + 5_000);
    expect(progress).toEqual({ percent: 25, remaining: 75n, millisLeft: 15_000 });
  });

  it("does not guess before it has begun, or when the log is empty", () => {
    expect(progressOf(create(RebuildSchema, { startedAt: STARTED }), 100n, 0).millisLeft).toBeUndefined();
    expect(progressOf(create(RebuildSchema), 0n, 0)).toMatchObject({ percent: 100, remaining: 0n });
  });
});

describe("a stream", () => {
  it("is filled again only when that helps", () => {
    expect(["AHEAD_OF_LOG", "OTHER_HISTORY", "INCOMPLETE"].every(callsForReconciling)).toBe(true);
    expect(["", "UNREACHABLE", "FAILING"].some(callsForReconciling)).toBe(false);
  });
});

const fact = (position: bigint, more: MessageInitShape<typeof ParkedFactSchema> = {}) =>
  create(ParkedFactSchema, { projection: "orders", tenantId: "bikes", object: "order/A-1", position, state: ParkedState.HELD, ...more });

describe("a parked fact", () => {
  it("has a place in the URL", () => {
    expect(factOf(keyOf(fact(18_446_744_073_709_551_615n)))).toEqual({ projection: "orders", position: 18_446_744_073_709_551_615n });
    expect(factOf("orders")).toBeUndefined();
    expect(factOf("orders:x")).toBeUndefined();
  });

  it("knows what waits behind it", () => {
    const head = fact(4n, { state: ParkedState.PARKED });
    const others = [fact(7n, { object: "order/A-2" }), fact(8n, { tenantId: "tea" }), fact(9n, { rebuild: true }), fact(3n)];
    expect(behindFact([head, fact(5n), fact(6n), ...others], head).map((one) => one.position)).toEqual([5n, 6n]);
  });
});

describe("a retry", () => {
  const now = () => Promise.resolve();

  it("waits while the fact is tried, and is over when it is gone", async () => {
    let looks = 0;
    const look = async () => {
      looks += 1;
      if (looks > 2) throw new ConnectError("gone", Code.NotFound);
      return fact(4n, { state: ParkedState.RETRYING });
    };
    expect(await outcomeOfRetry(look, now)).toEqual({ applied: true });
    expect(looks).toBe(3);
  });

  it("tells why it failed again, and does not wait for ever", async () => {
    const failed = fact(4n, { state: ParkedState.PARKED, reason: "no such column" });
    expect(await outcomeOfRetry(async () => failed, now)).toEqual({ applied: false, reason: "no such column" });
    const retrying = fact(4n, { state: ParkedState.RETRYING });
    expect(await outcomeOfRetry(async () => retrying, now)).toBeUndefined();
  });

  it("passes on that nobody answers", async () => {
    const look = () => Promise.reject(new ConnectError("away", Code.Unavailable));
    await expect(outcomeOfRetry(look, now)).rejects.toThrow("away");
  });
});
