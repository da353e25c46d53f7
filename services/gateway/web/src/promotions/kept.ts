// A form that is being filled in stays in the tab, as an order does, until it is saved or given up.
import type { PromotionForm } from "./form";

const KEY = "qudao.promotion";

/** Of which promotion, at which version: what was begun on an older one is not brought to a newer one. */
export interface Whose {
  userId: string;
  promotionId: string;
  version: bigint;
}

const keyOf = ({ userId, promotionId, version }: Whose) => `${KEY}/${userId}/${promotionId || "new"}/${version}`;

export function keptForm(whose: Whose): PromotionForm | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(keyOf(whose)) ?? "null") as PromotionForm | null) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keepForm(whose: Whose, form: PromotionForm | undefined) {
  if (form) sessionStorage.setItem(keyOf(whose), JSON.stringify(form));
  else sessionStorage.removeItem(keyOf(whose));
}

export function sameForm(a: PromotionForm, b: PromotionForm): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
