// What somebody says about goods that arrive: how many of each line are as they should be, and what
// is wrong with the rest.
import type { OrderLine } from "../gen/qudao/order/v1/order_query_service_pb";
import { toReceive } from "./rules";
import { DIFFERENCES, type DifferenceName } from "./words";
import { namesOf } from "../funds/words";

export interface Differing {
  kind: DifferenceName;
  quantity: number;
  note: string;
}

export interface ReceivedLine {
  lineNo: number;
  name: string;
  unit: string;
  gift: boolean;
  /** What was shipped, and of which nothing was said yet. */
  open: number;
  /** What arrived well, if somebody says so; else all that does not differ. */
  well: number | undefined;
  differences: Differing[];
}

export const LONGEST_NOTE = 200;

export function receiveForm(lines: OrderLine[]): ReceivedLine[] {
  return lines
    .filter((line) => toReceive(line) > 0)
    .map((line) => ({
      lineNo: line.lineNo,
      name: line.productName || line.productId,
      unit: line.baseUnit,
      gift: line.giftPromotionId !== "",
      open: toReceive(line),
      well: undefined,
      differences: [],
    }));
}

export function differing({ differences }: ReceivedLine): number {
  return differences.reduce((sum, { quantity }) => sum + quantity, 0);
}

export function wellOf(line: ReceivedLine): number {
  return line.well ?? Math.max(0, line.open - differing(line));
}

/** What nobody has said anything about yet; below 0 where more is told than was shipped. */
export function restOf(line: ReceivedLine): number {
  return line.open - wellOf(line) - differing(line);
}

/** What can be wrong with a line besides what was said already. */
export function otherKinds({ differences }: ReceivedLine): DifferenceName[] {
  return namesOf(DIFFERENCES).filter((name) => differences.every(({ kind }) => kind !== name));
}

export function addDifference(line: ReceivedLine): ReceivedLine {
  const kind = otherKinds(line)[0];
  return kind ? { ...line, differences: [...line.differences, { kind, quantity: 1, note: "" }] } : line;
}

export function changeDifference(line: ReceivedLine, index: number, change: Partial<Differing>): ReceivedLine {
  return { ...line, differences: line.differences.map((one, i) => (i === index ? { ...one, ...change } : one)) };
}

export function dropDifference(line: ReceivedLine, index: number): ReceivedLine {
  return { ...line, differences: line.differences.filter((_, i) => i !== index) };
}

/** `nothingWell`: the contract takes no lines as all that does not differ, which would say too much. */
export type ReceiveProblem = "tooMany" | "nothing" | "nothingWell";

export function receiveProblem(form: ReceivedLine[]): ReceiveProblem | undefined {
  if (form.some((line) => restOf(line) < 0)) return "tooMany";
  const well = form.reduce((sum, line) => sum + wellOf(line), 0);
  const wrong = form.reduce((sum, line) => sum + differing(line), 0);
  if (well + wrong === 0) return "nothing";
  return well === 0 && form.some((line) => restOf(line) > 0) ? "nothingWell" : undefined;
}

export function receiveRequest(form: ReceivedLine[]) {
  return {
    lines: form.filter((line) => wellOf(line) > 0).map((line) => ({ lineNo: line.lineNo, quantity: wellOf(line) })),
    differences: form.flatMap(({ lineNo, differences }) =>
      differences
        .filter(({ quantity }) => quantity > 0)
        .map(({ kind, quantity, note }) => ({ lineNo, kind: DIFFERENCES[kind], quantity, note: note.trim() })),
    ),
  };
}
