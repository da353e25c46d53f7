import { create } from "@bufbuild/protobuf";
import { renderToStaticMarkup } from "react-dom/server";
import { MemoryRouter } from "react-router";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { FundsAccount, FundsEntrySchema } from "../gen/qudao/order/v1/funds_query_service_pb";
import { MALL_PATH, SurfaceContext, type Surface } from "../shell/surface";
import { EntryTable } from "./entry-table";

// Nobody has signed in where there is no browser.
vi.mock(import("../session/session"), async (original) => ({
  ...(await original()),
  useSession: () => ({ session: undefined }) as ReturnType<Awaited<ReturnType<typeof original>>["useSession"]>,
}));
beforeAll(() => {
  vi.stubGlobal("window", { matchMedia: () => ({ matches: false }) });
  // Links have effects that only a browser runs, which React says of each.
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});

const entry = create(FundsEntrySchema, { position: 7n, account: FundsAccount.PREPAID, changeMinor: 100n, currencyCode: "CNY", orderId: "SO-1", remittanceId: "RM-1" });

function Shown() {
  return <EntryTable entries={[entry]} dealerId="hengtong" />;
}

const drawn = (surface?: Surface) =>
  renderToStaticMarkup(<MemoryRouter>{surface ? <SurfaceContext.Provider value={surface}><Shown /></SurfaceContext.Provider> : <Shown />}</MemoryRouter>);

describe("what is behind an entry", () => {
  it("is a page of the console there", () => {
    const page = drawn();
    expect(page).toContain('href="/orders/SO-1"');
    expect(page).toContain('href="/funds/hengtong?tab=remittances&amp;q=RM-1"');
  });

  it("leads to no page of the console from the mall, and is named all the same", () => {
    const page = drawn({ orders: `${MALL_PATH}/orders` });
    expect(page).toContain(`href="${MALL_PATH}/orders/SO-1"`);
    expect(page).not.toContain("/funds/");
    expect(page).toContain("RM-1");
  });
});
