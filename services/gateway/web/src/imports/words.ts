import { problemOf } from "../api/errors";
import type { Locale } from "../format/number";
import type { Key, Translate } from "../i18n/i18n";
import type { Problem } from "./fields";
import type { ImportRow, Kind } from "./rows";

export const STATES: Record<Kind, Key> = {
  bad: "import.state.bad",
  same: "import.state.same",
  send: "import.state.send",
  sending: "import.state.sending",
  done: "import.state.done",
  before: "import.state.before",
  refused: "import.state.refused",
};

export function problemWords({ words, field, values }: Problem, t: Translate): string {
  return t(words, { ...values, ...(field && { field: t(field) }) });
}

/** What is said of a row: what is wrong, what will be done, or why it was refused. */
export function rowWords({ state }: ImportRow, locale: Locale, t: Translate): string {
  switch (state.kind) {
    case "bad":
      return state.problems.map((problem) => problemWords(problem, t)).join(t("import.and"));
    case "send":
      return t(state.words, state.values);
    case "refused": {
      const { what, fields } = problemOf(state.error, locale, t);
      return [what, ...fields.map(({ description }) => description)].join(t("import.and"));
    }
    case "before":
      return t("import.before");
    default:
      return "";
  }
}
