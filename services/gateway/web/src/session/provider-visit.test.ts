import { expect, test } from "vitest";
import { answerOf, keepVisit, takeVisit, type Visit } from "./provider-visit";

function memory(): Storage {
  const held = new Map<string, string>();
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  } as Storage;
}

test("a visit is taken once", () => {
  const store = memory();
  const visit: Visit = { purpose: { kind: "signIn", tenantId: "bikes" }, flowSecret: "s" };
  keepVisit(visit, store);
  expect(takeVisit(store)).toEqual(visit);
  expect(takeVisit(store)).toBeUndefined();
});

test("what is no visit is none", () => {
  const store = memory();
  store.setItem("qudao.visit", "{");
  expect(takeVisit(store)).toBeUndefined();
});

test("an answer has a state and a code, and no error", () => {
  expect(answerOf("?state=a&code=b&iss=https%3A%2F%2Fid")).toEqual({ state: "a", code: "b", issuer: "https://id" });
  expect(answerOf("?state=a&code=b")?.issuer).toBe("");
  expect(answerOf("?state=a&error=access_denied")).toBeUndefined();
  expect(answerOf("?code=b")).toBeUndefined();
});
