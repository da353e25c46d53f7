// An order being written. It stays in the tab until it is submitted or thrown away.
import { sum } from "../format/number";
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { BackOrderRule } from "../gen/qudao/order/v1/order_rules_service_pb";
import type { QuoteOrderResponse } from "../gen/qudao/order/v1/order_service_pb";
import type { Source } from "./payment";
import { requestIdFor, type Sent } from "./request-id";

export interface DraftLine {
  productId: string;
  name: string;
  unit: string;
  quantity: number;
  /** The price of one of few, as the person saw it; as text: JSON knows no bigint. */
  priceMinor: string;
  /** What one costs from larger quantities on, from the smallest; absent where that is no matter. */
  breaks?: DraftBreak[];
}

export interface DraftBreak {
  from: number;
  priceMinor: string;
}

/** What the person saw: what it costs, as text, and the name of all that is quoted, gifts with it. */
export interface Seen {
  netMinor: string;
  fingerprint: string;
}

/** What went out: what the person saw belongs to it. */
export interface Attempt extends Sent {
  seen?: Seen;
}

export interface Draft {
  dealerId: string;
  dealerName: string;
  note: string;
  lines: DraftLine[];
  /** What it is not paid from, though it is there. */
  without?: Source[];
  /** Whether what is not there may wait for goods, if the person has said so. */
  backOrder?: boolean;
  /** The last attempt, until it is known that nothing came of it. */
  sent?: Attempt;
  /** The cart that it was opened from, or kept as: ordering it ends that cart. */
  cart?: DraftCart;
}

/** A cart as it was seen; what somebody has saved since is not overwritten. */
export interface DraftCart {
  cartId: string;
  name: string;
  /** As text: JSON knows no bigint. */
  version: string;
}

export const EMPTY_DRAFT: Draft = { dealerId: "", dealerName: "", note: "", lines: [] };
export const MOST_LINES = 200;
export const MOST_PIECES = 1_000_000;

/** What one costs when so many are ordered: the server compares it with its own. */
export function linePrice({ quantity, priceMinor, breaks = [] }: DraftLine): bigint {
  return BigInt(breaks.findLast(({ from }) => quantity >= from)?.priceMinor ?? priceMinor);
}

export function lineGross(line: DraftLine): bigint {
  return linePrice(line) * BigInt(line.quantity);
}

export function draftGross(draft: Draft): bigint {
  return sum(draft.lines.map(lineGross));
}

export function draftPieces(draft: Draft): number {
  return draft.lines.reduce((pieces, line) => pieces + line.quantity, 0);
}

/** Adds one piece; a product that is already there gets one more. */
export function addProduct(draft: Draft, product: Product): Draft {
  if (product.unitPriceMinor === undefined || product.retired) return draft;
  const known = draft.lines.find((line) => line.productId === product.productId);
  if (known) return setQuantity(draft, product.productId, known.quantity + 1);
  if (draft.lines.length >= MOST_LINES) return draft;
  const line = {
    productId: product.productId,
    name: product.name,
    unit: product.baseUnit,
    quantity: 1,
    ...pricesOf(product, product.unitPriceMinor),
  };
  return { ...draft, lines: [...draft.lines, line] };
}

function pricesOf({ breaks }: Product, price: bigint): Pick<DraftLine, "priceMinor" | "breaks"> {
  const steps = breaks.map(({ fromQuantity, unitPriceMinor }) => ({ from: fromQuantity, priceMinor: unitPriceMinor.toString() }));
  return { priceMinor: price.toString(), ...(steps.length > 0 && { breaks: steps }) };
}

/** Zero takes the line out. */
export function setQuantity(draft: Draft, productId: string, quantity: number): Draft {
  const most = Math.min(MOST_PIECES, Math.max(0, Math.floor(quantity)));
  return {
    ...draft,
    lines: draft.lines
      .map((line) => (line.productId === productId ? { ...line, quantity: most } : line))
      .filter((line) => line.quantity > 0),
  };
}

export interface PriceChange {
  productId: string;
  name: string;
  /** What one costs at the quantity of the line. */
  before: bigint;
  /** Undefined: it can not be ordered, or not any more. */
  after: bigint | undefined;
  /** The line at the new prices. */
  line: DraftLine | undefined;
}

/** What costs something else now, at this quantity or another one. */
export function priceChanges(draft: Draft, current: Map<string, Product>): PriceChange[] {
  return draft.lines.flatMap((line): PriceChange[] => {
    const { productId, name } = line;
    const before = linePrice(line);
    const product = current.get(productId);
    const price = product?.retired ? undefined : product?.unitPriceMinor;
    if (!product || price === undefined) return [{ productId, name, before, after: undefined, line: undefined }];
    const { breaks: _, ...rest } = line;
    const next: DraftLine = { ...rest, ...pricesOf(product, price) };
    return samePrices(line, next) ? [] : [{ productId, name, before, after: linePrice(next), line: next }];
  });
}

function samePrices(a: DraftLine, b: DraftLine): boolean {
  return a.priceMinor === b.priceMinor && JSON.stringify(a.breaks) === JSON.stringify(b.breaks);
}

export function acceptPrices(draft: Draft, changes: PriceChange[]): Draft {
  const byId = new Map(changes.map((change) => [change.productId, change]));
  return {
    ...draft,
    lines: draft.lines.flatMap((line) => {
      const change = byId.get(line.productId);
      if (!change) return [line];
      // The quantity may have been changed meanwhile.
      return change.line === undefined ? [] : [{ ...change.line, quantity: line.quantity }];
    }),
  };
}

/** What decides whether two attempts are the same order. */
export function draftBody(draft: Draft, seen?: Seen): string {
  const { dealerId, note, lines, without = [], cart, backOrder } = draft;
  const goods = lines.map((line) => [line.productId, line.quantity, linePrice(line).toString()]);
  return JSON.stringify([dealerId, note, goods, without, seen?.netMinor, seen?.fingerprint, cart?.cartId, cart?.version, ...(backOrder === undefined ? [] : [backOrder])]);
}

export function seenIn({ netMinor, fingerprint }: QuoteOrderResponse): Seen {
  return { netMinor: netMinor.toString(), fingerprint };
}

/**
 * The next attempt at what the person sees. While it is not known what came of the last one, the
 * same basket goes out with what was seen then: the order may be there, and may itself have changed
 * what is left of a promotion.
 */
export function attemptOf(draft: Draft, seen: Seen | undefined): Attempt {
  const { sent } = draft;
  if (sent && sent.body === draftBody(draft, sent.seen)) return sent;
  const next = requestIdFor(undefined, draftBody(draft, seen));
  return seen === undefined ? next : { ...next, seen };
}

export interface Totals {
  gross: bigint;
  off: bigint;
  net: bigint;
}

/**
 * What stands below the basket. Until the quote for exactly this basket is there, the discount of
 * the last one stands in for it.
 */
export function totalsOf(draft: Draft, quote: QuoteOrderResponse | undefined, exact: boolean): Totals {
  if (quote && exact) return { gross: quote.grossMinor, off: quote.offMinor, net: quote.netMinor };
  const gross = draftGross(draft);
  const last = quote?.offMinor ?? 0n;
  const off = last < gross ? last : gross;
  return { gross, off, net: gross - off };
}

/** Whether what is not there waits for goods: as the person says, or else as the brand does. */
export function waitsOf(draft: Draft, { backOrders }: QuoteOrderResponse): boolean {
  if (backOrders === BackOrderRule.UNSPECIFIED) return false;
  return draft.backOrder ?? backOrders === BackOrderRule.ALWAYS;
}

/** How many products of the basket there is too little of, by the last answer, and that do not wait. */
export function shortOf(draft: Draft, quote: QuoteOrderResponse | undefined): number {
  if (quote && waitsOf(draft, quote)) return 0;
  const there = new Set(draft.lines.map(({ productId }) => productId));
  return (quote?.lines ?? []).filter(({ productId, available }) => available !== undefined && there.has(productId)).length;
}

const KEY = "qudao.draft";

/** Each tab has a basket of its own; an installed app has one window, whose basket stays when it is closed. */
function shelf(): Storage {
  return matchMedia("(display-mode: standalone)").matches ? localStorage : sessionStorage;
}

export function storedDraft(userId: string): Draft {
  try {
    return (JSON.parse(shelf().getItem(`${KEY}/${userId}`) ?? "null") as Draft | null) ?? EMPTY_DRAFT;
  } catch {
    return EMPTY_DRAFT;
  }
}

export function storeDraft(userId: string, draft: Draft | undefined) {
  if (draft) shelf().setItem(`${KEY}/${userId}`, JSON.stringify(draft));
  else shelf().removeItem(`${KEY}/${userId}`);
}
