import { describe, expect, it } from "vitest";
import { opinionOn } from "./strength";

const KNOWN = ["zhang.wei.sh", "flywheel", "飞轮单车 Flywheel Bikes", "张伟"];

describe("an opinion on a password", () => {
  it("finds weak what is tried first", () => {
    for (const password of [
      "short", "password12", "1234567890", "qwertyuiop", "iloveyou123", "zhang.wei.sh", "zhang.wei.sh1",
      "flywheelflywheel", "flywheel2026", "aaaaaaaaaaaa", "Passw0rd!!",
    ]) {
      expect(opinionOn(password, KNOWN).strength, password).toBe(0);
    }
  });

  it("finds some unrelated words good", () => {
    for (const password of ["correct horse", "moon over water", "李白乘舟将欲行忽闻岸上"]) {
      expect(opinionOn(password, KNOWN).strength, password).toBeGreaterThan(1);
    }
  });

  it("says which rule is not kept", () => {
    expect(opinionOn("flywheel99", KNOWN)).toMatchObject({ longEnough: true, unrelated: false });
    expect(opinionOn("k7#Xq", KNOWN)).toMatchObject({ longEnough: false, unrelated: true });
    expect(opinionOn("abababababab", [])).toMatchObject({ longEnough: true, unusual: false });
  });
});
