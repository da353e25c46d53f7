// The books of the brand: a connection is set, tried and paused; money that came in is a document that
// the books refuse, because they do not know the dealer; its code is mapped and it is sent, another one
// is left out with a reason.
import { looked } from "./funds.mjs";
import { call, tokenOf } from "./mall.mjs";
import { accessible, agree, check, dialog, fits, newPage, opened, PHONE, settled, shot, signIn } from "./support.mjs";

/** A dealer of the simulated books. */
const CUSTOMER = "C-001";
const rows = "tbody tr, .card-row";
const today = () => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(Date.now());

/** Money of a dealer comes in, as the dealer reports and the brand confirms; the number of the remittance. */
async function cameIn(web, [theirs, ours], dealerId) {
  const ask = (token, method, body) =>
    call(web, token, `qudao.order.v1.RemittanceService/${method}`, { requestId: crypto.randomUUID(), ...body });
  const reference = `ERP${Date.now()}`;
  const report = { dealerId, purpose: "REMITTANCE_PURPOSE_TOP_UP", currencyCode: "CNY", amountMinor: "12300", paidOn: today(), bankReference: reference };
  const { receipt } = await ask(theirs, "ReportRemittance", report);
  await ask(ours, "ConfirmRemittance", { remittanceId: receipt.objectId });
  return receipt.objectId;
}

/** Says what is handed over: receipts, and nothing else. */
async function set(page) {
  await opened(page, "/connectors", ".erp-form, .erp-counts");
  await looked(page, "connectors", "400-connectors");
  await opened(page, "/connectors?tab=settings", ".erp-form");
  await page.locator(".erp-fields").first().locator("label", { hasText: "不传送" }).click();
  for (const name of ["销售出库单", "销售退货单"]) {
    const box = page.locator(".erp-fields label", { hasText: name }).locator("input");
    if (await box.isChecked()) await box.uncheck();
  }
  const receipts = page.locator(".erp-fields label", { hasText: "收款单" }).locator("input");
  if (!(await receipts.isChecked())) await receipts.check();
  await page.locator(".erp-row input").nth(1).fill("WH-01");
  await shot(page, "401-connectors-settings");
  await page.click("[data-erp-save]");
  await page.waitForSelector(".erp-counts");
  await settled(page);
  check(true, "the connection is set");
}

async function tried(page) {
  await page.click("[data-erp-try]");
  await page.waitForSelector(".ant-modal-confirm");
  check(/连接正常/.test(await page.textContent(".ant-modal-confirm")), "the books answer");
  await page.locator(".ant-modal-confirm .ant-btn-primary").click();
  await page.locator(".ant-modal-confirm").waitFor({ state: "hidden" });
}

const row = (page, of) => page.locator(rows, { hasText: of });

/** Waits until a document is told to have got there. */
const until = (page, of, words) => row(page, of).filter({ hasText: words }).waitFor({ timeout: 30_000 });

async function mend(page, { dealer_id: dealerId }, of) {
  await opened(page, "/connectors?tab=codes", ".erp-codes");
  await looked(page, "codes of the books", "403-connectors-codes");
  await page.locator(".erp-codes .panel-extra button").click();
  await dialog(page).locator("textarea").fill(`${dealerId}=${CUSTOMER}`);
  await agree(page);
  await page.locator("tbody tr", { hasText: dealerId }).waitFor();
  await opened(page, "/connectors?status=todo", rows);
  await row(page, of).locator("button", { hasText: "重传" }).click();
  await row(page, of).waitFor({ state: "detached" });
  await opened(page, `/connectors?q=${of}`, rows);
  await until(page, of, "已传送");
  check(true, "what was mended is sent");
}

async function leaveOut(page, of) {
  await opened(page, `/connectors?q=${of}`, rows);
  await row(page, of).locator("button", { hasText: "不传送" }).click();
  await dialog(page).locator("textarea").fill("旅程：已手工录入");
  await agree(page);
  await until(page, of, "已手工录入");
  check(true, "a document is left out, with its reason");
}

export async function connectors(browser, web, admin, dealer) {
  console.log("connectors");
  const token = await tokenOf(web, admin);
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  await set(page);
  await tried(page);
  const unmap = { requestId: crypto.randomUUID(), kind: "CODE_KIND_DEALER", codes: [{ own: dealer.dealer_id, theirs: "" }] };
  await call(web, token, "qudao.order.v1.ConnectionService/MapCodes", unmap);
  const tokens = [await tokenOf(web, dealer), token];
  const first = await cameIn(web, tokens, dealer.dealer_id);
  const second = await cameIn(web, tokens, dealer.dealer_id);
  await opened(page, "/connectors?status=todo", "#content");
  await until(page, first, "被拒绝");
  await until(page, second, "被拒绝");
  await looked(page, "documents that wait for a person", "402-connectors-todo");
  await leaveOut(page, second);
  await mend(page, dealer, first);
  await opened(page, "/connectors", rows);
  await looked(page, "documents", "404-connectors-documents");
  await opened(page, "/connectors?q=nobody", "#content .state");
  await accessible(page, "no documents");
  const phone = await newPage(browser, { web, viewport: PHONE, locale: "en-US" });
  await signIn(phone, admin, "/connectors");
  await phone.waitForSelector(".card-row");
  await settled(phone);
  await fits(phone, "phone connectors");
  await shot(phone, "405-phone-connectors");
  await opened(phone, "/connectors?tab=settings", ".erp-form");
  await fits(phone, "phone settings of the connection");
  await shot(phone, "406-phone-connectors-settings");
  await phone.context().close();
  await page.context().close();
}
