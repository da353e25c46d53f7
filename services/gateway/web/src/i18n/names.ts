// Names that the machinery uses, as people say them; one that is not known here is shown as it is.
import type { Origin } from "../gen/qudao/history/v1/history_service_pb";
import type { Translate } from "./i18n";
import { isKey, keysUnder } from "./words";

const named = (key: string, name: string, t: Translate) => (isKey(key) ? t(key) : name);

export const aggregateName = (name: string, t: Translate) => named(`aggregate.${name}`, name, t);
export const contextName = (name: string, t: Translate) => named(`context.${name}`, name, t);
export const eventName = (name: string, t: Translate) => named(`event.${name}`, name, t);
export const modelName = (name: string, t: Translate) => named(`model.${name}`, name, t);

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

export const eventTypes = () => keysUnder("event.");
export const contexts = () => keysUnder("context.");
