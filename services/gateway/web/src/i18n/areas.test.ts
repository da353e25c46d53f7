// Whether every part of the app that is fetched by itself comes with the words that it says.
import { describe, expect, it } from "vitest";
import type { Area } from "./words";

const AREAS: Record<string, Record<string, string>> = import.meta.glob("/src/i18n/areas/*.ts", { eager: true, import: "words" });
const FILES: Record<string, string> = import.meta.glob("/src/**/*.{ts,tsx}", { eager: true, query: "?raw", import: "default" });
const MAIN = "/src/main.tsx";
/** Has the words, rather than says them; or is in no build for use. */
const NOT_READ = /^\/src\/(i18n\/(zh|en|areas|words)|gen\/|preview\/)/;

const areaOf = new Map<string, Area>();
for (const [file, words] of Object.entries(AREAS)) {
  const area = /zh-(\w+)\.ts$/.exec(file)?.[1] as Area | undefined;
  for (const key of Object.keys(words)) if (area) areaOf.set(key, area);
}

interface Part {
  /** Areas of what it says, each with one of the keys. */
  says: Map<Area, string>;
  imports: string[];
  /** What it fetches when it is needed, and the areas whose words come with that. */
  fetches: [file: string, words: Area[]][];
}

function resolve(from: string, to: string): string[] {
  const path = new URL(to, `file://${from}`).pathname;
  return [path, `${path}.ts`, `${path}.tsx`].filter((file) => file in FILES && !NOT_READ.test(file));
}

function read(file: string): Part {
  const text = FILES[file] ?? "";
  const says = new Map<Area, string>();
  // Keys are written out, or at least what they begin with.
  for (const [, written = "", end] of text.matchAll(/["`]([a-zA-Z][\w.-]*)(["`]|\$\{)/g)) {
    const begins = end === "${" && written.includes(".");
    for (const [key, area] of areaOf) if (begins ? key.startsWith(written) : key === written) says.set(area, key);
  }
  const imports = text.matchAll(/^(?:import|export)\s(?!type\s)(?:[^;"]*?\sfrom\s)?"(\.[^"]+)"/gm);
  const fetches = text.matchAll(/\bimport\("(\.[^"]+)"\)((?:, "\w+")*)/g);
  return {
    says,
    imports: [...imports].flatMap(([, to = ""]) => resolve(file, to)),
    fetches: [...fetches].flatMap(([, to = "", words = ""]) =>
      resolve(file, to).map((one): Part["fetches"][number] => [one, (words.match(/\w+/g) ?? []) as Area[]]),
    ),
  };
}

const parts = new Map(Object.keys(FILES).map((file) => [file, read(file)]));

/** The file, with all that comes with it at once. */
function together(file: string, seen = new Set<string>()): Set<string> {
  if (!seen.has(file)) {
    seen.add(file);
    for (const one of parts.get(file)?.imports ?? []) together(one, seen);
  }
  return seen;
}

/** The words that are there when a part shows up: its own, and those of the parts that it is fetched from. */
function wordsAt(entry: string, way: string[] = []): Set<Area> {
  if (entry === MAIN) return new Set(["shell"]);
  const there = new Set<Area>(["shell", "trade", "money", "rules", "office", "names", "mall"]);
  for (const from of entries) {
    if (way.includes(from)) continue;
    for (const file of together(from)) {
      for (const [fetched, words] of parts.get(file)?.fetches ?? []) {
        if (fetched !== entry) continue;
        const have = new Set([...wordsAt(from, [...way, entry]), ...words]);
        for (const area of there) if (!have.has(area)) there.delete(area);
      }
    }
  }
  return there;
}

const entries = new Set([MAIN]);
for (const entry of entries) {
  for (const file of together(entry)) for (const [fetched] of parts.get(file)?.fetches ?? []) entries.add(fetched);
}

describe("words", () => {
  it("are in the same area in both languages", () => {
    const keys = (file: string) => Object.keys(AREAS[file] ?? {}).sort();
    for (const file of Object.keys(AREAS)) expect(keys(file), file).toEqual(keys(file.replace("/en-", "/zh-")));
  });

  it("are found by what this test reads", () => {
    expect(entries.size).toBeGreaterThan(50);
    expect([...together(MAIN)]).toContain("/src/shell/shell.tsx");
    expect(parts.get("/src/app.tsx")?.fetches).toContainEqual(["/src/cockpit/cockpit-page.tsx", ["trade"]]);
  });

  it("come with every part that says them", () => {
    const missing: string[] = [];
    for (const entry of entries) {
      const there = wordsAt(entry);
      for (const file of together(entry)) {
        for (const [area, key] of parts.get(file)?.says ?? []) {
          if (!there.has(area)) missing.push(`${entry} needs the words of "${area}": ${key} in ${file}`);
        }
      }
    }
    expect(missing).toEqual([]);
  });
});
