// Reviews and changes of orders: sales looks at what a dealer ordered and sends it back, the dealer changes
// it on the phone, the last step confirms it, and a change after that is proposed, looked at and agreed to.
// The rules are as they were afterwards.
import { accessible, agree, check, dialog, fits, newPage, opened, PHONE, seen, settled, shot, signIn } from "./support.mjs";

const ORDERED = 3;
const WHY = "请减少数量";

const act = (page, name) => page.click(`.page-extra [data-act=${name}], .order-bar [data-act=${name}]`);
const there = (page, name) => page.waitForSelector(`.page-extra [data-act=${name}], .order-bar [data-act=${name}]`);

async function chosen(page, rule, index) {
  const box = page.locator(`[data-review-rule=${rule}] .ant-select`);
  await box.click();
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option").nth(index).click();
  await settled(page);
}

/** Sales looks at every order, or nobody does in steps. */
async function rules(page, on) {
  await opened(page, "/funds?tab=rules", ".rule-rows");
  await chosen(page, "sales", on ? 2 : 0);
  await chosen(page, "finance", 0);
  if (on) await seen(page, "rules of the review", "300-review-rules");
  if (await page.locator(".rules-save").isDisabled()) return;
  await page.click(".rules-save");
  await page.locator(".rules-save:disabled").waitFor();
  check(true, on ? "orders pass the review of sales" : "orders pass no steps any more");
}

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

async function todo(page, id) {
  await opened(page, "/orders", "[data-todo=sales]");
  await page.click("[data-todo=sales]");
  await page.waitForSelector("[data-todo=sales][aria-pressed=true]");
  await settled(page);
  const row = page.locator("tbody tr", { hasText: id });
  check((await row.textContent()).includes("待订单审核"), "the board says which step an order waits for");
  await seen(page, "orders to do something about", "301-order-todo");
}

async function sentBack(page, id) {
  await opened(page, `/orders/${id}`, "[data-review-step]");
  await there(page, "approve");
  check((await page.locator(".page-extra [data-act=confirm]").count()) === 0, "an order in review is not confirmed past it");
  await act(page, "sendBack");
  await dialog(page).locator("textarea, input").first().fill(WHY);
  await seen(page, "send an order back", "302-order-send-back");
  await agree(page);
  await page.waitForSelector("[data-sent-back]");
  await settled(page);
  check(true, "it is sent back with a reason");
}

/** Sets the quantity of the first line, and waits until the dialog says what that comes to. */
async function change(page, quantity, picture) {
  await there(page, "change");
  await act(page, "change");
  await dialog(page).locator("[data-line] input, input[data-line]").first().fill(String(quantity));
  await page.keyboard.press("Tab");
  await page.waitForSelector("[data-change-quote] [data-change-net]");
  await seen(page, "change an order", picture);
  await agree(page);
}

async function onPhone(browser, web, user, id) {
  const page = await newPage(browser, { web, viewport: PHONE });
  await signIn(page, user);
  await opened(page, `/mall/orders/${id}`, "[data-sent-back]");
  check((await page.locator("[data-sent-back]").textContent()).includes(WHY), "the dealer reads why");
  await fits(page, "order that was sent back");
  await shot(page, "303-my-order-sent-back");
  await change(page, ORDERED - 1, "304-my-order-change");
  await page.waitForSelector("[data-review-step]");
  check(true, "a change of it puts it into review again");
  await page.context().close();
}

async function approved(page, id) {
  await opened(page, `/orders/${id}`, ".page-extra [data-act=approve]");
  await act(page, "approve");
  await seen(page, "pass a step", "305-order-approve");
  await agree(page);
  await there(page, "ship");
  check((await page.locator("[data-review-step]").count()) === 0, "the last step confirms the order");
}

async function changedAfter(page, other, id) {
  await opened(other, `/orders/${id}`, ".page-extra [data-act=change]");
  await change(other, ORDERED - 2, "306-order-change");
  await other.waitForSelector('.order-changes [data-change-state="1"]');
  check((await other.locator(".page-extra [data-act=withdraw]").count()) === 1, "a change of a confirmed order waits for the brand");
  await opened(page, `/orders/${id}`, ".page-extra [data-act=agree]");
  await act(page, "agree");
  await seen(page, "agree to a change", "307-order-agree");
  await agree(page);
  await page.waitForSelector('.order-changes li:first-child[data-change-state="2"]');
  await settled(page);
  check((await page.locator(".order-changes .change-list > li").count()) === 2, "the order keeps how it became what it is");
  await accessible(page, "order that was changed");
  await shot(page, "308-order-changed");
}

/** Steps of a review, and an order that becomes another one. */
export async function changes(browser, web, admin, dealer) {
  console.log("reviews and changes");
  const page = await newPage(browser, { web });
  const other = await newPage(browser, { web, locale: "en-US" });
  await signIn(page, admin);
  await signIn(other, dealer);
  await rules(page, true);
  try {
    const id = await order(other);
    await todo(page, id);
    await sentBack(page, id);
    await onPhone(browser, web, dealer, id);
    await approved(page, id);
    await changedAfter(page, other, id);
  } finally {
    await rules(page, false);
  }
  await page.context().close();
  await other.context().close();
}
