// Promotions as a dealer learns of them: a quote names every one that is for it, and says whether the
// goods in question have to do with it. So each category is quoted once, a piece of each product.
import { PromotionVerdict, type TriedPromotion } from "../gen/qudao/order/v1/order_service_pb";

export interface Offer {
  promotionId: string;
  name: string;
  /** Categories with goods that it is about. */
  categories: string[];
}

const { APPLIED, TOO_LITTLE, FLOOR, NOT_ALONE, AFTER_ONE_ALONE, GROUP } = PromotionVerdict;

/** It counts today, is for this dealer, and these goods are what it is about. */
const ABOUT: PromotionVerdict[] = [APPLIED, TOO_LITTLE, FLOOR, NOT_ALONE, AFTER_ONE_ALONE, GROUP];

export function about(promotions: TriedPromotion[]): TriedPromotion[] {
  return promotions.filter(({ verdict }) => ABOUT.includes(verdict));
}

export interface Asked {
  category: string;
  promotions: TriedPromotion[];
}

/** Every promotion once, with the categories that it is about. */
export function offersOf(answers: Asked[]): Offer[] {
  const offers = new Map<string, Offer>();
  for (const { category, promotions } of answers) {
    for (const { promotionId, name } of about(promotions)) {
      const known = offers.get(promotionId) ?? { promotionId, name, categories: [] };
      offers.set(promotionId, { ...known, categories: [...known.categories, category] });
    }
  }
  return [...offers.values()];
}
