// Stock: orders look at it for as long as it takes. What the dealer would order first is counted, two
// of it are ordered, two more can not be, and once the order is cancelled all of it is there again.
// Nobody keeps the stock of the product afterwards, and the rules are as they were.
import {
  accessible, agree, check, dialog, fits, newPage, opened, PHONE, pick, seen, settled, shot, signIn,
} from "./support.mjs";

const WAREHOUSE = "journey";
const COUNTED = 3;
const ORDERED = 2;

const found = (id) => `.finder li[data-product="${id}"]`;
const row = (page, { id }) => page.locator("tbody tr", { hasText: id });

/** Looks at a page with the pointer elsewhere: what it is over has other colours. */
async function looked(page, name, picture) {
  await page.mouse.move(0, 0);
  await seen(page, name, picture);
}

/** Whether orders look at stock; saves only what is not so already. Whether it was so before. */
async function checks(page, on) {
  await opened(page, "/funds?tab=rules", ".rule-rows");
  const knob = page.locator("[data-rule=stock]");
  const was = (await knob.getAttribute("aria-checked")) === "true";
  if (was !== on) await knob.click();
  if (on) await looked(page, "rule of stock", "210-stock-rule");
  if (await page.locator(".rules-save").isDisabled()) return was;
  await page.click(".rules-save");
  await page.locator(".rules-save:disabled").waitFor();
  const kept = await knob.getAttribute("aria-checked");
  check(kept === String(on), on ? "orders look at stock" : "orders do not look at stock any more");
  return was;
}

/** What the dealer is offered first. */
async function offered(other) {
  await opened(other, "/orders/new", ".finder li button:enabled");
  const first = other.locator(".finder li", { has: other.locator("button:enabled") }).first();
  const id = await first.getAttribute("data-product");
  const name = await first.locator("span").first().evaluate((span) => span.firstChild.textContent.trim());
  return { id, name };
}

/** Counts a product that is not in the list yet. */
async function count(page, product) {
  await opened(page, "/stock", ".page-extra button");
  await looked(page, "stock", "211-stock");
  await page.locator(".page-extra button", { hasText: "盘点" }).click();
  await pick(page, dialog(page).locator(".pick-product"), product.id, product.name);
  await dialog(page).locator(".pick-warehouse input").fill("东仓");
  await dialog(page).locator(".field-error").waitFor();
  check(true, "a warehouse has an id, and that is said beside it");
  await dialog(page).locator(".pick-warehouse input").fill(WAREHOUSE);
  await page.fill("input[name=stock-on-hand]", String(COUNTED));
  await page.fill("input[name=stock-reason]", "旅程");
  await seen(page, "count stock", "212-stock-count");
  await agree(page);
  await says(page, product, COUNTED);
  check((await row(page, product).textContent()).includes(WAREHOUSE), "what was counted is in the list, with its warehouse");
  await looked(page, "stock that was counted", "213-stock-counted");
}

/** Until so many can be ordered: the list follows what was done. */
async function says(page, product, available) {
  await opened(page, `/stock?q=${product.id}`, "tbody tr");
  await row(page, product).locator("[data-stock-available]").getByText(String(available), { exact: true }).waitFor();
}

/** Puts so many of it into the basket. */
async function fill(other, { id }, quantity) {
  await other.locator(`${found(id)} button:enabled`).click();
  await other.locator(".basket-lines input").first().fill(String(quantity));
  await other.keyboard.press("Tab");
}

async function order(other, product) {
  await opened(other, "/orders/new", ".finder li button:enabled");
  await other.locator(`${found(product.id)} .tag`, { hasText: `仅剩 ${COUNTED}` }).waitFor();
  check(true, "the dealer sees that there are few");
  await fill(other, product, ORDERED);
  await other.locator(".basket-foot button:enabled").waitFor();
  check((await other.locator(".basket-left, .basket-short").count()) === 0, "and enough for what it wants");
  await other.click(".basket-foot button");
  await other.waitForURL((url) => /^\/orders\/(?!new)/.test(url.pathname));
  await settled(other);
  return decodeURIComponent(new URL(other.url()).pathname.split("/").at(-1));
}

async function reserved(page, product) {
  await says(page, product, COUNTED - ORDERED);
  await row(page, product).click();
  await dialog(page).locator("tbody tr", { hasText: WAREHOUSE }).waitFor();
  const numbers = await dialog(page).locator("tbody tr td.num").allTextContents();
  check(numbers.join() === [COUNTED, ORDERED, COUNTED - ORDERED].join(), "the order has reserved what it takes");
  await seen(page, "stock by warehouse", "214-stock-warehouses");
  await page.keyboard.press("Escape");
  await page.locator(".ant-modal-wrap:visible").waitFor({ state: "hidden" });
}

/** The dealer wants more than is left, and is told how much that is. */
async function refused(other, product) {
  await opened(other, "/orders/new", ".finder li button:enabled");
  await other.locator(`${found(product.id)} .tag`, { hasText: `仅剩 ${COUNTED - ORDERED}` }).waitFor();
  await fill(other, product, ORDERED);
  await other.locator(".basket-left", { hasText: `仅剩 ${COUNTED - ORDERED}` }).waitFor();
  await other.waitForSelector(".basket-short");
  check(await other.locator(".basket-foot button").isDisabled(), "more than is left can not be ordered");
  await looked(other, "too little stock", "215-stock-short");
  await other.locator(".basket-lines input").first().fill(String(COUNTED - ORDERED));
  await other.keyboard.press("Tab");
  await other.locator(".basket-foot button:enabled").waitFor();
  check((await other.locator(".basket-short").count()) === 0, "and what is left can");
  await other.locator(".basket-lines li button").last().click();
  await other.waitForSelector(".basket .state");
}

async function cancel(page, product, orderId) {
  await opened(page, `/orders/${orderId}`, ".page-extra button.ant-btn-dangerous");
  await page.locator(".page-extra button.ant-btn-dangerous").click();
  await dialog(page).locator("textarea").fill("旅程");
  await agree(page);
  await page.waitForSelector("#content .tag-cancelled");
  await says(page, product, COUNTED);
  check(true, "what a cancelled order had is there again");
  await looked(page, "stock that is back", "216-stock-back");
}

async function stockOnPhone(browser, web, admin, product) {
  const page = await newPage(browser, { web, viewport: PHONE, locale: "en-US", scheme: "dark" });
  await signIn(page, admin);
  await opened(page, `/stock?q=${product.id}`, ".card-row");
  await fits(page, "phone stock");
  await looked(page, "phone stock", "217-phone-stock");
  await page.locator(".card-row").first().click();
  await dialog(page).locator(".card-row").first().waitFor();
  await fits(page, "phone stock by warehouse");
  await seen(page, "phone stock by warehouse", "218-phone-stock-warehouses");
  await page.context().close();
}

async function end(page, product) {
  await opened(page, `/stock?q=${product.id}`, "tbody tr");
  await row(page, product).locator(".row-actions button.ant-btn-dangerous").click();
  await dialog(page).locator("textarea").fill("旅程");
  await seen(page, "end keeping stock", "219-stock-end");
  await agree(page);
  await row(page, product).waitFor({ state: "detached" });
  check(true, "its stock is not kept any more");
  await opened(page, "/stock?filter=out", "#content .chip-on");
  await accessible(page, "stock that is out");
  await shot(page, "220-stock-out");
}

export async function stock(browser, web, admin, dealer) {
  console.log("stock");
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  const before = await checks(page, true);
  const other = await newPage(browser, { web });
  await signIn(other, dealer);
  const product = await offered(other);
  await count(page, product);
  const orderId = await order(other, product);
  await reserved(page, product);
  await refused(other, product);
  await other.context().close();
  await cancel(page, product, orderId);
  await stockOnPhone(browser, web, admin, product);
  await end(page, product);
  await checks(page, before);
  await page.context().close();
}
