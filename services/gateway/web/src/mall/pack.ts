// Quantities as they are packed. Orders count base units; people count cases and bottles.
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { MOST_PIECES } from "../orders/draft";

export interface Level {
  unit: string;
  /** Base units in one of it. */
  size: number;
}

/** What a product is counted in, from the largest unit to the base unit. */
export function levelsOf({ packagings, baseUnit }: Pick<Product, "packagings" | "baseUnit">): Level[] {
  const larger = packagings.map(({ unit, baseQuantity }) => ({ unit, size: baseQuantity }));
  return [...larger.sort((a, b) => b.size - a.size), { unit: baseUnit, size: 1 }];
}

/** What most people order in: the smallest of the larger units. */
export function usualLevel(levels: Level[]): Level | undefined {
  return levels.at(-2) ?? levels.at(-1);
}

/** So many of each unit, from the largest; what is 0 is left out. */
export function packed(quantity: number, levels: Level[]): { unit: string; count: number }[] {
  let rest = quantity;
  const parts = levels.map(({ unit, size }) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return { unit, count };
  });
  const told = parts.filter(({ count }) => count > 0);
  return told.length > 0 ? told : parts.slice(-1);
}

type Count = (n: number) => string;

const isWide = (unit: string) => /^[\u3400-\u9fff]/.test(unit);

/** `24瓶`, but `12 ea`. */
export function unitWords(n: number, unit: string, count: Count): string {
  return `${count(n)}${isWide(unit) ? "" : " "}${unit}`;
}

/** `3箱6瓶`; of units in letters, `3 case 6 ea`. */
export function packedWords(quantity: number, levels: Level[], count: Count): string {
  const parts = packed(quantity, levels);
  const joint = parts.every(({ unit }) => isWide(unit)) ? "" : " ";
  return parts.map((part) => unitWords(part.count, part.unit, count)).join(joint);
}

/** Whether a quantity stands there in another form than it is counted in. */
export function isMixed(quantity: number, level: Level): boolean {
  return quantity % level.size !== 0;
}

/** One more or less of a unit, with what else there is of it. */
export function stepped(quantity: number, { size }: Level, by: 1 | -1): number {
  return Math.min(MOST_PIECES, Math.max(0, quantity + by * size));
}

/** So many of a unit, in base units. */
export function counted(count: number, { size }: Level): number {
  return Math.min(MOST_PIECES, Math.max(0, Math.floor(count)) * size);
}
