// After-sales: a dealer receives an order of which one piece is broken, and says so with a photo; that is
// an after-sale case by itself. The brand approves it without wanting the piece back, finance settles it
// by a credit note, and the dealer sees the money and says how content it is. Another piece, that nobody
// buys, is asked about afterwards, sent back, and taken back by the warehouse.
import { looked } from "./funds.mjs";
import { accessible, agree, check, dialog, fits, minor, newPage, opened, PHONE, settled, seen, shot, signIn } from "./support.mjs";

const ORDERED = 4;
const BROKEN = "瓶口碎裂";

const act = (page, name) => page.click(`.page-extra [data-act=${name}]`);
const row = (page, words) => page.locator("tbody tr", { hasText: words });
const step = (page, name) => page.waitForSelector(`[data-step=${name}]`);

/** Orders some of what is offered first, paid as the dealer usually pays. */
async function order(other) {
  await opened(other, "/orders/new", ".finder li button:enabled");
  await other.locator(".finder li button:enabled").first().click();
  await other.locator(".basket-lines input").first().fill(String(ORDERED));
  await other.keyboard.press("Tab");
  await other.locator(".basket-foot button:enabled").waitFor();
  await other.click(".basket-foot button");
  await other.waitForURL((url) => /^\/orders\/(?!new)/.test(url.pathname));
  await settled(other);
  return decodeURIComponent(new URL(other.url()).pathname.split("/").at(-1));
}

/** Whatever keeps the order from leaving, then all of it leaves. */
async function ship(page, id) {
  await opened(page, `/orders/${id}`, ".page-extra [data-act]");
  for (const name of ["release", "confirm"]) {
    if ((await page.locator(`.page-extra [data-act=${name}]`).count()) === 0) continue;
    await act(page, name);
    const why = dialog(page).locator("textarea");
    if ((await why.count()) > 0) await why.fill("旅程");
    await agree(page);
  }
  await page.waitForSelector(".page-extra [data-act=ship]");
  await act(page, "ship");
  await agree(page);
  await page.waitForSelector(".step-done + .step-done + .step-done");
}

/** A photo of nothing. */
async function photo(page) {
  const url = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
    const pen = canvas.getContext("2d");
    for (let i = 0; i < 60; i++) {
      pen.fillStyle = `hsl(${i * 37}, 60%, 50%)`;
      pen.fillRect((i * 83) % 640, (i * 61) % 480, 90, 70);
    }
    return canvas.toDataURL("image/jpeg", 0.9);
  });
  return Buffer.from(url.split(",")[1], "base64");
}

async function receive(other, id) {
  await opened(other, `/orders/${id}`, ".page-extra [data-act=receive]");
  await act(other, "receive");
  await dialog(other).locator("[data-differs]").first().click();
  await dialog(other).locator(".difference-kind").click();
  await other.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: "破损" }).click();
  await dialog(other).locator(".difference-note").fill(BROKEN);
  await dialog(other).locator(".upload input[type=file]").first().setInputFiles({ name: "破损.jpg", mimeType: "image/jpeg", buffer: await photo(other) });
  await dialog(other).locator(".upload-hint", { hasText: "已上传 1 张" }).waitFor({ timeout: 60_000 });
  check(true, "a photo goes with what is said");
  check((await dialog(other).locator(".ant-modal-footer .ant-btn").last().textContent()).includes(`签收 ${ORDERED - 1} 件，差异 1 件`), "all but what is broken arrived well");
  await seen(other, "receive with a difference", "251-receive-difference");
  await agree(other);
  await other.waitForSelector(".order-after-sales .tag-case-requested");
  await settled(other);
  check((await other.locator(".order-after-sales").textContent()).includes("破损"), "what is broken is an after-sale case by itself");
  await looked(other, "order with an after-sale case", "252-order-after-sale");
  await other.locator(".order-after-sales tbody tr").first().click();
  await other.waitForURL("**/after-sales/*");
  await step(other, "next");
  return decodeURIComponent(new URL(other.url()).pathname.split("/").at(-1));
}

async function approve(page, caseId, orderId) {
  await opened(page, `/after-sales?tab=review&q=${orderId}`, "tbody tr");
  await looked(page, "after-sales to be reviewed", "253-after-sales-review");
  await row(page, caseId).click();
  await page.waitForURL("**/after-sales/*");
  await page.waitForSelector(".file img");
  check((await page.locator(".table").first().textContent()).includes(BROKEN), "the brand reads what the dealer said, and sees the photo");
  await looked(page, "after-sale case", "254-after-sale");
  await act(page, "approve");
  await seen(page, "approve a case", "255-after-sale-approve");
  await agree(page);
  await page.waitForSelector("#content .tag-case-toSettle");
  check(true, "a case that nothing comes back for waits for finance");
}

async function settle(finance, caseId) {
  await opened(finance, `/after-sales/${caseId}`, ".page-extra [data-act=settle]");
  await act(finance, "settle");
  await dialog(finance).locator("[data-settlement=creditNote]").click();
  await dialog(finance).locator("strong", { hasText: "实付约" }).waitFor();
  const worth = minor((await dialog(finance).locator("p strong").textContent()).replace("实付约", ""));
  await dialog(finance).locator("textarea[name=remark]").fill("已抵扣，请查收");
  await seen(finance, "settle a case", "256-after-sale-settle");
  await agree(finance);
  await finance.waitForSelector("#content .tag-case-settled");
  await settled(finance);
  const amount = minor(await finance.textContent("[data-case-amount]"));
  check(amount > 0n && amount === worth, "the dealer is given what it paid for it");
  const parts = await finance.locator("[data-payout]").allTextContents();
  check(parts.map(minor).reduce((sum, part) => sum + part, 0n) === amount, "and it is told where all of that went");
  await looked(finance, "settled case", "257-after-sale-settled");
  await finance.goto("/after-sales?tab=settle");
  await settled(finance);
  check((await row(finance, caseId).count()) === 0, "what is settled waits for nobody");
  return amount;
}

async function rated(other, caseId) {
  await opened(other, `/after-sales/${caseId}`, ".page-extra [data-act=rate]");
  await act(other, "rate");
  await dialog(other).locator("[data-rate=goods] .ant-rate-star").nth(4).click();
  await dialog(other).locator("[data-rate=service] .ant-rate-star").nth(3).click();
  await dialog(other).locator("textarea[name=comment]").fill("处理很快");
  await seen(other, "rate a case", "258-after-sale-rate");
  await agree(other);
  await other.waitForSelector("#content .case-rating");
  check((await other.locator(".case-rating .stars").count()) === 2, "the dealer has said how content it is");
  await looked(other, "rated case", "259-after-sale-rated");
}

/** The credit note is in what the dealer owes, or has. */
async function balance(other, caseId, amount) {
  await opened(other, "/funds?tab=entries", "tbody tr");
  const entries = row(other, caseId);
  await entries.first().waitFor();
  check((await entries.first().textContent()).includes("售后退款"), "the dealer's entries have the case");
  const changes = (await entries.locator("td:nth-child(4)").allTextContents()).map(minor);
  const moved = changes.reduce((sum, change) => sum + (change < 0n ? -change : change), 0n);
  check(moved === amount, "and all that the dealer was given");
  await looked(other, "entries of the dealer", "260-after-sale-entries");
}

/** Goods that nobody buys: asked about afterwards, sent back, and taken back. */
async function comesBack(page, other, orderId) {
  await opened(other, `/orders/${orderId}`, ".page-extra [data-act=claim]");
  await act(other, "claim");
  await dialog(other).locator("[data-claim] input").first().fill("1");
  await other.keyboard.press("Tab");
  await dialog(other).locator(".difference-kind").click();
  await other.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: "滞销" }).click();
  await seen(other, "ask for an after-sale", "261-after-sale-request");
  await agree(other);
  await other.waitForSelector(".order-after-sales .tag-case-requested");
  await other.locator(".order-after-sales tbody tr", { has: other.locator(".tag-case-requested") }).click();
  await other.waitForURL("**/after-sales/*");
  await step(other, "next");
  const path = new URL(other.url()).pathname;
  await opened(page, path, ".page-extra [data-act=approve]");
  await act(page, "approve");
  await dialog(page).locator(".ant-radio-wrapper").nth(1).click();
  await agree(page);
  await page.waitForSelector("#content .tag-case-awaitingReturn");
  await other.waitForSelector(".page-extra [data-act=ship]");
  await act(other, "ship");
  await dialog(other).locator(".pick-carrier input").fill("德邦物流");
  await dialog(other).locator("input[name=tracking-number]").fill("DPK202611270001");
  await seen(other, "send goods back", "262-after-sale-ship");
  await agree(other);
  await other.waitForSelector("#content .tag-case-inTransit");
  await page.waitForSelector("#content .tag-case-inTransit");
  await act(page, "receive");
  await dialog(page).locator(".pick-warehouse input").fill("journey");
  await page.keyboard.press("Tab");
  await seen(page, "take goods back", "263-after-sale-receive");
  await agree(page);
  await page.waitForSelector("#content .tag-case-toSettle");
  await settled(page);
  check(true, "what came back can be settled");
  await looked(page, "case whose goods are back", "263a-after-sale-back");
  await act(page, "settle");
  await dialog(page).locator("[data-settlement=replacement]").click();
  await agree(page);
  await page.waitForSelector("#content .tag-case-settled");
  const again = page.locator(".facts a").nth(1);
  const replacement = (await again.textContent()).trim();
  check(replacement !== orderId, "goods are sent again by an order of its own");
  await again.click();
  await page.waitForURL(`**/orders/${replacement}`);
  await page.locator(".note", { hasText: "补发换货" }).waitFor();
  check((await page.locator(".note a").textContent()) === path.split("/").at(-1), "which says what it makes up for");
  await settled(page);
  await looked(page, "replacement order", "265-after-sale-replacement");
}

async function rateOrder(other, orderId) {
  await opened(other, `/orders/${orderId}`, ".page-extra [data-act=rate]");
  await act(other, "rate");
  await dialog(other).locator("[data-rate=goods] .ant-rate-star").nth(3).click();
  await dialog(other).locator("[data-rate=service] .ant-rate-star").nth(4).click();
  await agree(other);
  await other.waitForSelector("[data-order-rating]");
  check((await other.locator(".page-extra [data-act=rate]").count()) === 0, "an order is rated once");
}

async function onPhone(browser, web, user, caseId, orderId) {
  const page = await newPage(browser, { web, viewport: PHONE, locale: "en-US", scheme: "dark" });
  await signIn(page, user);
  for (const [name, path, sign] of [
    ["266-phone-after-sales", "/after-sales", ".card-row"],
    ["267-phone-after-sale", `/after-sales/${caseId}`, ".case-story"],
    ["268-phone-order-after-sale", `/orders/${orderId}`, ".order-after-sales"],
  ]) {
    await opened(page, path, sign);
    await fits(page, name);
    await accessible(page, name);
    await shot(page, name);
  }
  await page.locator(".order-after-sales").scrollIntoViewIfNeeded();
  await shot(page, "269-phone-order-cases");
  await page.context().close();
}

/** The same in the mall, where the dealer is at home on a phone. */
async function inMall(browser, web, dealer, caseId, orderId) {
  const page = await newPage(browser, { web, viewport: PHONE });
  await page.goto("/mall");
  await page.fill("input[name=tenant]", dealer.tenant);
  await page.fill("input[name=login]", dealer.login);
  await page.fill("input[name=password]", dealer.password);
  await page.click("button[type=submit]");
  await page.waitForSelector("#content");
  for (const [name, path, sign] of [
    ["285-mall-order-after-sale", `/mall/orders/${orderId}`, ".order-after-sales"],
    ["286-mall-after-sale", `/mall/after-sales/${caseId}`, ".case-story"],
  ]) {
    await page.goto(path);
    await page.waitForSelector(sign);
    await page.waitForTimeout(500);
    await fits(page, name);
    await accessible(page, name);
    await shot(page, name);
  }
  await page.context().close();
}

/** `admin`, `finance` and `dealer` are people of a brand that is paid here by its rules. */
export async function afterSales(browser, web, admin, finance, dealer) {
  console.log("after-sales");
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  const other = await newPage(browser, { web });
  await signIn(other, dealer);
  const orderId = await order(other);
  await ship(page, orderId);
  const caseId = await receive(other, orderId);
  await approve(page, caseId, orderId);
  const money = await newPage(browser, { web });
  await signIn(money, finance);
  const amount = await settle(money, caseId);
  await money.context().close();
  await rated(other, caseId);
  await balance(other, caseId, amount);
  await comesBack(page, other, orderId);
  await rateOrder(other, orderId);
  await opened(page, `/after-sales/${caseId}?tab=history`, ".timeline .entry");
  check((await page.locator(".timeline .entry").count()) >= 4, "the history of the case knows all of it");
  await opened(page, "/after-sales?q=nothing-is-called-this", "#content .state");
  await accessible(page, "no after-sales");
  await shot(page, "264-after-sales-none");
  await page.context().close();
  await other.context().close();
  await onPhone(browser, web, admin, caseId, orderId);
  await inMall(browser, web, dealer, caseId, orderId);
}
