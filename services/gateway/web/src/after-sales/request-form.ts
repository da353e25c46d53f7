// What a dealer asks for about goods that it has.
import type { OrderLine } from "../gen/qudao/order/v1/order_query_service_pb";
import { claimableOf } from "./rules";
import { CAUSES, SETTLEMENTS, type CauseName, type SettlementName } from "./words";

export interface RequestedLine {
  lineNo: number;
  name: string;
  unit: string;
  gift: boolean;
  /** What a case can be about. */
  open: number;
  quantity: number;
  cause: CauseName;
  note: string;
}

export interface RequestForm {
  lines: RequestedLine[];
  wish: SettlementName;
  note: string;
}

/** What people ask for; that they want nothing is no wish. */
export const WISHES = ["creditNote", "refund", "replacement"] as const satisfies SettlementName[];

export const LONGEST_REMARK = 500;

export function requestForm(lines: OrderLine[]): RequestForm {
  const open = lines.filter((line) => claimableOf(line) > 0).map((line): RequestedLine => ({
    lineNo: line.lineNo,
    name: line.productName || line.productId,
    unit: line.baseUnit,
    gift: line.giftPromotionId !== "",
    open: claimableOf(line),
    quantity: 0,
    cause: "quality",
    note: "",
  }));
  return { lines: open, wish: "creditNote", note: "" };
}

export function changeLine(form: RequestForm, lineNo: number, change: Partial<RequestedLine>): RequestForm {
  return { ...form, lines: form.lines.map((line) => (line.lineNo === lineNo ? { ...line, ...change } : line)) };
}

export function pieces(form: RequestForm): number {
  return form.lines.reduce((sum, { quantity }) => sum + quantity, 0);
}

export function requestOf({ lines, wish, note }: RequestForm) {
  return {
    wish: SETTLEMENTS[wish],
    note: note.trim(),
    lines: lines
      .filter(({ quantity }) => quantity > 0)
      .map(({ lineNo, quantity, cause, note: ofLine }) => ({ lineNo, quantity, cause: CAUSES[cause], note: ofLine.trim() })),
  };
}
