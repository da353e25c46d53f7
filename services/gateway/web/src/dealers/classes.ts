// Levels and channels as they are written down, and what a dealer is in words.
import type { Key, Translate } from "../i18n/i18n";
import type { DealerClass } from "./use-dealer-classes";

/** A level or channel in the form; what is there already keeps its id. */
export interface ClassRow extends DealerClass {
  known: boolean;
}

export const NEW_ROW: ClassRow = { id: "", name: "", known: false };

const ID = /^[a-z0-9-]{1,64}$/;

export function rowsOf(classes: DealerClass[]): ClassRow[] {
  return classes.map(({ id, name }) => ({ id, name, known: true }));
}

/** What is wrong with a row; a new one that nothing was typed into is none. */
export function rowProblem(rows: ClassRow[], at: number): Key | undefined {
  const row = rows[at];
  if (!row || isBlank(row)) return undefined;
  if (row.name.trim() === "") return "classes.name.needed";
  if (!ID.test(row.id)) return "classes.id.bad";
  return rows.findIndex(({ id }) => id === row.id) < at ? "classes.id.twice" : undefined;
}

function isBlank({ id, name, known }: ClassRow): boolean {
  return !known && id === "" && name.trim() === "";
}

/** What is new or called otherwise: the rest needs not be said again. */
export function changedRows(before: DealerClass[], rows: ClassRow[]): DealerClass[] {
  const names = new Map(before.map(({ id, name }) => [id, name]));
  const said = rows.filter((row) => !isBlank(row)).map(({ id, name }) => ({ id, name: name.trim() }));
  return said.filter(({ id, name }) => names.get(id) !== name);
}

interface Class {
  levelId: string;
  channelId: string;
}

/** `金牌 · 餐饮`; what a dealer is not goes without saying, unless it is nothing. */
export function classWords(
  { levelId, channelId }: Class,
  { levelName, channelName }: { levelName: (id: string) => string; channelName: (id: string) => string },
  t: Translate,
): string {
  const said = [levelId && levelName(levelId), channelId && channelName(channelId)].filter(Boolean);
  return said.join(" · ") || t("classes.nothing");
}
