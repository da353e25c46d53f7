import { create, equals, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { audienceForm, audienceOf, scopeForm, scopeOf } from "../audience/form";
import { formatMoney } from "../format/money";
import { formatInteger, type Locale } from "../format/number";
import { ListedPriceSchema, PriceListPlacementSchema } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { BasePriceSchema, PriceBreakSchema, PriceListVerdict, Visibility } from "../gen/qudao/order/v1/price_list_service_pb";
import { PromotionAudienceSchema, PromotionScopeSchema } from "../gen/qudao/order/v1/promotion_service_pb";
import { en } from "../i18n/en";
import { translate } from "../i18n/i18n";
import { zh } from "../i18n/zh";
import { breakWords } from "../products/break-words";
import { daysProblems, placementForm, placementOf } from "./placement-form";
import { basePriceOf, NO_PRICE, parseFloorPrice, priceForm, priceProblems } from "./price-form";
import { LIST_VERDICTS, listVerdictKey, VISIBILITIES, visibilityKey } from "./words";

const listed = (own: MessageInitShape<typeof ListedPriceSchema>) => create(ListedPriceSchema, { productId: "water", ...own });

describe("a price in the form", () => {
  const price = listed({ unitPriceMinor: 350n, breaks: [{ fromQuantity: 10, unitPriceMinor: 330n }, { fromQuantity: 100, unitPriceMinor: 299n }] });

  it("is the same price again", () => {
    const form = priceForm(price, "CNY");
    expect(form).toMatchObject({ price: "3.50", effectiveOn: "", breaks: [{ from: "10", price: "3.30" }, { from: "100", price: "2.99" }] });
    expect([...priceProblems(form, "CNY")]).toEqual([]);
    const { productId, unitPriceMinor, breaks } = price;
    const sent = create(BasePriceSchema, basePriceOf(form, "CNY"));
    expect(equals(BasePriceSchema, sent, create(BasePriceSchema, { productId, unitPriceMinor: unitPriceMinor ?? 0n, breaks }))).toBe(true);
  });

  it("is that of its day while only announced ones are there", () => {
    const announced = [{ effectiveOn: "2027-01-01", unitPriceMinor: 320n, breaks: [{ fromQuantity: 5, unitPriceMinor: 300n }] }];
    expect(priceForm(listed({ announced }), "CNY")).toMatchObject({ price: "3.20", effectiveOn: "2027-01-01", breaks: [{ from: "5" }] });
    expect(priceForm(listed({ unitPriceMinor: 350n, announced }), "CNY")).toMatchObject({ price: "3.50", effectiveOn: "" });
  });

  it("is exact in the smallest unit of any currency", () => {
    expect(basePriceOf({ ...NO_PRICE, price: "1,200" }, "JPY").unitPriceMinor).toBe(1_200n);
    expect(priceProblems({ ...NO_PRICE, productId: "a", price: "1.5" }, "JPY").get("unit_price_minor")).toBe("number.bad");
  });

  it("says what is missing and where", () => {
    expect([...priceProblems(NO_PRICE, "CNY").keys()]).toEqual(["product_id", "unit_price_minor"]);
    const form = priceForm(price, "CNY");
    const of = (...breaks: [string, string][]) => priceProblems({ ...form, breaks: breaks.map(([from, at]) => ({ from, price: at })) }, "CNY");
    expect(of(["1", "3"]).get("breaks[0].from_quantity")).toBe("prices.break.from.bad");
    expect(of(["2.5", "3"]).get("breaks[0].from_quantity")).toBe("prices.break.from.bad");
    expect(of(["1000001", "3"]).get("breaks[0].from_quantity")).toBe("prices.break.from.bad");
    expect(of(["10", "3"], ["10", "2"]).get("breaks[1].from_quantity")).toBe("prices.break.rising");
    expect(of(["10", "0"]).get("breaks[0].unit_price_minor")).toBe("number.bad");
    // Dearer by the dozen is odd, and the brand's own business.
    expect(of(["10", "9"]).size).toBe(0);
  });

  it("has no floor when nothing is typed", () => {
    expect(parseFloorPrice("", "CNY")).toBe(0n);
    expect(parseFloorPrice("2.5", "CNY")).toBe(250n);
    expect(parseFloorPrice("-1", "CNY")).toBeUndefined();
    expect(parseFloorPrice("100000000.01", "CNY")).toBeUndefined();
  });
});

describe("a placement in the form", () => {
  it("is the same placement again", () => {
    const audience = { regionIds: ["east"], levelIds: ["gold"], channelIds: ["catering"], dealerIds: ["d-1"], deniedDealerIds: ["d-2"] };
    const before = create(PriceListPlacementSchema, { from: "2027-01-01", until: "2027-03-31", rank: 3, audience });
    const after = create(PriceListPlacementSchema, placementOf(placementForm(before, "2026-11-26")));
    expect(equals(PriceListPlacementSchema, after, before)).toBe(true);
  });

  it("begins today, for everybody", () => {
    expect(placementForm(undefined, "2026-11-26")).toMatchObject({ from: "2026-11-26", until: "", rank: 0, levelIds: [] });
  });

  it("ends after it begins", () => {
    expect([...daysProblems({ from: "", until: "" })]).toEqual([["from", "promo.needed"]]);
    expect([...daysProblems({ from: "2027-01-02", until: "2027-01-01" })]).toEqual([["until", "days.until.bad"]]);
    expect(daysProblems({ from: "2027-01-01", until: "2027-01-01" }).size).toBe(0);
  });
});

describe("an audience and a scope", () => {
  it("lose nothing on the way through the form", () => {
    const audience = create(PromotionAudienceSchema, { regionIds: ["r"], levelIds: ["l"], channelIds: ["c"], dealerIds: ["d"], deniedDealerIds: ["x"] });
    const scope = create(PromotionScopeSchema, { productIds: ["a"], categories: [{ path: ["饮料", "茶 > 绿茶"] }], exceptProductIds: ["b"] });
    expect(equals(PromotionAudienceSchema, audienceOf(audienceForm(audience)), audience)).toBe(true);
    expect(equals(PromotionScopeSchema, scopeOf(scopeForm(scope)), scope)).toBe(true);
    expect(equals(PromotionScopeSchema, scopeOf(scopeForm()), create(PromotionScopeSchema))).toBe(true);
  });
});

describe("words", () => {
  it("are different for each verdict, in both languages", () => {
    for (const dictionary of [zh, en]) {
      for (const names of [LIST_VERDICTS, VISIBILITIES]) {
        const said = Object.values(names).map((key) => dictionary[key]);
        expect(said.every(Boolean)).toBe(true);
        expect(new Set(said).size).toBe(said.length);
      }
    }
  });

  it("are there for what is newer than the page", () => {
    expect(listVerdictKey(99 as PriceListVerdict)).toBe("verdict.unknown");
    expect(visibilityKey(99 as Visibility)).toBe("verdict.unknown");
  });

  it("say a break as the trade does", () => {
    const words = (locale: Locale, unit: string) => ({
      t: (key: Parameters<typeof translate>[1], values?: Record<string, string | number>) => translate(locale, key, values),
      format: {
        locale,
        money: (minor: bigint, currency?: string) => formatMoney(minor, currency ?? "CNY", locale),
        count: (value: bigint | number) => formatInteger(value, locale),
        time: (text: string) => text,
      },
      unit,
      currency: "CNY",
    });
    const one = create(PriceBreakSchema, { fromQuantity: 10, unitPriceMinor: 330n });
    expect(breakWords(one, words("zh-CN", "瓶"))).toBe("满 10 瓶 ¥3.30");
    expect(breakWords(one, words("zh-CN", ""))).toBe("满 10 件 ¥3.30");
    expect(breakWords(one, words("en", "bottle"))).toBe("¥3.30 from 10 bottle");
  });
});
