import { create, equals, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { AssortmentEffect, AssortmentTermsSchema, type AssortmentTerms } from "../gen/qudao/order/v1/assortment_service_pb";
import { en } from "../i18n/en";
import { zh } from "../i18n/zh";
import { EFFECT_HINTS, EFFECT_NAMES, EFFECTS, newRule, ruleForm, ruleProblems, ruleTerms } from "./rule-form";

type Init = Exclude<MessageInitShape<typeof AssortmentTermsSchema>, AssortmentTerms>;

const terms = (own: Init) =>
  create(AssortmentTermsSchema, { name: "新品先供华东", effect: AssortmentEffect.EXCLUSIVE, from: "2027-01-01", audience: {}, scope: {}, ...own });

describe("a rule in the form", () => {
  it("is the same rule again", () => {
    for (const effect of EFFECTS) {
      const before = terms({
        effect,
        until: "2027-03-31",
        audience: { regionIds: ["east"], levelIds: ["gold"], deniedDealerIds: ["d-2"] },
        scope: { productIds: ["tea"], categories: [{ path: ["饮料", "茶"] }], exceptProductIds: ["water"] },
      });
      expect(equals(AssortmentTermsSchema, ruleTerms(ruleForm("x", before)), before)).toBe(true);
      expect([...ruleProblems(ruleForm("x", before))]).toEqual([]);
    }
  });

  it("says what is missing at first", () => {
    expect([...ruleProblems(newRule("2026-11-26")).keys()]).toEqual(["rule_id", "terms.name", "terms.effect"]);
  });

  it("does not hide everything from everybody", () => {
    const hide = (own: Init) => ruleProblems(ruleForm("x", terms({ effect: AssortmentEffect.HIDE, ...own }))).get("terms.effect");
    expect(hide({})).toBe("range.hidesEverything");
    expect(hide({ audience: { levelIds: ["gold"] } })).toBeUndefined();
    expect(hide({ scope: { exceptProductIds: ["tea"] } })).toBeUndefined();
    // The others do so only to those whom they name, or to nobody.
    expect(ruleProblems(ruleForm("x", terms({}))).size).toBe(0);
  });

  it("keeps the address of the page for new rules free", () => {
    expect(ruleProblems(ruleForm("new", terms({}))).has("rule_id")).toBe(true);
    expect(ruleProblems(ruleForm("Neu", terms({}))).has("rule_id")).toBe(true);
    expect(ruleProblems(ruleForm("new-1", terms({}))).size).toBe(0);
  });

  it("ends after it begins", () => {
    expect(ruleProblems(ruleForm("x", terms({ until: "2026-12-31" }))).get("terms.until")).toBe("days.until.bad");
    expect(ruleProblems(ruleForm("x", terms({ from: "" }))).get("terms.from")).toBe("promo.needed");
  });

  it("has a name and a sentence for each effect in both languages", () => {
    for (const dictionary of [zh, en]) {
      const said = EFFECTS.flatMap((effect) => [dictionary[EFFECT_NAMES[effect]], dictionary[EFFECT_HINTS[effect]]]);
      expect(new Set(said).size).toBe(2 * EFFECTS.length);
    }
  });
});
