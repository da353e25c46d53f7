// Machinery in trouble, as it is hardly ever seen: the operator's pages can be looked at with the
// login `operator`.
import { Code, ConnectError } from "@connectrpc/connect";
import { ParkedState, RebuildOutcome } from "../gen/qudao/operations/v1/operations_service_pb";
import type { World } from "./world";

interface Model {
  name: string;
  context: string;
  policy: boolean;
  paused: boolean;
  problem: string;
  behind: bigint;
  parked: bigint;
  held: bigint;
  rebuild?: {
    startedAt: string;
    startedBy: string;
    finishedAt: string;
    position: bigint;
    compareOnly: boolean;
    problem: string;
    outcome: RebuildOutcome;
  };
}

const model = (name: string, context: string, more: Partial<Model> = {}): Model => ({
  name, context, policy: false, paused: false, problem: "", behind: 0n, parked: 0n, held: 0n, ...more,
});

const PAYLOAD = '{"type":"OrderShipped","order_id":"A-1041","lines":[{"line_no":1,"quantity":12}],"carrier":"SF-EXPRESS"}';

export function demoOperations(world: World, moved: () => void) {
  const models = [
    model("event_index_order", "order"),
    model("event_index_partner", "partner"),
    model("orders", "order", { parked: 1n, held: 2n }),
    model("partners", "partner", { problem: "the checkpoint is at 181, but the log ends at 160" }),
    model("products", "order", { paused: true, behind: 12n }),
    model("sales", "order", { rebuild: filling(world.position / 3n, false) }),
    model("order_metrics", "order"),
    model("payments", "order"),
    model("stock", "order"),
    model("open-accounts", "partner", { policy: true }),
    model("follow-regions", "partner", { policy: true }),
  ];
  let facts = [
    fact(1_041n, "OrderShipped v1", ParkedState.PARKED, 5, "the carrier SF-EXPRESS is not known to this program"),
    fact(1_052n, "OrderShipped v1", ParkedState.HELD, 0, ""),
    fact(1_060n, "OrderReceived v1", ParkedState.HELD, 0, ""),
  ];
  const streams = [
    { name: "ORDER", problem: "OTHER_HISTORY", zh: "从第 1,001 号起，流里是别的事件，不是日志里的。", en: "from sequence 1001 on the stream holds other events than its log" },
    { name: "PARTNER", problem: "", zh: "", en: "" },
  ];
  const statusOf = () =>
    streams.map(({ name, problem, zh, en }) => ({
      name,
      logPosition: world.position,
      streamSequence: world.position,
      events: world.position,
      problem,
      problemZh: zh,
      problemEn: en,
    }));
  const find = (name: string) => {
    const found = models.find((one) => one.name === name);
    if (!found) throw new ConnectError("no such read model", Code.NotFound);
    return found;
  };
  const change = (name: string, apply: (found: Model) => void) => {
    apply(find(name));
    moved();
    return {};
  };
  const leave = (position: bigint) => {
    facts = facts.filter((one) => one.position !== position).map((one) => ({ ...one, state: ParkedState.PARKED, tries: 1, reason: "the order is not shipped yet" }));
    Object.assign(find("orders"), { parked: BigInt(facts.length), held: 0n });
    moved();
    return {};
  };
  return {
    /** The read models as they are told of. */
    statuses: (fresh: { eventTime: string; appliedAt: string }) =>
      models.map(({ behind, ...one }) => ({
        ...one,
        ...fresh,
        position: world.position - behind,
        logPosition: world.position,
        version: 1,
      })),
    service: {
      getStreamStatus: () => ({ streams: statusOf() }),
      reconcileStream: ({ name, dryRun }: { name: string; dryRun: boolean }) => {
        const found = statusOf().find((one) => one.name === name);
        const first = streams[0];
        if (!dryRun && first) Object.assign(first, { problem: "", zh: "", en: "" });
        return { found, foreignFrom: 1_001n, foreignEvents: 41n, putAside: dryRun ? "" : `${name}_ASIDE_20261123T101500`, deleted: !dryRun };
      },
      pauseProjection: ({ name }: { name: string }) => change(name, (one) => (one.paused = true)),
      resumeProjection: ({ name }: { name: string }) => change(name, (one) => Object.assign(one, { paused: false, behind: 0n })),
      rebuildProjection: ({ name }: { name: string }) => change(name, (one) => (one.rebuild = filling(0n, false))),
      compareProjection: ({ name }: { name: string }) =>
        change(name, (one) => {
          one.rebuild = { ...filling(world.position, true), finishedAt: new Date().toISOString(), outcome: RebuildOutcome.DIFFERENT, ...{ tables: TABLES } };
        }),
      cancelRebuild: ({ name }: { name: string }) =>
        change(name, (one) => {
          if (one.rebuild) Object.assign(one.rebuild, { finishedAt: new Date().toISOString(), outcome: RebuildOutcome.CANCELLED });
        }),
      listParkedFacts: () => ({ facts }),
      getParkedFact: ({ position }: { position: bigint }) => {
        const found = facts.find((one) => one.position === position);
        if (!found) throw new ConnectError("not parked", Code.NotFound);
        return { fact: found, payloadJson: PAYLOAD, recordedAt: found.since };
      },
      retryParkedFact: () => ({}),
      skipParkedFact: ({ position }: { position: bigint }) => leave(position),
    },
  };
}

const TABLES = [
  { table: "orders", liveRows: 322n, nextRows: 322n, liveChecksum: "a1", nextChecksum: "a1" },
  { table: "order_lines", liveRows: 2_466n, nextRows: 2_465n, liveChecksum: "b1", nextChecksum: "b2" },
];

function filling(position: bigint, compareOnly: boolean) {
  return {
    startedAt: new Date(Date.now() - 4_000).toISOString(),
    startedBy: "operator",
    finishedAt: "",
    position,
    compareOnly,
    problem: "",
    outcome: RebuildOutcome.UNSPECIFIED,
  };
}

function fact(position: bigint, eventType: string, state: ParkedState, tries: number, reason: string) {
  return {
    projection: "orders", position, tenantId: "bikes", object: "order/A-1041", eventType, state, tries, reason,
    since: new Date(Date.now() - 5_400_000).toISOString(), rebuild: false,
  };
}
