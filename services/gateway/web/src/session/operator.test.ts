import { describe, expect, it } from "vitest";
import { expiryOf } from "./operator-store";

describe("an operator's token", () => {
  const token = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;

  it("says when it ends", () => {
    expect(expiryOf(token({ sub: "operator", name: "运营?>", exp: 1_795_651_200 }))).toBe(1_795_651_200_000);
  });

  it("is not any text", () => {
    for (const text of ["", "qudao", "a.b.c", token({}), token({ exp: "soon" })]) expect(expiryOf(text)).toBeUndefined();
  });
});
