import { Code } from "@connectrpc/connect";
import { isCode } from "../api/errors";
import { ParkedState, type ParkedFact } from "../gen/qudao/operations/v1/operations_service_pb";

/** A parked fact by its read model and position, as one word of the URL. */
export function keyOf({ projection, position }: Pick<ParkedFact, "projection" | "position">): string {
  return `${projection}:${position}`;
}

export function factOf(key: string): { projection: string; position: bigint } | undefined {
  const [, projection, position] = /^([^:]+):(\d+)$/.exec(key) ?? [];
  return projection && position ? { projection, position: BigInt(position) } : undefined;
}

/** Later facts of the same object, which go on when this one does. */
export function behindFact(facts: ParkedFact[], head: ParkedFact): ParkedFact[] {
  return facts.filter(
    (fact) =>
      fact.state === ParkedState.HELD &&
      fact.projection === head.projection &&
      fact.tenantId === head.tenantId &&
      fact.object === head.object &&
      fact.rebuild === head.rebuild &&
      fact.position > head.position,
  );
}

export type RetryOutcome = { applied: true } | { applied: false; reason: string } | undefined;

const LOOKS = 60;
const BETWEEN_MS = 500;

const aMoment = () => new Promise<void>((resolve) => setTimeout(resolve, BETWEEN_MS));

/** Waits for the one try and tells how it went; undefined when it was not made in half a minute. */
export async function outcomeOfRetry(look: () => Promise<ParkedFact | undefined>, pause = aMoment): Promise<RetryOutcome> {
  for (let i = 0; i < LOOKS; i += 1) {
    await pause();
    try {
      const fact = await look();
      if (fact && fact.state !== ParkedState.RETRYING) return { applied: false, reason: fact.reason };
    } catch (error) {
      // What has been applied is no longer parked.
      if (isCode(error, Code.NotFound)) return { applied: true };
      throw error;
    }
  }
  return undefined;
}
