import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { RebateAccrualSchema } from "../gen/qudao/order/v1/rebate_query_service_pb";
import { RebateBasis, RebateCycle, RebateLadder } from "../gen/qudao/order/v1/rebate_service_pb";
import { emptyTier, firstDay, fitting, formOf, newForm, problemsOf, rewardsOf, termsOf, type RebateForm } from "./form";
import { missingWords, openMinor, rewardWords, tierWords } from "./words";

const t = ((key: string, values: Record<string, unknown> = {}) =>
  [key, ...Object.values(values).map(String)].join(" ")) as never;
const format = {
  locale: "en",
  money: (minor: bigint) => `¥${minor}`,
  count: (value: bigint | number) => String(value),
  time: (at: string) => at,
} as never;

function form(change: Partial<RebateForm> = {}): RebateForm {
  return {
    ...newForm("2026-11-27", "CNY"),
    id: "monthly-2026",
    name: "月度返利",
    tiers: [
      { ...emptyTier("rate", "0"), rate: "0.5" },
      { ...emptyTier("rate", "100000"), rate: "1.25" },
    ],
    ...change,
  };
}

describe("the form of a rebate plan", () => {
  it("begins with the first day of a period", () => {
    expect(firstDay("2026-11-27", RebateCycle.MONTH)).toBe("2026-11-01");
    expect(firstDay("2026-11-27", RebateCycle.QUARTER)).toBe("2026-10-01");
    expect(firstDay("2026-03-31", RebateCycle.QUARTER)).toBe("2026-01-01");
    expect(firstDay("2026-11-27", RebateCycle.YEAR)).toBe("2026-01-01");
  });

  it("says what it stands for and loses nothing", () => {
    const terms = termsOf(form());
    expect(terms.tiers.map(({ from, reward }) => [from, reward])).toEqual([
      [0n, { case: "ratePpm", value: 5_000 }],
      [10_000_000n, { case: "ratePpm", value: 12_500 }],
    ]);
    expect(termsOf(formOf("monthly-2026", terms))).toEqual(terms);
    const units = form({ basis: RebateBasis.UNITS, tiers: [{ ...emptyTier("perUnit", "1000"), perUnit: "0.05" }] });
    expect(termsOf(units).tiers[0]).toMatchObject({ from: 1_000n, reward: { case: "perUnitMinor", value: 5n } });
    expect(termsOf(formOf("monthly-2026", termsOf(units)))).toEqual(termsOf(units));
  });

  it("tells what is wrong at its field", () => {
    expect(problemsOf(form())).toEqual(new Map());
    const wrong = form({
      id: "new",
      name: " ",
      from: "2026-11-02",
      until: "2026-10-01",
      tiers: [{ ...emptyTier("rate", "5"), rate: "101" }, { ...emptyTier("rate", "5"), rate: "1" }, emptyTier("perUnit", "x")],
    });
    expect(Object.fromEntries(problemsOf(wrong))).toEqual({
      plan_id: "rebate.id.hint",
      "terms.name": "rebate.needed",
      "terms.from": "rebate.from.bad",
      "terms.until": "rebate.until.bad",
      "terms.tiers[0].rate_ppm": "rebate.rate.bad",
      "terms.tiers[1].from": "rebate.tiers.rising",
      "terms.tiers[2].from": "rebate.number.bad",
      "terms.tiers[2].per_unit_minor": "rebate.perUnit.bad",
    });
  });

  it("offers by bracket only what is measured", () => {
    const bracket = form({ ladder: RebateLadder.BRACKET, basis: RebateBasis.UNITS });
    expect(rewardsOf(bracket)).toEqual(["perUnit"]);
    expect(fitting(bracket).tiers.map(({ reward }) => reward)).toEqual(["perUnit", "perUnit"]);
    expect(fitting(form()).tiers).toEqual(form().tiers);
  });
});

describe("words about rebates", () => {
  it("say each tier and what is missing for the next", () => {
    expect(tierWords(termsOf(form()), t, format)).toEqual(["rebate.tier.from ¥0 0.5%", "rebate.tier.from ¥10000000 1.25%"]);
    const accrual = create(RebateAccrualSchema, {
      basis: RebateBasis.UNITS,
      nextTierNo: 2,
      missing: 40n,
      accruedMinor: 100n,
      settledMinor: 130n,
    });
    expect(missingWords(accrual, t, format)).toBe("rebate.missing 2 rebate.units 40");
    expect(missingWords({ ...accrual, nextTierNo: 0 }, t, format)).toBe("");
    expect(openMinor(accrual)).toBe(-30n);
    expect(rewardWords({ case: "perUnitMinor", value: 5n }, "CNY", t, format)).toBe("rebate.perUnit ¥5");
  });
});
