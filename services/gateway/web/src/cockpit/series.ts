import { periodName, periodStarts, type Dates } from "../format/period";
import type { Grain, SalesRow } from "../gen/qudao/bi/v1/sales_query_service_pb";

export interface Point {
  /** First day of the period. */
  start: string;
  name: string;
  row: SalesRow | undefined;
  /** Last period of a run of empty ones that stands here as a single point. */
  emptyUntil?: string;
}

/** A longer silence than this between two sales is drawn as one gap. */
const LONGEST_SILENCE = 6;

/**
 * The rows in order of time, with zeros where nothing was sold. Years of nothing in the middle
 * would press everything else to the edges, so a long silence takes one place.
 */
export function seriesOf(rows: SalesRow[], dates: Dates | undefined, grain: Grain, fold: boolean): Point[] {
  const byStart = new Map(rows.map((row) => [row.keys[0]?.id ?? "", row]));
  const starts = [...new Set([...(dates ? periodStarts(dates, grain) : []), ...byStart.keys()])].sort();
  const points = starts.map((start) => ({ start, name: periodName(start, grain), row: byStart.get(start) }));
  return fold ? foldSilence(points) : points;
}

function foldSilence(points: Point[]): Point[] {
  const folded: Point[] = [];
  let silence: Point[] = [];
  const flush = () => {
    const [first, last] = [silence[0], silence.at(-1)];
    if (first && last && silence.length > LONGEST_SILENCE) {
      folded.push({ ...first, name: "⋯", emptyUntil: last.name });
    } else folded.push(...silence);
    silence = [];
  };
  for (const point of points) {
    if (!point.row) silence.push(point);
    else {
      flush();
      folded.push(point);
    }
  }
  flush();
  return folded;
}
