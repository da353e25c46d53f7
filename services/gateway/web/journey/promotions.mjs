// Promotions: drafted by one person, approved by another, given in an order, tried out, and ended
// again, so that nothing that comes after it finds one that counts.
import { accessible, check, fits, minor, newPage, PHONE, settled, shot, signIn } from "./support.mjs";

const ID = `journey-${Date.now().toString(36)}`;
const NAME = `旅程满减 ${ID.slice(-4)}`;

const dialog = (page) => page.locator(".ant-modal-wrap:visible .ant-modal").last();
const gone = (page) => page.locator(".ant-modal-wrap:visible").waitFor({ state: "hidden" });
const act = (page, words) => page.locator(".page-extra button", { hasText: words }).click();
const total = async (page) => minor(await page.textContent("[data-draft-total]"));
const agree = async (page) => {
  await dialog(page).locator(".ant-modal-footer .ant-btn").last().click();
  await gone(page);
};

async function opened(page, path, sign) {
  await page.goto(path);
  await page.waitForSelector(sign);
  await settled(page);
}

/** An administrator writes it down, and can not approve it. */
async function draft(page) {
  await opened(page, "/promotions", ".page-extra button");
  await accessible(page, "promotions");
  await shot(page, "130-promotions");
  await page.click(".page-extra button");
  await page.waitForSelector(".promo-editor");
  await accessible(page, "new promotion");
  await page.click(".promo-preview button[type=submit]");
  await page.waitForSelector(".promo-form .field-error");
  check((await page.locator(".promo-form .field-error").count()) === 4, "what is missing stands beside its field");
  await page.fill("input[name=promotion-name]", NAME);
  await page.fill("input[name=promotion-id]", ID);
  await page.fill("input[name=tier-0-from]", "1000");
  await page.fill("input[name=tier-0-off]", "50");
  await page.getByText("每满一次给一次").click();
  await page.reload();
  await page.waitForSelector(".promo-editor");
  check((await page.inputValue("input[name=promotion-id]")) === ID, "what is not saved yet outlives a reload");
  await accessible(page, "written promotion");
  await shot(page, "131-promotion-new");
  await page.click(".promo-preview button[type=submit]");
  await page.waitForURL(`**/promotions/${ID}`);
  await page.waitForSelector("#content .tag-promo-draft");
  await settled(page);
  check((await page.textContent(".terms")).includes("每满"), "it says in words what it gives");
  await act(page, "批准");
  await dialog(page).locator(".ant-btn-primary").click();
  await dialog(page).locator(".state-failed").waitFor();
  await accessible(page, "approved by oneself");
  await shot(page, "132-promotion-apart");
  check((await dialog(page).textContent()).includes("职责分离"), "whoever wrote it does not approve it");
  await dialog(page).locator(".ant-modal-footer .ant-btn").first().click();
  await gone(page);
}

async function approve(page) {
  await opened(page, `/promotions/${ID}`, "#content .tag-promo-draft");
  await act(page, "批准");
  await page.waitForTimeout(300);
  await accessible(page, "approve");
  await shot(page, "133-promotion-approve");
  await agree(page);
  await page.waitForSelector("#content .tag-promo-approved");
  check(true, "somebody else approves it");
  await settled(page);
  await accessible(page, "promotion");
  await shot(page, "134-promotion");
}

async function trial(page) {
  await opened(page, `/promotions/${ID}?tab=trial`, ".trial-ask");
  await page.click(".pick-dealer");
  await page.locator(".ant-select-item-option").first().click();
  await page.click(".goods-rows .pick-product");
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option").first().click();
  await page.locator(".goods-rows input[inputmode=numeric]").fill("20");
  await page.click(".trial-ask");
  await page.waitForSelector(".trial-answer tr.chosen, .trial-answer tr[aria-current]");
  check((await page.textContent(".trial-answer [aria-current] .tag")) === "已享受", "a trial says that it would be given");
  await accessible(page, "trial");
  await shot(page, "135-promotion-trial");
  await opened(page, `/promotions/${ID}?tab=history`, ".timeline .entry");
  check((await page.locator(".timeline .entry").count()) === 2, "its history knows who drafted and who approved it");
  await shot(page, "136-promotion-history");
}

async function basket(page) {
  await opened(page, "/orders/new", ".finder li button:enabled");
  await page.click(".pick-dealer");
  await page.locator(".ant-select-item-option").first().click();
  await page.locator(".finder li button:enabled").nth(0).click();
  await page.locator(".finder li button:enabled").nth(1).click();
  await page.locator(".basket-lines input").first().fill("3");
  await page.keyboard.press("Tab");
  await page.locator(".offer-given", { hasText: NAME }).waitFor();
  await page.locator(".offers:not(.stale)").waitFor();
}

async function order(page) {
  await basket(page);
  const off = -minor(await page.locator(".offer-given li", { hasText: NAME }).locator(".num").textContent());
  const struck = await page.locator(".basket-cost s").allTextContents();
  const gross = struck.map((text) => minor(text)).reduce((a, b) => a + b, 0n);
  const net = await total(page);
  check(off > 0n && net === gross - off, "the basket shows the discount, and the lines add up");
  check((await page.textContent(".offer-hints")).includes(NAME), "it says what a little more would bring");
  await accessible(page, "order with a promotion");
  await shot(page, "137-order-promotion");
  await page.click(".basket-foot button");
  await page.waitForURL((url) => /^\/orders\/(?!new)/.test(url.pathname));
  await settled(page);
  check((await page.locator("#content .facts").allTextContents()).join().includes("促销优惠"), "the order says how much less it costs");
  check((await page.textContent("#content .offer-given")).includes(NAME), "and by which promotion");
  const shown = await page.locator(".panel-flush tfoot td").last().textContent();
  check(minor(shown) === net, "it costs what the basket said");
  await accessible(page, "order, discounted");
  await shot(page, "138-order-placed");
  await cancel(page);
}

async function cancel(page) {
  await page.locator("button.ant-btn-dangerous").first().click();
  await page.fill(".ant-modal textarea", "journey");
  await page.locator(".ant-modal button.ant-btn-dangerous").click();
  await page.waitForSelector("#content .tag-cancelled");
}

async function stop(page, words, reason, tag) {
  await opened(page, `/promotions/${ID}`, ".page-extra button");
  await act(page, words);
  await dialog(page).locator("textarea").fill(reason);
  await page.waitForTimeout(300);
  await accessible(page, words);
  await agree(page);
  await page.waitForSelector(`#content ${tag}`);
}

/** The promotion is paused between the quote and the order. */
async function changed(page, other) {
  await basket(page);
  const before = await total(page);
  let release;
  const held = new Promise((done) => (release = done));
  await page.route("**/QuoteOrder", async (route) => {
    await held;
    // The page may have asked anew meanwhile.
    await route.continue().catch(() => undefined);
  });
  await stop(other, "暂停", "旅程", ".tag-promo-paused");
  await page.click(".basket-foot button");
  await page.waitForSelector(".basket .state-failed");
  release();
  await page.waitForSelector(".amount-changed");
  await page.locator(".offers:not(.stale)").waitFor({ state: "attached" });
  check((await total(page)) > before, "an order at an amount that is no longer right is not taken");
  await accessible(page, "amount changed");
  await shot(page, "139-amount-changed");
  await page.unroute("**/QuoteOrder");
  await page.click(".basket-foot button");
  await page.waitForURL((url) => /^\/orders\/(?!new)/.test(url.pathname));
  await settled(page);
  check(true, "once it was seen, it is taken at the new amount");
  await cancel(page);
}

export async function promotions(browser, web, admin, director) {
  console.log("promotions");
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  await draft(page);
  const other = await newPage(browser, { web });
  await signIn(other, director);
  await approve(other);
  await trial(other);
  await order(page);
  await promotionsOnPhone(browser, web, admin);
  await changed(page, other);
  await stop(other, "结束", "旅程结束", ".tag-promo-ended");
  check(true, "it is paused, and ended for good");
  await shot(other, "140-promotion-ended");
  await other.context().close();
  await page.context().close();
}

async function promotionsOnPhone(browser, web, admin) {
  const page = await newPage(browser, { web, viewport: PHONE, locale: "en-US", scheme: "dark" });
  await signIn(page, admin);
  for (const [name, path, sign] of [
    ["141-phone-promotions", "/promotions", ".card-row"],
    ["142-phone-promotion", `/promotions/${ID}`, ".terms"],
    ["143-phone-promotion-trial", `/promotions/${ID}?tab=trial`, ".trial-ask"],
    ["144-phone-promotion-new", "/promotions/new", ".promo-editor"],
  ]) {
    await opened(page, path, sign);
    await fits(page, name);
    await accessible(page, name);
    await shot(page, name);
  }
  await basket(page);
  await page.locator(".offers").scrollIntoViewIfNeeded();
  await fits(page, "phone order with a promotion");
  await accessible(page, "phone order with a promotion");
  await shot(page, "145-phone-order-promotion");
  await page.context().close();
}
