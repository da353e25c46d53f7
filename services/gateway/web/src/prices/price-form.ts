// The price of one product on a list as people type it, and what is sent.
import { parseDecimal, showDecimal } from "../format/decimal";
import { currencyDigits } from "../format/money";
import type { ListedPrice } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import type { Key } from "../i18n/i18n";

/** Numbers are what was typed. */
export interface BreakForm {
  from: string;
  price: string;
}

export interface PriceForm {
  productId: string;
  price: string;
  breaks: BreakForm[];
  /** Empty: at once. */
  effectiveOn: string;
}

export const NO_BREAK: BreakForm = { from: "", price: "" };
export const NO_PRICE: PriceForm = { productId: "", price: "", breaks: [], effectiveOn: "" };
export const MOST_BREAKS = 10;

const MOST_QUANTITY = 1_000_000n;
/** What a unit costs at most, in the smallest unit of the currency. */
const MOST_MINOR = 10_000_000_000n;

export type Problems = Map<string, Key>;

/** The price as it is today, or as it will be first where there is none today. */
export function priceForm(listed: ListedPrice, currency: string): PriceForm {
  const digits = currencyDigits(currency);
  const [next] = listed.announced;
  const now = listed.unitPriceMinor === undefined ? next : listed;
  return {
    productId: listed.productId,
    price: now?.unitPriceMinor === undefined ? "" : showDecimal(now.unitPriceMinor, digits),
    breaks: (now?.breaks ?? []).map(({ fromQuantity, unitPriceMinor }) => ({
      from: String(fromQuantity),
      price: showDecimal(unitPriceMinor, digits),
    })),
    // What is announced and is written anew is so for its own day.
    effectiveOn: listed.unitPriceMinor === undefined ? (next?.effectiveOn ?? "") : "",
  };
}

/** An amount above 0 that the contract takes. */
export function parsePrice(text: string, currency: string): bigint | undefined {
  const price = parseDecimal(text, currencyDigits(currency));
  return price !== undefined && price >= 1n && price <= MOST_MINOR ? price : undefined;
}

/** A floor: as a price, but nothing typed or 0 means that there is none. */
export function parseFloorPrice(text: string, currency: string): bigint | undefined {
  const floor = text.trim() === "" ? 0n : parseDecimal(text, currencyDigits(currency));
  return floor !== undefined && floor <= MOST_MINOR ? floor : undefined;
}

function parseQuantity(text: string): bigint | undefined {
  const quantity = parseDecimal(text, 0);
  return quantity !== undefined && quantity <= MOST_QUANTITY ? quantity : undefined;
}

/** What is wrong with which field, by its name in the contract. */
export function priceProblems(form: PriceForm, currency: string): Problems {
  const found: Problems = new Map();
  const wrong = (field: string, when: boolean, words: Key) => {
    if (when && !found.has(field)) found.set(field, words);
  };
  wrong("product_id", form.productId === "", "promo.product.needed");
  wrong("unit_price_minor", parsePrice(form.price, currency) === undefined, "number.bad");
  // One piece is what the price itself is of.
  let before = 1n;
  form.breaks.forEach(({ from, price }, i) => {
    const quantity = parseQuantity(from);
    wrong(`breaks[${i}].from_quantity`, quantity === undefined || quantity < 2n, "prices.break.from.bad");
    wrong(`breaks[${i}].from_quantity`, quantity !== undefined && quantity <= before, "prices.break.rising");
    wrong(`breaks[${i}].unit_price_minor`, parsePrice(price, currency) === undefined, "number.bad");
    before = quantity ?? before;
  });
  return found;
}

/** What is sent of a form without problems. */
export function basePriceOf({ productId, price, breaks }: PriceForm, currency: string) {
  return {
    productId,
    unitPriceMinor: parsePrice(price, currency) ?? 0n,
    breaks: breaks.map((one) => ({
      fromQuantity: Number(parseQuantity(one.from) ?? 0n),
      unitPriceMinor: parsePrice(one.price, currency) ?? 0n,
    })),
  };
}
