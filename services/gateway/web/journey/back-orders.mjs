// Back-orders: the rules let orders wait for goods. The dealer orders more than there is, agrees to wait,
// and sees what waits, in which place and until when; the brand sees who waits for what. The dealer gives
// up the rest, and everything is as it was afterwards.
import {
  accessible, agree, check, dialog, fits, newPage, opened, PHONE, pick, seen, settled, shot, signIn,
} from "./support.mjs";

const WAREHOUSE = "journey";
const COUNTED = 3;
const ORDERED = 5;
const WAITS = ORDERED - COUNTED;

const row = (page, { id }) => page.locator("tbody tr", { hasText: id });
const act = (page, name) => page.click(`[data-act=${name}]`);

async function looked(page, name, picture) {
  await page.mouse.move(0, 0);
  await seen(page, name, picture);
}

async function save(page) {
  if (await page.locator(".rules-save").isDisabled()) return;
  await page.click(".rules-save");
  await page.locator(".rules-save:disabled").waitFor();
}

/** Lets orders look at stock and wait for it, or not; whether stock was looked at before. */
async function rules(page, stock, backOrders) {
  await opened(page, "/funds?tab=rules", ".rule-rows");
  const knob = page.locator("[data-rule=stock]");
  const was = (await knob.getAttribute("aria-checked")) === "true";
  if (!was) await knob.click();
  await page.locator("[data-rule=backOrders]").getByText(backOrders, { exact: true }).click();
  if (stock) await looked(page, "rules of waiting", "290-waiting-rules");
  else if (was) await knob.click();
  await save(page);
  return was;
}

async function offered(other) {
  await opened(other, "/orders/new", ".finder li button:enabled");
  const first = other.locator(".finder li", { has: other.locator("button:enabled") }).first();
  const id = await first.getAttribute("data-product");
  const name = await first.locator("span").first().evaluate((span) => span.firstChild.textContent.trim());
  return { id, name };
}

async function count(page, product) {
  await opened(page, "/stock", ".page-extra button");
  await page.locator(".page-extra button", { hasText: "盘点" }).click();
  await pick(page, dialog(page).locator(".pick-product"), product.id, product.name);
  await dialog(page).locator(".pick-warehouse input").fill(WAREHOUSE);
  await page.fill("input[name=stock-on-hand]", String(COUNTED));
  await agree(page);
  await opened(page, `/stock?q=${product.id}`, "tbody tr");
  await row(page, product).locator("[data-stock-available]").getByText(String(COUNTED), { exact: true }).waitFor();
}

async function order(other, product) {
  await opened(other, "/orders/new", ".finder li button:enabled");
  await other.locator(`.finder li[data-product="${product.id}"] button:enabled`).click();
  await other.locator(".basket-lines input").first().fill(String(ORDERED));
  await other.keyboard.press("Tab");
  const agrees = other.locator("[data-back-order]");
  await agrees.waitFor();
  await other.waitForSelector(".basket-short");
  check(await other.locator(".basket-foot button").isDisabled(), "nobody waits who does not want to");
  await looked(other, "too little, and the offer to wait", "291-back-order-offer");
  await agrees.check();
  await other.locator(".basket-foot button:enabled").waitFor();
  check((await other.locator(".basket-short").count()) === 0, "who agrees to wait can order it");
  await other.click(".basket-foot button");
  await other.waitForURL((url) => /^\/orders\/(?!new)/.test(url.pathname));
  await other.locator(".order-waiting li", { hasText: `欠 ${WAITS}` }).waitFor();
  check((await other.locator(".order-waiting").textContent()).includes("排第 1 位"), "the dealer sees what waits, and its place");
  await looked(other, "order that waits", "292-order-waiting");
  return decodeURIComponent(new URL(other.url()).pathname.split("/").at(-1));
}

/** Who waits for what, as the brand sees it. */
async function listed(page, product, orderId) {
  await opened(page, "/stock?tab=waiting", "tbody tr");
  check((await row(page, product).textContent()).includes(String(WAITS)), "the product is in the list of what is missing");
  await looked(page, "back-orders by product", "293-back-orders");
  await row(page, product).locator("[data-act=expect]").click();
  const input = dialog(page).locator("#expected-on");
  await input.fill("2031-01-15");
  await page.keyboard.press("Enter");
  await seen(page, "expected day", "294-back-order-expect");
  await agree(page);
  await row(page, product).getByText("2031-01-15").waitFor();
  await row(page, product).click();
  await dialog(page).locator("[data-place='1']", { hasText: orderId }).waitFor();
  await seen(page, "who waits for a product", "295-back-order-line");
  await page.keyboard.press("Escape");
  await opened(page, "/orders?waits=goods", "tbody tr");
  check((await page.locator("tbody tr", { hasText: orderId }).locator("[data-waiting]").count()) === 1, "the board shows what waits for goods");
  await accessible(page, "orders that wait for goods");
  await looked(page, "orders that wait for goods", "296-orders-waiting");
  await opened(page, "/orders?waits=stuck", "#content .chip-on");
  await shot(page, "297-orders-stuck");
}

async function onPhone(browser, web, dealer, orderId) {
  const page = await newPage(browser, { web, viewport: PHONE, locale: "en-US", scheme: "dark" });
  await signIn(page, dealer);
  await opened(page, `/orders/${orderId}`, ".order-waiting");
  await fits(page, "phone order that waits");
  await looked(page, "phone order that waits", "298-phone-order-waiting");
  await page.context().close();
}

/** What is there is accepted for delivery, and the rest goes on waiting. */
async function confirm(page, orderId) {
  await opened(page, `/orders/${orderId}`, ".page-extra [data-act=confirm]");
  await page.click(".page-extra [data-act=confirm]");
  await agree(page);
  await page.locator(".page-extra [data-act=confirm]").waitFor({ state: "detached" });
  check((await page.locator(".order-waiting").count()) === 1, "a confirmed order goes on waiting for the rest");
}

async function expects(other, orderId) {
  await opened(other, `/orders/${orderId}`, ".order-waiting");
  await other.locator(".order-waiting", { hasText: "2031-01-15" }).waitFor();
  check(true, "the dealer sees when more is expected");
  const gives = await other.locator("[data-act=giveUp]").count();
  check(gives === 0 && (await other.locator("[data-act=change]").count()) === 1, "and can ask for a change, rather than give up what waits");
}

async function givesUp(page, orderId) {
  await opened(page, `/orders/${orderId}`, ".order-waiting");
  await act(page, "giveUp");
  await dialog(page).locator("textarea").fill("旅程");
  await seen(page, "giving up what waits", "299-give-up");
  await agree(page);
  await page.locator(".order-waiting").waitFor({ state: "detached" });
  await settled(page);
  check(true, "what was given up waits no more");
}

async function cleared(page, product, orderId) {
  await opened(page, `/orders/${orderId}`, ".page-extra [data-act=cancel]");
  await page.click(".page-extra [data-act=cancel]");
  await dialog(page).locator("textarea").fill("旅程");
  await agree(page);
  await page.waitForSelector("#content .tag-cancelled");
  await opened(page, `/stock?q=${product.id}`, "tbody tr");
  await row(page, product).locator(".row-actions button.ant-btn-dangerous").click();
  await dialog(page).locator("textarea").fill("旅程");
  await agree(page);
  await row(page, product).waitFor({ state: "detached" });
  await opened(page, "/stock?tab=waiting", "#content .state");
  await looked(page, "nothing waits", "300-back-orders-none");
}

export async function backOrders(browser, web, admin, dealer) {
  console.log("back-orders");
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  const before = await rules(page, true, "下单人同意");
  const other = await newPage(browser, { web });
  await signIn(other, dealer);
  const product = await offered(other);
  await count(page, product);
  const orderId = await order(other, product);
  await listed(page, product, orderId);
  await onPhone(browser, web, dealer, orderId);
  await confirm(page, orderId);
  await expects(other, orderId);
  await givesUp(page, orderId);
  await other.context().close();
  await cleared(page, product, orderId);
  await rules(page, before, "不接受");
  await page.context().close();
}
