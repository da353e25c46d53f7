// The region tree as it is drawn: which rows are seen, and where the keyboard goes next.

export interface Region {
  regionId: string;
  name: string;
  parentId: string;
  dealers: number;
  /** The day from which on it takes nothing new; empty when there is none. */
  retiredOn: string;
}

export interface Row {
  region: Region;
  /** 1 for the root. */
  level: number;
  hasChildren: boolean;
  open: boolean;
  /** Its place among those beside it, from 1, and how many these are. */
  place: number;
  beside: number;
}

export interface Forest {
  byId: Map<string, Region>;
  root: Region | undefined;
  childrenOf: (id: string) => Region[];
  /** Ids from the root down to the region. */
  pathTo: (id: string) => string[];
  /** The region and all that is below it. */
  within: (id: string) => Set<string>;
  /** Dealers in the region and in all that is below it. */
  dealersWithin: (id: string) => number;
}

export function forestOf(regions: Region[]): Forest {
  const byId = new Map(regions.map((region) => [region.regionId, region]));
  const children = new Map<string, Region[]>();
  for (const region of regions) {
    const beside = children.get(region.parentId);
    if (beside) beside.push(region);
    else children.set(region.parentId, [region]);
  }
  const childrenOf = (id: string) => children.get(id) ?? [];
  const pathTo = (id: string) => {
    const path: string[] = [];
    let at = byId.get(id);
    while (at && path.length < regions.length) {
      path.unshift(at.regionId);
      at = byId.get(at.parentId);
    }
    return path;
  };
  const within = (id: string) => {
    const found = new Set([id]);
    for (const one of found) for (const child of childrenOf(one)) found.add(child.regionId);
    return found;
  };
  const dealersWithin = (id: string) =>
    [...within(id)].reduce((sum, one) => sum + (byId.get(one)?.dealers ?? 0), 0);
  return { byId, root: regions.find((region) => region.parentId === ""), childrenOf, pathTo, within, dealersWithin };
}

/** What a search finds with the way there; nothing when nothing is searched for. */
export function matching(forest: Forest, search: string): Set<string> | undefined {
  const wanted = search.trim().toLowerCase();
  if (!wanted) return undefined;
  const seen = new Set<string>();
  for (const { regionId, name } of forest.byId.values()) {
    if (!name.toLowerCase().includes(wanted) && !regionId.includes(wanted)) continue;
    for (const id of forest.pathTo(regionId)) seen.add(id);
  }
  return seen;
}

/** The rows from top to bottom. While something is searched for, every way to it is open. */
export function rowsOf(forest: Forest, open: ReadonlySet<string>, found?: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  const add = (region: Region, level: number, place: number, beside: number) => {
    const all = forest.childrenOf(region.regionId);
    const shown = found ? all.filter(({ regionId }) => found.has(regionId)) : all;
    const isOpen = found ? shown.length > 0 : open.has(region.regionId) && all.length > 0;
    rows.push({ region, level, hasChildren: shown.length > 0, open: isOpen, place, beside });
    if (isOpen) shown.forEach((child, index) => add(child, level + 1, index + 1, shown.length));
  };
  if (forest.root && (!found || found.has(forest.root.regionId))) add(forest.root, 1, 1, 1);
  return rows;
}

/** What a key does on a row, as people know it from trees: WAI-ARIA's pattern. */
export type Step = { focus: string } | { open: string } | { close: string } | undefined;

export function stepOf(key: string, rows: Row[], at: string): Step {
  const index = rows.findIndex(({ region }) => region.regionId === at);
  const row = rows[index];
  const to = (target: Row | undefined) => (target ? { focus: target.region.regionId } : undefined);
  if (!row) return undefined;
  switch (key) {
    case "ArrowDown":
      return to(rows[index + 1]);
    case "ArrowUp":
      return to(rows[index - 1]);
    case "Home":
      return to(rows[0]);
    case "End":
      return to(rows[rows.length - 1]);
    case "ArrowRight":
      if (row.hasChildren && !row.open) return { open: at };
      return row.open ? to(rows[index + 1]) : undefined;
    case "ArrowLeft":
      if (row.open) return { close: at };
      return to(rows.find(({ region }) => region.regionId === row.region.parentId));
    default:
      return undefined;
  }
}
