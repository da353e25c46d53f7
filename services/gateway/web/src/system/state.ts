import { lagMillis } from "../format/time";
import { RebuildOutcome, type ProjectionStatus, type Rebuild, type TableComparison } from "../gen/qudao/operations/v1/operations_service_pb";

export type ProjectionState =
  | "stuck"
  | "paused"
  | "waiting"
  | "rebuilding"
  | "comparing"
  | "parked"
  | "retrying"
  | "behind"
  | "runs";

export function behind(ahead: bigint, now: bigint): bigint {
  return ahead > now ? ahead - now : 0n;
}

const NOT_FROM_NOW_MS = 60_000;

/**
 * How late it is: behind, how old the last event is that it knows; in step, how long that one was
 * on its way. What was applied again after a rebuild was late for no reason that matters now.
 */
export function lagOf(projection: ProjectionStatus, now: number): number | undefined {
  const { eventTime, appliedAt, position, logPosition } = projection;
  if (position < logPosition) return lagMillis(eventTime, new Date(now).toISOString());
  const lag = lagMillis(eventTime, appliedAt);
  return lag !== undefined && lag < NOT_FROM_NOW_MS ? lag : undefined;
}

/** Tables that are being filled now; those of the past are not. */
export function filling(projection: ProjectionStatus): Rebuild | undefined {
  return projection.rebuild?.finishedAt === "" ? projection.rebuild : undefined;
}

/** What a person should know first. */
export function stateOf(projection: ProjectionStatus): ProjectionState {
  if (projection.problem) return "stuck";
  if (projection.paused) return "paused";
  const rebuild = filling(projection);
  if (rebuild?.problem) return "waiting";
  if (rebuild) return rebuild.compareOnly ? "comparing" : "rebuilding";
  if (projection.parked > 0n) return "parked";
  if (projection.retrying > 0n) return "retrying";
  return projection.position < projection.logPosition ? "behind" : "runs";
}

export type ActionName = "pause" | "resume" | "rebuild" | "compare" | "cancel";

/** What makes sense now. A policy has no tables to fill. */
export function actionsFor(projection: ProjectionStatus): ActionName[] {
  const run: ActionName = projection.paused ? "resume" : "pause";
  if (projection.policy) return [run];
  return filling(projection) ? [run, "cancel"] : [run, "rebuild", "compare"];
}

export interface Progress {
  percent: number;
  remaining: bigint;
  /** Undefined as long as there is nothing to go by. */
  millisLeft: number | undefined;
}

/** How far tables are that are being filled; the log may grow meanwhile. */
export function progressOf(rebuild: Rebuild, logPosition: bigint, now: number): Progress {
  const goal = rebuild.goal > logPosition ? rebuild.goal : logPosition;
  const remaining = behind(goal, rebuild.position);
  const percent = goal === 0n ? 100 : Number(((goal - remaining) * 100n) / goal);
  const elapsed = now - Date.parse(rebuild.startedAt);
  const known = rebuild.position > 0n && remaining > 0n && elapsed > 0;
  return {
    percent,
    remaining,
    millisLeft: known ? (elapsed * Number(remaining)) / Number(rebuild.position) : undefined,
  };
}

export function isSame(table: TableComparison): boolean {
  return table.liveRows === table.nextRows && table.liveChecksum === table.nextChecksum;
}

const OUTCOMES = {
  [RebuildOutcome.UNSPECIFIED]: undefined,
  [RebuildOutcome.SWITCHED]: "switched",
  [RebuildOutcome.SAME]: "same",
  [RebuildOutcome.DIFFERENT]: "different",
  [RebuildOutcome.CANCELLED]: "cancelled",
} as const;

/** How the last tables that were filled ended. */
export function outcomeOf(projection: ProjectionStatus) {
  return projection.rebuild && OUTCOMES[projection.rebuild.outcome];
}

/** Problems of a stream that filling it again from its log puts right. */
const RECONCILED = ["AHEAD_OF_LOG", "OTHER_HISTORY", "INCOMPLETE"];

export function callsForReconciling(problem: string): boolean {
  return RECONCILED.includes(problem);
}
