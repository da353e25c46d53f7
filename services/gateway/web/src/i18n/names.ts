// Names that the machinery uses, as people say them; one that is not known here is shown as it is.
import type { Origin } from "../gen/qudao/history/v1/history_service_pb";
import type { Key, Translate } from "./i18n";
import { zh } from "./zh";

function named(kind: "aggregate" | "context" | "event" | "model", name: string, t: Translate): string {
  const key = `${kind}.${name}`;
  return Object.hasOwn(zh, key) ? t(key as Key) : name;
}

export const aggregateName = (name: string, t: Translate) => named("aggregate", name, t);
export const contextName = (name: string, t: Translate) => named("context", name, t);
export const eventName = (name: string, t: Translate) => named("event", name, t);
export const modelName = (name: string, t: Translate) => named("model", name, t);

const POLICY = "policy:";
const PROGRAM = "service:";

/** Who caused an event: a person, unless they were erased, a policy by what it does, or a program of the brand. */
export function actorName(origin: Origin | undefined, t: Translate): string {
  if (origin?.actorErased) return t("history.erased");
  const name = origin?.actorName || origin?.actorId;
  if (!name) return t("history.system");
  if (origin?.actorId.startsWith(PROGRAM)) return t("programs.actor", { id: name.replace(PROGRAM, "") });
  return origin?.actorId.startsWith(POLICY) ? modelName(name.replace(POLICY, ""), t) : name;
}

const keysOf = (kind: string) =>
  Object.keys(zh).filter((key) => key.startsWith(`${kind}.`)).map((key) => key.slice(kind.length + 1));

export const EVENT_TYPES = keysOf("event");
export const CONTEXTS = keysOf("context");
