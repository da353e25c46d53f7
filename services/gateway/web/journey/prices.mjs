// Prices and the visible range: a level of its own, a dealer of it, a list that counts for it with a
// price and a break, why it pays that, an order at that price, and a rule that hides the product;
// all of it is taken back, but for the level and the list, which count for nobody any more.
import {
  accessible, agree, check, dialog, fits, minor, newPage, opened, PHONE, pick, seen, settled, shot, signIn,
} from "./support.mjs";

const ID = `journey-${Date.now().toString(36)}`;
const LEVEL = `旅程级 ${ID.slice(-4)}`;
const LIST = `旅程价 ${ID.slice(-4)}`;
const RULE = `旅程隐藏 ${ID.slice(-4)}`;
const PRICE = "12.34";
const FROM = "10";
const LARGE = "11.11";

const button = (page, words) => page.locator("#content button", { hasText: words }).first();
const field = (root, label) => root.locator("label.field").filter({ hasText: new RegExp(`^${label}`) });
const adding = (goods) => `button[aria-label=${JSON.stringify(`加入 ${goods}`)}]`;
const added = (goods) => `.finder ${adding(goods)}`;

/** What the dealer is called, and the first product that it can order. */
async function beginning(page, other, dealer) {
  await opened(page, `/dealers?q=${dealer.dealer_id}`, "tbody tr");
  const name = (await page.locator("tbody tr td").first().textContent()).trim();
  await opened(other, "/orders/new", ".finder li button:enabled");
  const label = await other.locator(".finder li button:enabled").first().getAttribute("aria-label");
  return { dealerId: dealer.dealer_id, name, goods: label.replace("加入 ", "") };
}

async function level(page) {
  await opened(page, "/dealers", "tbody tr");
  await accessible(page, "dealers with levels");
  await button(page, "级别与渠道设置").click();
  await dialog(page).getByText("添加级别").click();
  const row = dialog(page).locator(".class-rows").first().locator("li").last();
  await row.locator("input").nth(0).fill(LEVEL);
  await row.locator("input").nth(1).fill(ID);
  await seen(page, "levels and channels", "150-levels");
  await agree(page);
  check(true, "a level is named");
}

/** Says what the dealer is; nothing chosen means of no level. */
async function classify(page, { dealerId }, name) {
  await opened(page, `/dealers?q=${dealerId}`, "tbody tr .row-actions button");
  await page.locator("tbody tr .row-actions button").first().click();
  await dialog(page).locator(".pick-product").first().click();
  const options = page.locator(".ant-select-dropdown:visible .ant-select-item-option");
  await options.filter({ has: page.getByText(name, { exact: true }) }).first().click();
  await seen(page, "level of a dealer", "151-classify");
  await agree(page);
  check(new URL(page.url()).pathname === "/dealers", "the button of a row does not open the row");
}

async function list(page, { goods }) {
  await opened(page, "/prices", ".page-extra button");
  await accessible(page, "price lists");
  await shot(page, "152-price-lists");
  await button(page, "新建价格表").click();
  await page.fill("input[name=price-list-name]", LIST);
  await page.fill("input[name=price-list-id]", ID);
  await seen(page, "new price list", "153-price-list-new");
  await dialog(page).locator(".ant-modal-footer .ant-btn").last().click();
  await page.waitForURL(`**/prices/${ID}`);
  await page.waitForSelector(".placement");
  await settled(page);
  check((await page.textContent(".placement")).includes("未启用"), "a new list counts for nobody");
  await button(page, "设定价格").click();
  await pick(page, dialog(page).locator(".pick-product"), goods, goods);
  await page.fill("input[name=unit-price]", PRICE);
  await dialog(page).getByText("添加数量价").click();
  await page.fill("input[name=break-0-from]", "1");
  await page.fill("input[name=break-0-price]", LARGE);
  await dialog(page).locator(".ant-modal-footer .ant-btn").last().click();
  await dialog(page).locator(".break-rows .field-error").waitFor();
  check(true, "a larger quantity begins at two");
  await page.fill("input[name=break-0-from]", FROM);
  await seen(page, "price", "154-price");
  await agree(page);
  await page.locator("tbody tr", { hasText: goods }).waitFor();
  const row = await page.locator("tbody tr", { hasText: goods }).textContent();
  check(row.includes(PRICE) && row.includes(LARGE), "the list has the price and its break");
}

async function place(page) {
  await page.locator(".placement button", { hasText: "启用" }).click();
  await pick(page, dialog(page).locator(".pick-product").first(), LEVEL, LEVEL);
  await dialog(page).locator(".ant-modal-title").click();
  await seen(page, "place a price list", "155-place");
  await agree(page);
  await page.locator(".placement .terms", { hasText: LEVEL }).waitFor();
  check(true, "the list counts for the level");
  await settled(page);
  await accessible(page, "price list");
  await shot(page, "156-price-list");
  await opened(page, `/prices/${ID}?tab=history`, ".timeline .entry");
  check((await page.locator(".timeline .entry").count()) >= 2, "its history knows who created and priced it");
}

async function explain(page, { dealerId, name, goods }) {
  await opened(page, "/prices?tab=explain", ".explain-ask");
  await pick(page, page.locator(".explain-form .pick-dealer"), dealerId, name);
  await pick(page, page.locator(".explain-form .pick-product"), goods, goods);
  await page.locator(".explain-form input[inputmode=numeric]").fill(FROM);
  await page.keyboard.press("Tab");
  await page.click(".explain-ask");
  await page.waitForSelector("[data-explained-price]");
  await settled(page);
}

async function explained(page, way) {
  await explain(page, way);
  check(minor(await page.textContent("[data-explained-price]")) === minor(LARGE), "a trial says what so many cost");
  const used = await page.locator(".explain-answer [aria-current]").textContent();
  check(used.includes(LIST), "and from which list");
  check((await page.textContent(".explain-answer .facts")).includes(LEVEL), "and what the dealer is");
  check((await page.locator("[data-visibility=yes]").count()) === 1, "and that it sees the product");
  await accessible(page, "why a price");
  await shot(page, "157-explain");
}

/** What the dealer's own people see. */
async function ownPrice(other, { goods }) {
  await opened(other, `/products?q=${encodeURIComponent(goods)}`, "tbody tr");
  const row = other.locator("tbody tr").filter({ has: other.getByText(goods, { exact: true }) }).first();
  await row.filter({ hasText: PRICE }).waitFor();
  check((await row.textContent()).includes(LARGE), "the dealer's products have its price and break");
}

/** An order for the dealer with the product looked for in the finder. */
async function basket(page, { dealerId, name, goods }) {
  await opened(page, "/orders/new", ".finder li button:enabled");
  await page.fill(".new-order-form input[type=search]", goods);
  await page.locator(added(goods)).waitFor();
  await pick(page, page.locator(".pick-dealer"), dealerId, name);
}

async function order(page, way) {
  await basket(page, way);
  const found = page.locator(".finder li").filter({ has: page.locator(adding(way.goods)) });
  await found.filter({ hasText: PRICE }).waitFor();
  check((await found.textContent()).includes(`满 ${FROM}`), "the finder has the dealer's price and break");
  await page.locator(`${added(way.goods)}:enabled`).click();
  await page.locator(".basket-lines input").first().fill(FROM);
  await page.keyboard.press("Tab");
  await page.locator(".basket-name .soft", { hasText: LARGE }).waitFor();
  check(true, "the basket costs what so many cost");
  await page.locator(".basket-foot button:enabled").waitFor();
  await accessible(page, "order at a break");
  await shot(page, "158-order-break");
  await page.click(".basket-foot button");
  await page.waitForURL((url) => /^\/orders\/(?!new)/.test(url.pathname));
  await settled(page);
  check((await page.textContent("#content")).includes(LARGE), "the order is placed at that price");
  await page.locator("button.ant-btn-dangerous").first().click();
  await page.fill(".ant-modal textarea", "journey");
  await page.locator(".ant-modal button.ant-btn-dangerous").click();
  await page.waitForSelector("#content .tag-cancelled");
}

async function rule(page, { goods }) {
  await opened(page, "/range", ".page-extra button");
  await accessible(page, "visible range");
  await shot(page, "159-range");
  await button(page, "新建规则").click();
  await page.waitForSelector(".promo-editor");
  await page.click(".promo-preview button[type=submit]");
  await page.waitForSelector(".promo-form .field-error");
  check((await page.locator(".promo-form .field-error").count()) === 3, "what is missing stands beside its field");
  await page.fill("input[name=rule-name]", RULE);
  await page.fill("input[name=rule-id]", ID);
  const form = page.locator(".promo-form");
  await pick(page, field(form, "级别").locator(".pick-product"), LEVEL, LEVEL);
  await page.click("h1");
  await pick(page, field(form, "商品").locator(".pick-product"), goods, goods);
  await page.click("h1");
  check((await page.textContent(".promo-preview")).includes(LEVEL), "it reads in words for whom it is");
  await accessible(page, "new rule");
  await shot(page, "160-rule");
  await page.click(".promo-preview button[type=submit]");
  await page.waitForURL((url) => url.pathname === "/range");
  await page.locator("tbody tr", { hasText: RULE }).waitFor();
  check(true, "a rule hides the product from the level");
}

async function hidden(page, other, way) {
  await explain(page, way);
  check((await page.locator("[data-visibility=no]").textContent()).includes(ID), "a trial says which rule hides it");
  await shot(page, "161-explain-hidden");
  await basket(page, way);
  await page.locator(added(way.goods)).waitFor({ state: "detached" });
  check(true, "it is gone from what can be ordered for the dealer");
  await other.goto(`/products?q=${encodeURIComponent(way.goods)}`);
  await settled(other);
  const rows = other.locator("tbody tr").filter({ has: other.getByText(way.goods, { exact: true }) });
  check((await rows.count()) === 0, "and from what the dealer sees");
  await shot(other, "162-hidden-from-dealer");
}

/** Nothing of it may count for what comes after it. */
async function back(page, way) {
  await opened(page, `/range?q=${ID}`, "tbody tr .row-actions button");
  await page.locator("tbody tr .row-actions button").first().click();
  await dialog(page).locator("textarea").fill("旅程");
  await seen(page, "remove a rule", "163-rule-remove");
  await agree(page);
  await page.waitForSelector("#content .state");
  check(true, "the rule is removed");
  await opened(page, `/prices/${ID}`, ".placement .terms");
  await page.locator("tbody tr .row-actions button", { hasText: "撤下" }).click();
  await seen(page, "withdraw a price", "164-price-withdraw");
  await agree(page);
  await page.waitForSelector("#content .state");
  await page.locator(".placement button", { hasText: "停用" }).click();
  await dialog(page).locator("textarea").fill("旅程");
  await seen(page, "take a list out", "165-take-out");
  await agree(page);
  await page.locator(".placement", { hasText: "未启用" }).waitFor();
  check(true, "the price is withdrawn, and the list taken out");
  await classify(page, way, "无级别");
  await page.locator("tbody tr", { hasText: LEVEL }).waitFor({ state: "detached" });
  check(true, "the dealer is what it was");
}

export async function prices(browser, web, admin, dealer) {
  console.log("prices and range");
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  const other = await newPage(browser, { web });
  await signIn(other, dealer);
  const way = await beginning(page, other, dealer);
  await level(page);
  await classify(page, way, LEVEL);
  await page.locator("tbody tr", { hasText: LEVEL }).waitFor();
  check(true, "the dealer is of that level");
  await list(page, way);
  await place(page);
  await explained(page, way);
  await ownPrice(other, way);
  await order(page, way);
  await rule(page, way);
  await hidden(page, other, way);
  await pricesOnPhone(browser, web, admin);
  await back(page, way);
  await other.context().close();
  await page.context().close();
}

async function pricesOnPhone(browser, web, admin) {
  const page = await newPage(browser, { web, viewport: PHONE, locale: "en-US", scheme: "dark" });
  await signIn(page, admin);
  for (const [name, path, sign] of [
    ["166-phone-prices", "/prices", ".card-row"],
    ["167-phone-price-list", `/prices/${ID}`, ".placement .terms"],
    ["168-phone-explain", "/prices?tab=explain", ".explain-ask"],
    ["169-phone-range", "/range", ".card-row"],
    ["170-phone-rule", `/range/${ID}`, ".promo-editor"],
    ["171-phone-dealers", "/dealers", ".card-row"],
  ]) {
    await opened(page, path, sign);
    await fits(page, name);
    await accessible(page, name);
    await shot(page, name);
  }
  await page.context().close();
}
