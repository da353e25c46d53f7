import { describe, expect, it } from "vitest";
import { HandoverStatus } from "../gen/qudao/connector/v1/handover_service_pb";
import { codesIn, isByHand, isOpen, needsPerson, saidOf } from "./words";

describe("codes of the books", () => {
  it("are read as they are pasted from a sheet", () => {
    const { codes, wrong } = codesIn("tea-250\tP-001\n\ntea-500=P-002\n tea-750 , P 003 \ntea-1000=\n");
    expect(codes).toEqual([
      { own: "tea-250", theirs: "P-001" },
      { own: "tea-500", theirs: "P-002" },
      { own: "tea-750", theirs: "P 003" },
      { own: "tea-1000", theirs: "" },
    ]);
    expect(wrong).toEqual([]);
  });

  it("are told by the number of their line when they are none", () => {
    expect(codesIn("tea-250\nTEA=P-001\na=b=c\ntea-500,P-002").wrong).toEqual([1, 2, 3]);
  });
});

describe("a document", () => {
  it("waits for a person when it was refused or given up", () => {
    const all = [HandoverStatus.WAITING, HandoverStatus.SENT, HandoverStatus.REFUSED, HandoverStatus.GIVEN_UP, HandoverStatus.SKIPPED];
    expect(all.filter((status) => needsPerson({ status }))).toEqual([HandoverStatus.REFUSED, HandoverStatus.GIVEN_UP]);
    expect(all.filter((status) => isOpen({ status }))).toHaveLength(3);
  });

  it("is closed or changed by hand when its order was after the books had it", () => {
    expect(isByHand({ cancelled: false, changed: false })).toBe(false);
    expect(isByHand({ cancelled: true, changed: false })).toBe(true);
    expect(isByHand({ cancelled: false, changed: true })).toBe(true);
  });

  it("is told of in the words of the books", () => {
    const refused = { status: HandoverStatus.REFUSED, code: "FMaterialId", text: "物料 x 不存在" };
    expect(saidOf(refused)).toBe("FMaterialId · 物料 x 不存在");
    expect(saidOf({ ...refused, code: "NO_ANSWER" })).toBe("物料 x 不存在");
    expect(saidOf({ ...refused, status: HandoverStatus.SENT })).toBe("");
  });
});
