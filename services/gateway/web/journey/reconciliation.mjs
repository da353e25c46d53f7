// A bank's statement: a dealer reports money, finance imports the bank's own file twice, confirms what
// was found by its reference, sets interest aside and opens it again; bills of providers are looked at,
// and the phone shows all of it.
import { accessible, check, dialog, fits, gone, newPage, opened, PHONE, seen, settled, shot, signIn } from "./support.mjs";

const ACCOUNT = "6222020200112233";
const cells = "tbody tr, .card-row";
const row = (page, words) => page.locator(cells, { hasText: words });

/** As a bank writes it: titles, a column for what went out, sums at the end. */
function statement(reference) {
  return [
    "账户明细查询,,,,,",
    "交易日期,交易流水号,借方发生额（元）,贷方发生额（元）,对方户名,摘要",
    `20260105,${reference},,"1,234.50",恒通商贸,货款`,
    `20260105,${reference}-2,,3.17,,利息`,
    `20260105,${reference}-3,20.00,,,手续费`,
    '合计,,20.00,"1,237.67",,',
  ].join("\n");
}

async function importFile(page, text, wanted) {
  await page.click("[data-import=bankLines]");
  await dialog(page).locator("input").first().fill(ACCOUNT);
  await dialog(page).locator(".ant-modal-footer .ant-btn-primary").click();
  await page.setInputFiles(".import-drop input[type=file]", { name: "流水.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await page.waitForSelector(".import-preview [data-rows]");
  for (const [kind, count] of Object.entries(wanted)) {
    const found = await page.locator(`.import-preview [data-state=${kind}]`).count();
    check(found === count, `${count} rows of the statement are ${kind}`);
  }
}

async function bank(page, reference) {
  await opened(page, "/reconciliation", "[data-import=bankLines]");
  await importFile(page, statement(reference), { send: 2, same: 2 });
  await seen(page, "bank import", "310-bank-import");
  await page.click("[data-import-run]");
  await page.waitForSelector("[data-import-over]");
  await page.keyboard.press("Escape");
  await gone(page);
  await row(page, `${reference}-2`).first().waitFor();
  await importFile(page, statement(reference), { send: 0, same: 4 });
  await page.keyboard.press("Escape");
  await gone(page);
  await settled(page);
  await accessible(page, "bank lines");
  await fits(page, "bank lines");
  await shot(page, "311-bank-lines");
}

async function decide(page, reference) {
  const act = async (of, button, reason) => {
    await row(page, of).first().getByRole("button", { name: button }).click();
    await dialog(page).waitFor();
    if (reason) await dialog(page).locator("textarea").fill(reason);
    await dialog(page).locator(".ant-modal-footer .ant-btn").last().click();
    await gone(page);
    await settled(page);
  };
  const interest = `${reference}-2`;
  await act(interest, "搁置", "利息");
  await row(page, interest).locator(".tag-line-setAside").first().waitFor();
  await act(interest, "退回", "再看看");
  await row(page, interest).locator(".tag-line-open").first().waitFor();
  await act(interest, "搁置", "利息");
  check(true, "a line is set aside, opened again and set aside");
}

async function bills(page) {
  await opened(page, "/reconciliation/bills", "#content .panel");
  await accessible(page, "bills");
  await fits(page, "bills");
  await shot(page, "312-bills");
}

export async function reconciliation(browser, web, finance) {
  console.log("reconciliation");
  const reference = `EB${Date.now()}`;
  const page = await newPage(browser, { web });
  await signIn(page, finance, "/reconciliation");
  await bank(page, reference);
  await decide(page, reference);
  await bills(page);
  await page.context().close();
  const phone = await newPage(browser, { web, viewport: PHONE, locale: "en" });
  await signIn(phone, finance, "/reconciliation");
  await settled(phone);
  await accessible(phone, "bank lines on a phone");
  await fits(phone, "bank lines on a phone");
  await shot(phone, "313-bank-lines-phone");
  await phone.context().close();
}
