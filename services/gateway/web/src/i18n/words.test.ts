import { beforeEach, describe, expect, it, vi } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

// As it is before anything was fetched.
beforeEach(() => {
  vi.resetModules();
  vi.restoreAllMocks();
});

describe("fetched words", () => {
  it("come with the page in the language that is spoken", async () => {
    const { isKey, loadLanguage, withWords, wordsOf } = await import("./words");
    await loadLanguage("en");
    expect([isKey("nav.orders"), isKey("mall.add")]).toEqual([true, false]);
    expect(await withWords(async () => "page", "mall")()).toBe("page");
    expect(wordsOf("en", "mall.add")).toBe(en["mall.add"]);
  });

  it("of pages that are open come in a language that is chosen later, also those opened meanwhile", async () => {
    const { loadLanguage, loadWords, wordsOf } = await import("./words");
    await loadLanguage("zh-CN");
    await loadWords("mall");
    const chosen = loadLanguage("en");
    await Promise.all([loadWords("names"), chosen]);
    expect([wordsOf("en", "mall.add"), wordsOf("en", "event.OrderSubmitted")]).toEqual([en["mall.add"], en["event.OrderSubmitted"]]);
  });

  it("are Chinese where those of a language can not be fetched", async () => {
    vi.doMock("./areas/en-shell", () => Promise.reject(new Error("no network")));
    const { loadLanguage, loadWords, wordsOf } = await import("./words");
    await expect(loadLanguage("en")).rejects.toThrow();
    vi.doUnmock("./areas/en-shell");
    await loadWords("mall");
    expect([wordsOf("en", "nav.orders"), wordsOf("en", "mall.add")]).toEqual([zh["nav.orders"], zh["mall.add"]]);
  });

  it("are those of all languages for what people write in any of them", async () => {
    const { loadLanguage, withAllWords, wordsOf } = await import("./words");
    await loadLanguage("en");
    await withAllWords(async () => "dialog", "mall")();
    expect([wordsOf("en", "mall.add"), wordsOf("zh-CN", "mall.add")]).toEqual([en["mall.add"], zh["mall.add"]]);
  });

  it("that are missing are told, and the key stands for them", async () => {
    const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { wordsOf } = await import("./words");
    expect(wordsOf("zh-CN", "mall.add")).toBe("mall.add");
    expect(told).toHaveBeenCalledOnce();
  });
});
