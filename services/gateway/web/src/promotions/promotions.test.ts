import { create, equals, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { audienceWords, scopeWords, type AudienceWords } from "../audience/words";
import { parseDecimal, showDecimal } from "../format/decimal";
import {
  PromotionVerdict,
  QuoteOrderResponseSchema,
  TriedPromotionSchema,
  type TriedPromotion,
} from "../gen/qudao/order/v1/order_service_pb";
import { Measure, PromotionTermsSchema, Stacking, type PromotionTerms } from "../gen/qudao/order/v1/promotion_service_pb";
import type { Locale } from "../format/number";
import { formatMoney } from "../format/money";
import { formatInteger } from "../format/number";
import { translate } from "../i18n/i18n";
import { en } from "../i18n/en";
import { zh } from "../i18n/zh";
import { problemsOf } from "./check";
import { formOf, newForm, termsOf, withKind } from "./form";
import { kindOf, KINDS } from "./kinds";
import { hintWords, missingWords, namelessProducts, nearMisses, VERDICTS, verdictWords, type Words } from "./verdicts";
import { offerWords } from "./words";

type Init = Exclude<MessageInitShape<typeof PromotionTermsSchema>, PromotionTerms>;

const usual: Init = {
  name: "夏季满减",
  currencyCode: "CNY",
  from: "2027-06-01",
  groupName: "常规",
  stacking: Stacking.ALL,
  audience: {},
  scope: {},
};

const gifts = { case: "gifts" as const, value: { gifts: [{ productId: "water", quantity: 2, insteadProductIds: ["tea", "cola"] }] } };

const TERMS: Record<string, Init> = {
  amountOff: { measure: Measure.AMOUNT, repeats: true, tiers: [{ from: 20_000n, reward: { case: "offMinor", value: 2_050n } }] },
  amountGifts: { measure: Measure.AMOUNT, tiers: [{ from: 100_001n, reward: gifts }] },
  percent: { measure: Measure.QUANTITY, tiers: [{ from: 1n, reward: { case: "percentBasisPoints", value: 1050 } }] },
  buyGifts: { measure: Measure.QUANTITY, repeats: true, tiers: [{ from: 10n, reward: gifts }] },
  steps: {
    measure: Measure.AMOUNT,
    tiers: [
      { from: 50_000n, reward: { case: "offMinor", value: 3_000n } },
      { from: 100_000n, reward: { case: "percentBasisPoints", value: 1 } },
      { from: 200_000n, reward: gifts },
    ],
  },
  sets: {
    measure: Measure.SETS,
    parts: [{ productId: "a", quantity: 1 }, { productId: "b", quantity: 2 }],
    tiers: [{ from: 1n, reward: { case: "setPriceMinor", value: 0n } }, { from: 5n, reward: { case: "offMinor", value: 990n } }],
  },
};

const terms = (own: Init) => create(PromotionTermsSchema, { ...usual, ...own });

describe("a promotion in the form", () => {
  it.each(Object.entries(TERMS))("is %s, and the same terms again", (kind, own) => {
    const before = terms(own);
    expect(kindOf(before)).toBe(kind);
    const after = termsOf(formOf("summer", before));
    expect(equals(PromotionTermsSchema, after, before)).toBe(true);
    expect([...problemsOf(formOf("summer", before))]).toEqual([]);
  });

  it("keeps what it does not show", () => {
    const before = terms({
      ...TERMS.percent,
      until: "2027-08-31",
      audience: { regionIds: ["east"], levelIds: ["gold"], channelIds: ["ka"], dealerIds: ["d-1"], deniedDealerIds: ["d-2"] },
      scope: { productIds: ["a"], categories: [{ path: ["饮料", "茶 > 绿茶"] }], exceptProductIds: ["b"] },
      groupRank: 7,
      rank: 9,
      alone: true,
      stacking: Stacking.BEST,
      quotaTotal: 500,
      quotaPerDealer: 20,
    });
    expect(equals(PromotionTermsSchema, termsOf(formOf("x", before)), before)).toBe(true);
  });

  it("says with steps what no other kind can say", () => {
    expect(kindOf(terms({ ...TERMS.percent, repeats: true }))).toBe("steps");
    expect(kindOf(terms({ measure: Measure.AMOUNT, tiers: [{ from: 1n, reward: { case: "percentBasisPoints", value: 5 } }] }))).toBe("steps");
  });

  it("becomes another kind and keeps what fits", () => {
    const form = formOf("x", terms(TERMS.amountOff!));
    for (const kind of KINDS) {
      const other = withKind(form, kind);
      expect(other.kind).toBe(kind);
      expect(other.name).toBe(form.name);
      expect(withKind(other, "amountOff").tiers).toHaveLength(1);
    }
    expect(withKind(form, "amountGifts").tiers[0]).toMatchObject({ from: "200", reward: "gifts" });
    expect(withKind(form, "percent")).toMatchObject({ repeats: false, measure: Measure.QUANTITY });
    expect(withKind(form, "percent").tiers[0]?.from).toBe("1");
  });

  it("has nothing to say at first, and says where", () => {
    const problems = problemsOf(newForm("2027-06-01", "CNY", "常规"));
    expect([...problems.keys()]).toEqual(["promotion_id", "terms.name", "terms.tiers[0].from", "terms.tiers[0].off_minor"]);
  });

  it("wants rising steps, different parts and a share of at most all", () => {
    const form = formOf("x", terms(TERMS.steps!));
    const [first] = form.tiers;
    expect(problemsOf({ ...form, tiers: [first!, first!] }).get("terms.tiers[1].from")).toBe("promo.tiers.rising");
    const sets = formOf("x", terms(TERMS.sets!));
    expect(problemsOf({ ...sets, parts: [sets.parts[0]!, sets.parts[0]!] }).get("terms.parts[1].product_id")).toBe("promo.parts.twice");
    const percent = formOf("x", terms(TERMS.percent!));
    const over = { ...percent, tiers: [{ ...percent.tiers[0]!, percent: "100.01" }] };
    expect(problemsOf(over).get("terms.tiers[0].percent_basis_points")).toBe("promo.percent.bad");
    expect(problemsOf({ ...form, id: "new" }).has("promotion_id")).toBe(true);
    expect(problemsOf({ ...form, quotaTotal: 1, quotaPerDealer: 2 }).has("terms.quota_per_dealer")).toBe(true);
  });
});

describe("a typed number", () => {
  it("is exact in its smallest unit", () => {
    expect(parseDecimal("1,234.5", 2)).toBe(123_450n);
    expect(parseDecimal("7", 0)).toBe(7n);
    for (const bad of ["", "-1", "1.234", "1e3", "abc", "."]) expect(parseDecimal(bad, 2), bad).toBeUndefined();
    expect(parseDecimal("1.5", 0)).toBeUndefined();
    expect(showDecimal(1_250n, 2)).toBe("12.50");
    expect(showDecimal(1_250n, 2, true)).toBe("12.5");
    expect(showDecimal(1_200n, 2, true)).toBe("12");
  });
});

const wordsIn = (locale: Locale): Words => ({
  t: (key, values) => translate(locale, key, values),
  format: {
    locale,
    money: (minor, currency) => formatMoney(minor, currency ?? "CNY", locale),
    count: (value) => formatInteger(value, locale),
    time: (text) => text,
  },
  currency: "CNY",
  product: (id) => id.toUpperCase(),
  promotion: (id) => `P ${id}`,
});

const tried = (own: MessageInitShape<typeof TriedPromotionSchema>): TriedPromotion =>
  create(TriedPromotionSchema, { promotionId: "p", name: "夏季满减", ...own });

const { APPLIED, TOO_LITTLE, GROUP } = PromotionVerdict;

describe("a verdict", () => {
  it("has words of its own in both languages, whatever it is", () => {
    const all = Object.values(PromotionVerdict).filter((value) => typeof value === "number");
    for (const dictionary of [zh, en]) {
      const said = all.map((verdict) => dictionary[VERDICTS[verdict as PromotionVerdict]]);
      expect(said.every(Boolean)).toBe(true);
      expect(new Set(said).size).toBe(all.length);
    }
  });

  it("says what is behind it", () => {
    const words = wordsIn("zh-CN");
    expect(verdictWords(tried({ verdict: TOO_LITTLE, missingMinor: 20_000n }), words)).toBe("未达门槛；还差 ¥200.00");
    expect(verdictWords(tried({ verdict: GROUP, otherPromotionId: "x" }), words)).toContain("P x");
    expect(verdictWords(tried({ verdict: APPLIED }), words)).toBe("已享受");
    expect(verdictWords(tried({ verdict: APPLIED, missingQuantity: 3 }), words)).toBe("再买 3 件 优惠更多");
  });

  it("is understood by whoever gets one that is newer than the page", () => {
    expect(verdictWords(tried({ verdict: 99 as PromotionVerdict }), wordsIn("en"))).toBe("Unknown");
  });
});

describe("a hint", () => {
  const parts = [{ productId: "a", quantity: 1 }, { productId: "b", quantity: 2 }];

  it("says what is missing in money, pieces or parts", () => {
    const words = wordsIn("zh-CN");
    expect(hintWords(tried({ verdict: TOO_LITTLE, missingMinor: 20_000n }), words)).toBe("再买 ¥200.00，享「夏季满减」");
    expect(hintWords(tried({ verdict: TOO_LITTLE, missingQuantity: 3 }), words)).toBe("再买 3 件，享「夏季满减」");
    expect(missingWords(tried({ verdict: TOO_LITTLE, missingParts: parts }), words)).toBe("A\u00a0×\u00a01、B\u00a0×\u00a02");
  });

  it("is given three times at most, what is not given yet first", () => {
    const given = tried({ promotionId: "given", verdict: APPLIED, missingMinor: 1n });
    const open = (promotionId: string) => tried({ promotionId, verdict: TOO_LITTLE, missingMinor: 1n });
    const gone = tried({ promotionId: "gone", verdict: APPLIED, missingMinor: 1n, ranOut: true });
    const group = tried({ promotionId: "group", verdict: GROUP, missingMinor: 1n });
    const ids = (all: TriedPromotion[]) => nearMisses(all).map(({ promotionId }) => promotionId);
    expect(ids([given, gone, group, open("a"), open("b")])).toEqual(["a", "b", "given"]);
    expect(ids([given, open("a"), open("b"), open("c"), open("d")])).toEqual(["a", "b", "c"]);
    expect(ids([tried({ verdict: TOO_LITTLE })])).toEqual([]);
  });

  it("asks for the names that a quote does not say", () => {
    const quote = create(QuoteOrderResponseSchema, {
      promotions: [{ missingParts: parts, missingGifts: [{ productId: "c", quantity: 1 }] }],
      gifts: [{ productId: "d", insteadOfProductId: "e" }, { productId: "f" }],
    });
    expect(namelessProducts(quote)).toEqual(["a", "b", "c", "e"]);
    expect(namelessProducts(undefined)).toEqual([]);
  });
});

describe("terms in words", () => {
  const same = (id: string) => id;
  const words: AudienceWords = { ...wordsIn("zh-CN"), dealer: same, region: same, level: () => "金牌", channel: () => "餐饮" };

  it("read as people say them", () => {
    expect(offerWords(terms(TERMS.amountOff!), words)).toEqual(["每满 ¥200.00 减 ¥20.50"]);
    expect(offerWords(terms(TERMS.percent!), words)).toEqual(["优惠 10.5%"]);
    expect(offerWords(terms(TERMS.sets!), words)).toEqual(["每套 组合价 ¥0.00", "满 5 套，每套 减 ¥9.90"]);
    expect(offerWords(terms(TERMS.buyGifts!), words)[0]).toContain("每买 10 件 赠 WATER");
  });

  it("name many goods by the first of them", () => {
    const productIds = Array.from({ length: 40 }, (_, i) => `p-${i}`);
    expect(scopeWords(terms({ scope: { productIds } }).scope, words)[0]).toContain("40");
    expect(scopeWords(terms({}).scope, words)).toEqual(["全部商品"]);
  });

  it("name levels and channels as the brand does", () => {
    const { audience } = terms({ audience: { levelIds: ["gold"], channelIds: ["catering"], deniedDealerIds: ["d-1"] } });
    expect(audienceWords(audience, words)).toEqual(["级别：金牌", "渠道：餐饮", "不含：d-1"]);
  });
});
