// Carts: a dealer keeps what is in the basket as a cart and as a template, opens the cart again, pastes
// rows of a sheet into it and orders it, which ends the cart. Then it orders the same once more, and takes
// a suggestion. The order is cancelled and the template deleted, so all is as it was.
import {
  accessible, agree, check, dialog, fits, gone, newPage, opened, PHONE, seen, settled, signIn,
} from "./support.mjs";

const CART = "旅程购物车";
const TEMPLATE = "旅程清单";

const act = (page, words) => page.locator(".basket-carts-acts button", { hasText: words });
const kept = (page, name) => dialog(page).locator(".cart-list li", { hasText: name });
const lines = (page) => page.locator(".basket-lines > li");

/** The pieces of each line of the basket. */
async function pieces(page) {
  const fields = await page.locator(".basket-lines input").all();
  return Promise.all(fields.map(async (field) => Number((await field.inputValue()).replace(/\D/g, ""))));
}

async function close(page) {
  await page.keyboard.press("Escape");
  await gone(page);
}

async function empty(page) {
  while ((await lines(page).count()) > 0) {
    const before = await lines(page).count();
    await lines(page).first().locator("button").last().click();
    await page.waitForFunction((old) => document.querySelectorAll(".basket-lines > li").length < old, before);
  }
}

/** Puts the first two products into the basket. Which they are. */
async function fill(page) {
  await opened(page, "/orders/new", ".finder li button:enabled");
  await empty(page);
  const offered = page.locator(".finder li", { has: page.locator("button:enabled") });
  const ids = [await offered.nth(0).getAttribute("data-product"), await offered.nth(1).getAttribute("data-product")];
  for (const id of ids) await page.locator(`.finder li[data-product="${id}"] button`).click();
  await lines(page).nth(1).waitFor();
  return ids;
}

async function save(page, name, choice) {
  await act(page, "保存").click();
  if (choice) await dialog(page).locator(".ant-radio-wrapper", { hasText: choice }).click();
  await dialog(page).locator("input[name=cart-name]").fill(name);
  if (!choice) await seen(page, "save a cart", "231-cart-save");
  await agree(page);
}

async function keep(page) {
  await save(page, CART);
  await page.locator(".basket-cart", { hasText: CART }).waitFor();
  check(true, "the basket is kept as a cart");
  await save(page, TEMPLATE, "常购清单");
  check(await page.locator(".basket-cart", { hasText: CART }).isVisible(), "and as a template besides");
}

/** Opens the cart in an empty basket. */
async function reopen(page) {
  await page.locator(".basket-cart button").click();
  await empty(page);
  await act(page, "购物车与清单").click();
  await kept(page, CART).waitFor();
  await kept(page, TEMPLATE).waitFor();
  await seen(page, "carts and templates", "232-carts");
  await kept(page, CART).locator("button.ant-btn-primary").click();
  await gone(page);
  await page.locator(".basket-cart", { hasText: CART }).waitFor();
  check((await pieces(page)).join() === "1,1", "the cart is opened with what was in it");
}

async function paste(page, [first]) {
  await act(page, "粘贴").click();
  await dialog(page).locator("textarea").fill(`商品编号\t数量\n${first.toUpperCase()}\t１\n${first}\t1\nno-such-product\t2\n`);
  await dialog(page).locator(`.cart-list li[data-product="${first}"]`).waitFor();
  const trouble = await dialog(page).locator(".paste-troubles li").textContent();
  check(trouble.includes("第 4 行") && trouble.includes("no-such-product"), "a row that means nothing is told");
  await seen(page, "rows of a sheet", "233-cart-paste");
  await agree(page);
  check((await pieces(page)).join() === "3,1", "rows of a sheet are added up in the basket");
}

/** Orders the cart; its number. */
async function order(page) {
  await page.locator(".basket-foot button:enabled").waitFor();
  await page.click(".basket-foot button");
  await page.waitForURL((url) => /^\/orders\/(?!new)/.test(url.pathname));
  await settled(page);
  return decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1));
}

async function again(page) {
  await page.locator("button.reorder").click();
  await page.waitForURL("**/orders/new");
  await lines(page).nth(1).waitFor();
  check((await pieces(page)).join() === "3,1", "what was ordered can be ordered again");
  check((await page.locator(".basket-cart").count()) === 0, "in a basket of its own");
  await act(page, "购物车与清单").click();
  await kept(page, TEMPLATE).waitFor();
  check((await kept(page, CART).count()) === 0, "the cart has ended with its order, the template is there");
  await close(page);
  await empty(page);
}

async function suggested(page, [first]) {
  await act(page, "建议订单").click();
  const row = dialog(page).locator(`.suggestions li[data-product="${first}"]`);
  await row.waitFor();
  await seen(page, "a suggested order", "234-cart-suggestion");
  const box = row.locator("input[type=checkbox]");
  if (!(await box.isChecked())) await row.locator(".ant-checkbox-wrapper").click();
  await row.locator(".ant-input-number input").fill("5");
  await page.keyboard.press("Tab");
  await agree(page);
  await lines(page).first().waitFor();
  check((await pieces(page)).includes(5), "a suggestion is put into the basket as it was changed");
  await empty(page);
}

async function end(page, orderId) {
  await act(page, "购物车与清单").click();
  await kept(page, TEMPLATE).locator("button.ant-btn-dangerous").click();
  await dialog(page).locator(".ant-modal-footer .ant-btn").last().click();
  // The list below asks again once the question is gone.
  await page.locator(".ant-modal-wrap:visible").nth(1).waitFor({ state: "hidden" });
  await kept(page, TEMPLATE).waitFor({ state: "detached" });
  check(true, "a template is thrown away");
  await close(page);
  await opened(page, `/orders/${orderId}`, ".page-extra button.ant-btn-dangerous");
  await page.locator(".page-extra button.ant-btn-dangerous").click();
  await dialog(page).locator("textarea").fill("旅程");
  await agree(page);
  await page.waitForSelector("#content .tag-cancelled");
}

async function onPhone(browser, web, dealer) {
  const page = await newPage(browser, { web, viewport: PHONE, locale: "en-US", scheme: "dark" });
  await signIn(page, dealer);
  await opened(page, "/orders/new", ".finder li button:enabled");
  await fits(page, "phone new order with carts");
  await act(page, "Carts").click();
  await dialog(page).locator(".cart-list li").first().waitFor();
  await fits(page, "phone carts");
  await seen(page, "phone carts", "235-phone-carts");
  await close(page);
  await act(page, "Paste").click();
  await dialog(page).locator("textarea").fill("no-such-product 2");
  await dialog(page).locator(".paste-troubles li").waitFor();
  await fits(page, "phone rows of a sheet");
  await seen(page, "phone rows of a sheet", "236-phone-cart-paste");
  await page.context().close();
}

export async function carts(browser, web, dealer) {
  console.log("carts");
  const page = await newPage(browser, { web });
  await signIn(page, dealer);
  const ids = await fill(page);
  await accessible(page, "new order with carts");
  await keep(page);
  await onPhone(browser, web, dealer);
  await reopen(page);
  await paste(page, ids);
  const orderId = await order(page);
  await again(page);
  await suggested(page, ids);
  await end(page, orderId);
  await page.context().close();
}
