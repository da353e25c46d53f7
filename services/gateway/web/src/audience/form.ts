// Whom something is for and which goods it is about, as people fill it in.
import { create } from "@bufbuild/protobuf";
import {
  PromotionAudienceSchema,
  PromotionScopeSchema,
  type PromotionAudience,
  type PromotionScope,
} from "../gen/qudao/order/v1/promotion_service_pb";

export interface AudienceForm {
  regionIds: string[];
  levelIds: string[];
  channelIds: string[];
  dealerIds: string[];
  deniedDealerIds: string[];
}

export interface ScopeForm {
  productIds: string[];
  categories: string[][];
  exceptProductIds: string[];
}

/** What is wrong with a field, by its name in the contract; empty when nothing is. */
export type ProblemOf = (field: string) => string;

/** What fields of a part of a form need to know of it. */
export interface PartProps<Part> {
  form: Part;
  set: (change: Partial<Part>) => void;
  problem: ProblemOf;
  /** What the part is called in the contract, for example `terms.audience`. */
  at: string;
}

export function audienceForm(audience?: PromotionAudience): AudienceForm {
  return {
    regionIds: audience?.regionIds ?? [],
    levelIds: audience?.levelIds ?? [],
    channelIds: audience?.channelIds ?? [],
    dealerIds: audience?.dealerIds ?? [],
    deniedDealerIds: audience?.deniedDealerIds ?? [],
  };
}

export function audienceOf({ regionIds, levelIds, channelIds, dealerIds, deniedDealerIds }: AudienceForm): PromotionAudience {
  return create(PromotionAudienceSchema, { regionIds, levelIds, channelIds, dealerIds, deniedDealerIds });
}

export function scopeForm(scope?: PromotionScope): ScopeForm {
  return {
    productIds: scope?.productIds ?? [],
    categories: (scope?.categories ?? []).map(({ path }) => path),
    exceptProductIds: scope?.exceptProductIds ?? [],
  };
}

export function scopeOf({ productIds, categories, exceptProductIds }: ScopeForm): PromotionScope {
  return create(PromotionScopeSchema, { productIds, categories: categories.map((path) => ({ path })), exceptProductIds });
}

/** What the server calls the parts: one place for forms that tell which of its complaints they show. */
export const AUDIENCE_FIELDS = ["region_ids", "level_ids", "channel_ids", "dealer_ids", "denied_dealer_ids"];
export const SCOPE_FIELDS = ["product_ids", "categories", "except_product_ids"];
