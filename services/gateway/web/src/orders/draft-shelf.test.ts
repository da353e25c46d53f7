import { afterEach, describe, expect, it, vi } from "vitest";
import { EMPTY_DRAFT, storedDraft, storeDraft } from "./draft";

/** What a browser keeps, as far as baskets need it. */
function shelf() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

function opened(installed: boolean, device: ReturnType<typeof shelf>) {
  vi.stubGlobal("matchMedia", (query: string) => ({ matches: installed && query.includes("standalone") }));
  vi.stubGlobal("localStorage", device);
  vi.stubGlobal("sessionStorage", shelf());
}

const draft = { ...EMPTY_DRAFT, dealerId: "d1" };

describe("a basket that nobody has ordered yet", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("is still there when an installed app was closed, for the person who filled it", () => {
    const device = shelf();
    opened(true, device);
    storeDraft("zhao", draft);
    opened(true, device);
    expect(storedDraft("zhao")).toEqual(draft);
    expect(storedDraft("qian")).toEqual(EMPTY_DRAFT);
    storeDraft("zhao", undefined);
    expect(storedDraft("zhao")).toEqual(EMPTY_DRAFT);
  });

  it("belongs to one tab of a browser", () => {
    const device = shelf();
    opened(false, device);
    storeDraft("zhao", draft);
    expect(storedDraft("zhao")).toEqual(draft);
    opened(false, device);
    expect(storedDraft("zhao")).toEqual(EMPTY_DRAFT);
  });
});
