// The visible range of the made-up brand: a rule of each kind.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { AssortmentEffect, AssortmentTermsSchema, type AssortmentTerms } from "../gen/qudao/order/v1/assortment_service_pb";
import { Visibility } from "../gen/qudao/order/v1/price_list_service_pb";
import { countsOn, inScope, notFor } from "./buyers";
import type { DemoDealer, DemoProduct, World } from "./world";

interface DemoRule {
  ruleId: string;
  terms: AssortmentTerms;
}

const { HIDE, EXCLUSIVE, LIMIT } = AssortmentEffect;

function beginning(world: World): DemoRule[] {
  const product = (at: number) => world.products[at]?.productId ?? "";
  const rule = (ruleId: string, init: MessageInitShape<typeof AssortmentTermsSchema>): DemoRule => ({
    ruleId, terms: create(AssortmentTermsSchema, init),
  });
  return [
    rule("hide-new", {
      name: "新品暂不对电商", effect: HIDE, from: "2026-10-01", until: "2027-02-28",
      audience: { channelIds: ["online"] }, scope: { productIds: [product(0), product(8)] },
    }),
    rule("northeast-only", {
      name: "城市车专供东北", effect: EXCLUSIVE, from: "2026-01-01",
      audience: { regionIds: ["us-northeast"] }, scope: { productIds: [product(1)] },
    }),
    rule("shops-mountain", {
      name: "银牌门店限山地车", effect: LIMIT, from: "2026-01-01",
      audience: { levelIds: ["silver"], channelIds: ["shops"] }, scope: { categories: [{ path: ["Mountain"] }] },
    }),
  ];
}

export function demoRange(world: World) {
  let rules = beginning(world);
  return {
    rules: () => rules,
    set: (rule: DemoRule) => {
      rules = [...rules.filter(({ ruleId }) => ruleId !== rule.ruleId), rule];
    },
    remove: (id: string) => {
      rules = rules.filter(({ ruleId }) => ruleId !== id);
    },
    /** Whether a dealer sees a product on a day, and the rule that says no. */
    look: (dealer: DemoDealer, product: DemoProduct, day: string): { visibility: Visibility; ruleId?: string } => {
      const counting = rules.filter(({ terms }) => countsOn(terms, day));
      const of = (effect: AssortmentEffect) => counting.filter(({ terms }) => terms.effect === effect);
      const own = ({ terms }: DemoRule) => !notFor(world, dealer, terms.audience);
      const meant = ({ terms }: DemoRule) => inScope(product, terms.scope);
      const hidden = of(HIDE).find((rule) => own(rule) && meant(rule));
      if (hidden) return { visibility: Visibility.HIDDEN, ruleId: hidden.ruleId };
      const kept = of(EXCLUSIVE).filter(meant);
      if (kept[0] && !kept.some(own)) return { visibility: Visibility.FOR_OTHERS, ruleId: kept[0].ruleId };
      const limits = of(LIMIT).filter(own);
      if (limits.length > 0 && !limits.some(meant)) return { visibility: Visibility.OUTSIDE_LIMITS };
      return { visibility: Visibility.VISIBLE };
    },
  };
}
