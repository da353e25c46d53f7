// Promotions of the made-up brand: one of each state. What they give is worked out as far as it takes
// to look at the pages; the real rules are the server's.
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { ErrorInfoSchema, LocalizedMessageSchema } from "../gen/google/rpc/error_details_pb";
import { PromotionVerdict, type QuoteOrderRequest } from "../gen/qudao/order/v1/order_service_pb";
import { PromotionQueryService, PromotionStatus } from "../gen/qudao/order/v1/promotion_query_service_pb";
import {
  Measure,
  PromotionService,
  PromotionTermsSchema,
  Stacking,
  type PromotionTerms,
} from "../gen/qudao/order/v1/promotion_service_pb";
import { sum } from "../format/number";
import type { DemoCatalogue } from "./catalogue";
import { paged } from "./rows";
import type { World } from "./world";

interface DemoPromotion {
  promotionId: string;
  status: PromotionStatus;
  draftedBy: string;
  approvedBy: string;
  reason: string;
  changedAt: string;
  version: bigint;
  terms: PromotionTerms;
}

const OFF_FROM = 1_000_000n;
const OFF = 50_000n;
const GIFT_FROM = 3;

function beginning(world: World): DemoPromotion[] {
  const product = (at: number) => world.products[at]?.productId ?? "";
  const usual = { currencyCode: "USD", from: "2026-06-01", groupName: "常规", stacking: Stacking.ALL };
  const one = (promotionId: string, status: PromotionStatus, terms: PromotionTerms, reason = ""): DemoPromotion => ({
    promotionId,
    status,
    draftedBy: "lin",
    approvedBy: status === PromotionStatus.DRAFT ? "" : "wang.fang",
    reason,
    changedAt: "2026-06-02T03:00:00Z",
    version: 2n,
    terms,
  });
  const { APPROVED, DRAFT, ENDED, PAUSED } = PromotionStatus;
  return [
    one("summer-off", APPROVED, create(PromotionTermsSchema, {
      ...usual, name: "夏季满减", until: "2027-08-31", measure: Measure.AMOUNT, repeats: true, quotaPerDealer: 20,
      tiers: [{ from: OFF_FROM, reward: { case: "offMinor", value: OFF } }],
      scope: { categories: [{ path: ["Mountain"] }, { path: ["Road", "Endurance"] }], exceptProductIds: [product(3)] },
      audience: { regionIds: ["us-west", "us-south"], levelIds: ["gold"], deniedDealerIds: ["dealer-7"] },
    })),
    one("three-plus-one", APPROVED, create(PromotionTermsSchema, {
      ...usual, name: "买三赠一", measure: Measure.QUANTITY, repeats: true,
      tiers: [{ from: BigInt(GIFT_FROM), reward: { case: "gifts", value: { gifts: [{ productId: product(1), quantity: 1, insteadProductIds: [product(2)] }] } } }],
    })),
    one("autumn-steps", DRAFT, create(PromotionTermsSchema, {
      ...usual, name: "秋季阶梯", from: "2026-12-01", measure: Measure.QUANTITY, groupRank: 10, rank: 5, alone: true, stacking: Stacking.BEST,
      tiers: [
        { from: 10n, reward: { case: "percentBasisPoints", value: 500 } },
        { from: 50n, reward: { case: "percentBasisPoints", value: 850 } },
      ],
    })),
    one("bundle", PAUSED, create(PromotionTermsSchema, {
      ...usual, name: "通勤组合", measure: Measure.SETS, parts: [{ productId: product(4), quantity: 1 }, { productId: product(5), quantity: 2 }],
      tiers: [{ from: 1n, reward: { case: "setPriceMinor", value: 199_900n } }], quotaTotal: 500,
    }), "库存不足"),
    one("spring-gifts", ENDED, create(PromotionTermsSchema, {
      ...usual, name: "春季折扣", until: "2026-07-31", measure: Measure.QUANTITY,
      tiers: [{ from: 1n, reward: { case: "percentBasisPoints", value: 1000 } }],
    }), "提前结束"),
  ];
}

function refusal(code: Code, reason: string, zh: string, en: string): ConnectError {
  return new ConnectError(en, code, undefined, [
    { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { reason }) },
    { desc: LocalizedMessageSchema, value: create(LocalizedMessageSchema, { locale: "zh-CN", message: zh }) },
    { desc: LocalizedMessageSchema, value: create(LocalizedMessageSchema, { locale: "en", message: en }) },
  ]);
}

export function demoPromotions(world: World, fresh: () => object) {
  const all = beginning(world);
  const find = (id: string) => {
    const one = all.find(({ promotionId }) => promotionId === id);
    if (!one) throw new ConnectError("no such promotion", Code.NotFound);
    return one;
  };
  const row = ({ terms, ...rest }: DemoPromotion) => ({ ...rest, name: terms.name, from: terms.from, until: terms.until });
  const moved = (one: DemoPromotion, change: Partial<DemoPromotion>) => {
    Object.assign(one, change, { version: one.version + 1n, changedAt: new Date().toISOString() });
    return { receipt: { objectId: one.promotionId, version: one.version, position: world.position } };
  };
  const { APPROVED, DRAFT, ENDED, PAUSED } = PromotionStatus;
  return ({ service }: ConnectRouter) => {
    service(PromotionQueryService, {
      listPromotions: ({ search, status, page }) => {
        const rows = all.map(row).filter((one) => (!status || one.status === status) && `${one.name}${one.promotionId}`.includes(search));
        return { ...paged("promotions", rows, page), freshness: fresh() };
      },
      getPromotion: ({ promotionId }) => ({ promotion: row(find(promotionId)), terms: find(promotionId).terms, freshness: fresh() }),
    });
    service(PromotionService, {
      draftPromotion: ({ promotionId, terms = create(PromotionTermsSchema) }) => {
        const one = { promotionId, status: DRAFT, draftedBy: "lin", approvedBy: "", reason: "", changedAt: "", version: 0n, terms };
        all.unshift(one);
        return moved(one, {});
      },
      revisePromotion: ({ promotionId, terms }) => moved(find(promotionId), terms ? { terms } : {}),
      approvePromotion: () => {
        throw refusal(Code.PermissionDenied, "DUTIES_APART", "职责分离：此前您已起草该促销，请由另一人执行本操作", "duties are kept apart: you drafted it; somebody else has to do it");
      },
      pausePromotion: ({ promotionId, reason }) => moved(find(promotionId), { status: PAUSED, reason }),
      resumePromotion: ({ promotionId }) => moved(find(promotionId), { status: APPROVED, reason: "" }),
      endPromotion: ({ promotionId, reason }) => moved(find(promotionId), { status: ENDED, reason }),
    });
  };
}

/** What a basket costs at the dealer's prices with the two promotions that count. */
export function demoQuote(world: World, { dealerId, lines }: QuoteOrderRequest, { priceAt }: DemoCatalogue) {
  const productOf = (id: string) => world.products.find(({ productId }) => productId === id);
  const priced = lines.map(({ productId, quantity }, i) => {
    const product = productOf(productId);
    const unitPriceMinor = priceAt(dealerId, productId, quantity);
    const grossMinor = unitPriceMinor * BigInt(quantity);
    return { lineNo: i + 1, productId, productName: product?.name ?? "", baseUnit: "ea", quantity, unitPriceMinor, grossMinor };
  });
  const gross = sum(priced.map(({ grossMinor }) => grossMinor));
  const pieces = lines.reduce((n, { quantity }) => n + quantity, 0);
  const times = gross / OFF_FROM;
  const off = times * OFF;
  const gifts = Math.floor(pieces / GIFT_FROM);
  const applied = (yes: boolean) => (yes ? PromotionVerdict.APPLIED : PromotionVerdict.TOO_LITTLE);
  const gift = world.products[1];
  return {
    currencyCode: "USD",
    grossMinor: gross,
    offMinor: off,
    netMinor: gross - off,
    // Whole cents are lost to rounding here, and nowhere else.
    lines: priced.map((line) => ({ ...line, netMinor: line.grossMinor - (gross ? (off * line.grossMinor) / gross : 0n) })),
    gifts: gifts
      ? [{ promotionId: "three-plus-one", productId: gift?.productId ?? "", productName: gift?.name ?? "", baseUnit: "ea", quantity: gifts, insteadOfProductId: world.products[2]?.productId ?? "" }]
      : [],
    promotions: [
      { promotionId: "summer-off", name: "夏季满减", verdict: applied(times > 0n), times: Number(times), tier: times ? 1 : 0, offMinor: off, missingMinor: OFF_FROM - (gross % OFF_FROM) },
      { promotionId: "three-plus-one", name: "买三赠一", verdict: applied(gifts > 0), times: gifts, tier: gifts ? 1 : 0, missingQuantity: GIFT_FROM - (pieces % GIFT_FROM) },
      { promotionId: "set", name: "通勤组合", verdict: PromotionVerdict.TOO_LITTLE, missingParts: [{ productId: world.products[4]?.productId ?? "", quantity: 1 }, { productId: world.products[5]?.productId ?? "", quantity: 2 }] },
      { promotionId: "winter", name: "冬季折扣", verdict: PromotionVerdict.DAY },
      { promotionId: "best", name: "新客立减", verdict: PromotionVerdict.GROUP, otherPromotionId: "summer-off" },
    ],
  };
}
