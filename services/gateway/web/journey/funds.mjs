// Credit and money: the brand is paid here for as long as it takes. A dealer with too little credit
// reports money on the phone, which somebody else confirms; its order takes the money and waits for
// credit, is given it for a while, and is cancelled. Money, credit and rules are then as they were.
import {
  accessible, agree, check, dialog, fits, minor, newPage, opened, PHONE, pick, seen, settled, shot, signIn,
} from "./support.mjs";

const ID = Date.now().toString(36);
const SENT = `JRNY-${ID}-1`;
const WRONG = `JRNY-${ID}-2`;
const LIMIT = "100.00";
const MONEY = "50.00";

const rows = (page, words) => page.locator("tbody tr", { hasText: words });
const free = (account) => `[data-available=${account}]`;
const read = async (page, selector) => minor(await page.textContent(selector));

/** Looks at a page with the pointer elsewhere: what it is over has other colours. */
export async function looked(page, name, picture) {
  await page.mouse.move(0, 0);
  await seen(page, name, picture);
}

/** Until it says that amount: lists follow what was done. */
async function says(page, selector, amount) {
  await page.waitForFunction(
    ([where, digits]) => document.querySelector(where)?.textContent.replace(/\D/g, "").replace(/^0+(?=\d)/, "") === digits,
    [selector, amount.toString()],
  );
}

async function turn(page, rule, on) {
  const knob = page.locator(`[data-rule=${rule}]`);
  if (((await knob.getAttribute("aria-checked")) === "true") !== on) await knob.click();
}

/** Whether the brand is paid here; saves only what is not so already. Whether it was so before. */
async function settles(page, on) {
  await opened(page, "/funds?tab=rules", ".rule-rows");
  const was = (await page.locator("[data-rule=settled]").getAttribute("aria-checked")) === "true";
  await turn(page, "settled", on);
  await turn(page, "reviewed", true);
  await page.fill("input[name=rebate-share]", "30");
  await page.keyboard.press("Tab");
  if (on) await looked(page, "order rules", "180-order-rules");
  if (await page.locator(".rules-save").isDisabled()) return was;
  await page.click(".rules-save");
  await page.locator(".rules-save:disabled").waitFor();
  const kept = await page.locator("[data-rule=settled]").getAttribute("aria-checked");
  check(kept === String(on), on ? "orders are paid here, and reviewed" : "the brand is paid elsewhere again");
  return was;
}

/** What the dealer is called, and what it has before. */
async function beginning(page, { dealer_id: dealerId }) {
  await opened(page, `/dealers?q=${dealerId}`, "tbody tr");
  const name = (await page.locator("tbody tr td").first().textContent()).trim();
  await opened(page, `/funds?q=${dealerId}`, "tbody tr");
  await looked(page, "funds of dealers", "181-funds");
  await page.locator("tbody tr").first().click();
  await page.waitForURL(`**/funds/${dealerId}`);
  await page.waitForSelector(".fund-cards");
  await settled(page);
  return { dealerId, name, before: await read(page, free("prepaid")) };
}

async function act(page, words) {
  await page.locator(".fund-actions button", { hasText: words }).first().click();
  await page.waitForTimeout(300);
}

async function limit(page, { dealerId }, amount, picture) {
  await opened(page, `/funds/${dealerId}`, ".fund-cards");
  await act(page, "调整额度");
  const was = await page.inputValue("input[name=credit-limit]");
  await page.fill("input[name=credit-limit]", amount);
  await page.fill("input[name=payment-days]", "30");
  await dialog(page).locator("textarea").fill("旅程");
  if (picture) await seen(page, "credit limit", picture);
  await agree(page);
  await page.waitForSelector(free("credit"));
  await says(page, free("credit"), minor(amount));
  return was || "0";
}

/** Fills in what was sent; the dialog is open. */
async function fillReport(page, reference) {
  await page.fill("input[name=remittance-amount]", MONEY);
  await page.fill("input[name=bank-reference]", reference);
}

/** The dealer says on the phone what it has sent. */
async function report(phone) {
  await opened(phone, "/funds", ".fund-cards");
  await fits(phone, "phone funds");
  await looked(phone, "phone funds", "182-phone-funds");
  await phone.locator(".page-extra button").click();
  await phone.waitForTimeout(300);
  await dialog(phone).locator(".ant-modal-footer .ant-btn").last().click();
  await dialog(phone).locator(".field-error").first().waitFor();
  check((await dialog(phone).locator(".field-error").count()) === 2, "what is missing stands beside its field");
  await fillReport(phone, SENT);
  await seen(phone, "phone report", "183-phone-report");
  await agree(phone);
  await opened(phone, `/funds?tab=remittances&q=${SENT}`, ".card-row");
  check((await phone.locator(".tag-remit-reported").count()) === 1, "the money is reported, and does not count yet");
  await phone.locator(".card-row").first().scrollIntoViewIfNeeded();
  await fits(phone, "phone remittances");
  await shot(phone, "184-phone-remittance");
}

async function decide(page, reference, words) {
  await opened(page, `/funds?tab=remittances&q=${reference}`, "tbody .row-actions button");
  await rows(page, reference).locator(".row-actions button", { hasText: words }).click();
  await page.waitForTimeout(300);
}

async function confirm(page) {
  await decide(page, SENT, "确认到账");
  check(minor(await page.inputValue("input[name=received-amount]")) === minor(MONEY), "what was reported is filled in");
  check((await page.inputValue("input[name=confirmed-reference]")) === SENT, "and so is what the bank calls it");
  await seen(page, "confirm a remittance", "185-remittance-confirm");
  await agree(page);
  await rows(page, SENT).locator(".tag-remit-confirmed").waitFor();
  check(true, "somebody else than who reported it confirms it");
}

/** Whoever reports money does not confirm it, and can take it back. */
async function apart(page, { dealerId, name }) {
  await opened(page, "/funds?tab=remittances", ".page-extra button");
  await page.locator(".page-extra button").click();
  await pick(page, dialog(page).locator(".pick-dealer"), dealerId, name);
  await fillReport(page, WRONG);
  await agree(page);
  await decide(page, WRONG, "确认到账");
  await dialog(page).locator(".ant-modal-footer .ant-btn").last().click();
  await dialog(page).locator(".state-failed").waitFor();
  await seen(page, "confirmed by oneself", "186-remittance-apart");
  check((await dialog(page).textContent()).includes("职责分离"), "whoever reported it does not confirm it");
  await dialog(page).locator(".ant-modal-footer .ant-btn").first().click();
  await page.locator(".ant-modal-wrap:visible").waitFor({ state: "hidden" });
  await decide(page, WRONG, "退回");
  await dialog(page).locator("textarea").fill("旅程");
  await agree(page);
  await rows(page, WRONG).locator(".tag-remit-rejected").waitFor();
  check(true, "what was reported wrongly is returned");
  await looked(page, "remittances", "187-remittances");
}

async function hasMoney(page, { dealerId, before }) {
  await opened(page, `/funds/${dealerId}`, ".fund-cards");
  await says(page, free("prepaid"), before + minor(MONEY));
  await page.locator("tbody tr", { hasText: "充值" }).first().waitFor();
  check(true, "the dealer has the money, and the entry for it");
  await looked(page, "funds of a dealer", "188-dealer-funds");
}

/** The dealer's order takes the money, and waits for more credit than there is. */
async function order(other, { before }) {
  await opened(other, "/orders/new", ".finder li button:enabled");
  await other.locator(".finder li button:enabled").first().click();
  await other.waitForSelector(".basket-payment .hold-notice");
  await other.locator(".basket-foot button:enabled").waitFor();
  const money = before + minor(MONEY);
  const net = await read(other, "[data-draft-total]");
  check(net > money + minor(LIMIT), "it costs more than the dealer has, and may owe");
  check((await read(other, "[data-paid=prepaid]")) === money, "what is prepaid is used first");
  check((await read(other, "[data-paid=credit]")) === net - money, "and credit for the rest");
  check((await other.textContent(".hold-notice")).includes("下单后将冻结"), "it says that the order will wait");
  await other.uncheck("input[name=pay-credit]");
  await other.waitForSelector("[data-open]");
  await says(other, "[data-open]", net - money);
  check((await other.locator(".hold-notice").count()) === 0, "without credit the rest is to be paid");
  await other.check("input[name=pay-credit]");
  await other.waitForSelector(".hold-notice");
  await other.locator(".basket-foot button:enabled").waitFor();
  await looked(other, "order that will wait", "189-order-will-wait");
  await other.click(".basket-foot button");
  await other.waitForURL((url) => /^\/orders\/(?!new)/.test(url.pathname));
  await other.waitForSelector("#content .kept .tag-onHold");
  await settled(other);
  check((await other.textContent("#content .kept")).includes("信用冻结"), "the order waits for credit");
  await looked(other, "order on hold", "190-order-on-hold");
  return { id: decodeURIComponent(new URL(other.url()).pathname.split("/").at(-1)), net, missing: net - money - minor(LIMIT) };
}

async function release(page, { id, missing }) {
  await opened(page, `/orders/${id}`, ".kept .tag-onHold");
  const offered = (await page.locator(".page-extra button").allTextContents()).join();
  check(!offered.includes("审核通过") && offered.includes("解除冻结"), "it is not confirmed while it waits");
  await opened(page, `/funds?tab=holds&q=${id}`, "tbody .row-actions button");
  await looked(page, "orders on hold", "191-holds");
  await rows(page, id).locator(".row-actions button", { hasText: "解除冻结" }).click();
  await page.waitForSelector("input[name=temporary-amount]");
  check(minor(await page.inputValue("input[name=temporary-amount]")) === missing, "what is missing is filled in");
  await dialog(page).locator("textarea").fill("旅程");
  await seen(page, "release a hold", "192-hold-release");
  await agree(page);
  await rows(page, id).waitFor({ state: "detached" });
  await opened(page, `/orders/${id}`, ".order-payment");
  await page.locator(".page-extra button", { hasText: "审核通过" }).waitFor();
  check((await page.locator("#content .tag-onHold").count()) === 0, "with a temporary limit it goes on, and is to be reviewed");
  await looked(page, "order with credit", "193-order-released");
}

async function cancel(page, way, { id, missing }) {
  await page.locator(".page-extra button.ant-btn-dangerous").click();
  await dialog(page).locator("textarea").fill("旅程");
  await agree(page);
  await page.waitForSelector("#content .tag-cancelled");
  await opened(page, `/funds/${way.dealerId}`, ".fund-cards");
  await says(page, free("prepaid"), way.before + minor(MONEY));
  await says(page, free("credit"), minor(LIMIT) + missing);
  const entries = page.locator("tbody tr", { hasText: id });
  await entries.filter({ hasText: "释放占用" }).first().waitFor();
  check((await entries.filter({ hasText: "订单占用" }).count()) > 0, "money and credit of a cancelled order are back");
  await opened(page, `/funds/${way.dealerId}?tab=history`, ".timeline .entry");
  check((await page.locator(".timeline .entry").count()) >= 3, "the history of the credit knows all of it");
  await shot(page, "194-credit-history");
}

/** Nothing of it may count for what comes after it. */
async function back(page, way) {
  await opened(page, `/funds/${way.dealerId}`, ".fund-cards");
  await act(page, "结束临时额度");
  await dialog(page).locator("textarea").fill("旅程");
  await seen(page, "end temporary credit", "195-temporary-end");
  await agree(page);
  await says(page, free("credit"), minor(LIMIT));
  await act(page, "退还预存款");
  await page.fill("input[name=money-amount]", MONEY);
  await dialog(page).locator("textarea").fill("旅程");
  await seen(page, "pay prepaid back", "196-pay-back");
  await agree(page);
  await says(page, free("prepaid"), way.before);
  await limit(page, way, way.limit);
  check(true, "the money is paid back, and credit is what it was");
  await settles(page, way.settled);
}

async function fundsOnPhone(browser, web, admin, { dealerId }) {
  const page = await newPage(browser, { web, viewport: PHONE, locale: "en-US", scheme: "dark" });
  await signIn(page, admin);
  for (const [name, path, sign] of [
    ["197-phone-dealers-funds", "/funds", ".card-row"],
    ["198-phone-remittances", "/funds?tab=remittances", ".card-row"],
    ["199-phone-dealer-funds", `/funds/${dealerId}`, ".fund-cards"],
    ["200-phone-receivables", `/funds/${dealerId}?tab=receivables`, ".fund-cards"],
    ["201-phone-rules", "/funds?tab=rules", ".rule-rows"],
  ]) {
    await opened(page, path, sign);
    await fits(page, name);
    await looked(page, name, name);
  }
  await page.context().close();
}

export async function funds(browser, web, admin, dealer) {
  console.log("funds");
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  const way = await beginning(page, dealer);
  way.settled = await settles(page, true);
  way.limit = await limit(page, way, LIMIT, "202-credit-limit");
  check(true, "the dealer has some credit");
  const phone = await newPage(browser, { web, viewport: PHONE });
  await signIn(phone, dealer);
  await report(phone);
  await phone.context().close();
  await confirm(page);
  await apart(page, way);
  await hasMoney(page, way);
  const other = await newPage(browser, { web });
  await signIn(other, dealer);
  const placed = await order(other, way);
  await other.context().close();
  await release(page, placed);
  await fundsOnPhone(browser, web, admin, way);
  await opened(page, `/orders/${placed.id}`, ".order-payment");
  await cancel(page, way, placed);
  await back(page, way);
  await page.context().close();
}
