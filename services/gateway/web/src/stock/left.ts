// How much there is for orders, as far as it is worth telling.

/** So few that whoever orders should know. */
export const FEW = 20n;
/** More than this is not told to people of a dealer. */
const MOST_TOLD = 100n;

export type Left = "out" | "few" | "enough";

/** What is not known is taken to be there. */
export function leftOf(available: bigint | undefined): Left {
  if (available === undefined || available > FEW) return "enough";
  return available > 0n ? "few" : "out";
}

export function availableText(available: bigint, dealer: boolean, count: (n: bigint) => string): string {
  return dealer && available >= MOST_TOLD ? `${count(MOST_TOLD)}+` : count(available);
}
