import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { deviceOf } from "../account/device";
import { contrast, LEAST_CONTRAST, mixed } from "../contrast";
import { Role } from "../gen/qudao/access/v1/access_pb";
import { Module } from "../gen/qudao/access/v1/access_pb";
import { GetTenantResponseSchema } from "../gen/qudao/partner/v1/tenant_service_pb";
import { antdTokens, palette, paletteOf } from "../tokens";
import { draftOf, isReadable, sameDraft, suggested } from "./brand-state";
import { BRAND_ROLES, DEALER_ROLES, movedTo, rolesFor } from "./roles";

describe("a brand's accent", () => {
  it("is as readable as WCAG says", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
    expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 1);
  });

  it("is readable by default", () => {
    for (const scheme of ["light", "dark"] as const) expect(isReadable(palette[scheme].accent, scheme)).toBe(true);
  });

  it("has a readable neighbour", () => {
    for (const colour of ["#ffd400", "#000080", "#ff6a00"]) {
      for (const scheme of ["light", "dark"] as const) {
        expect(isReadable(suggested(colour, scheme), scheme), `${colour} ${scheme}`).toBe(true);
      }
    }
  });

  it.each(["light", "dark"] as const)("can be read under the pointer, too (%s)", (scheme) => {
    const { surface, ground } = palette[scheme];
    const { colorPrimaryHover, colorPrimaryActive, colorLinkHover } = antdTokens(scheme, false);
    for (const colour of [colorPrimaryHover, colorPrimaryActive, colorLinkHover]) {
      expect(contrast(colour, surface)).toBeGreaterThanOrEqual(LEAST_CONTRAST);
      expect(contrast(colour, ground)).toBeGreaterThanOrEqual(LEAST_CONTRAST);
    }
  });

  it("brings its tint and nothing else", () => {
    const own = paletteOf("light", "#7a3e00");
    const changed = Object.entries(own).filter(([name, colour]) => palette.light[name as "accent"] !== colour);
    expect(changed.map(([name]) => name)).toEqual(["accent", "accent-soft"]);
    expect(mixed("#000000", "#ffffff", 0.5)).toBe("#808080");
  });
});

describe("a draft of a brand", () => {
  it("is the same whatever the order of modules", () => {
    const tenant = (modules: Module[]) => create(GetTenantResponseSchema, { name: "Bikes", settings: { modules } });
    const draft = draftOf(tenant([Module.BI, Module.ORDER]));
    expect(sameDraft(draft, draftOf(tenant([Module.ORDER, Module.BI])))).toBe(true);
    expect(sameDraft(draft, draftOf(tenant([Module.ORDER])))).toBe(false);
  });
});

describe("roles", () => {
  it("of dealers and of the brand never mix, and nobody is given the operator's", () => {
    expect(DEALER_ROLES.filter((role) => BRAND_ROLES.includes(role))).toEqual([]);
    expect([...DEALER_ROLES, ...BRAND_ROLES]).not.toContain(Role.OPERATOR);
    expect(rolesFor("")).toBe(BRAND_ROLES);
  });

  it("that can not be in another company go", () => {
    const place = { dealerId: "", dealerName: "", roles: [Role.FINANCE], regionIds: ["us-west"] };
    expect(movedTo(place, "d-1", "Ridge")).toEqual({ dealerId: "d-1", dealerName: "Ridge", roles: [], regionIds: [] });
  });
});

describe("a device", () => {
  it("has a name that people know", () => {
    const phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36";
    expect(deviceOf(phone)).toEqual({ browser: "Chrome", system: "Android", phone: true });
    expect(deviceOf("curl/8.5")).toEqual({ browser: "", system: "", phone: false });
  });
});
