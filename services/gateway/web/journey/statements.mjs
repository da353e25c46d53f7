// Statements of account: finance makes those of all accounts that have moved and sends them; the dealer
// disputes a line on the phone, finance answers, and the dealer agrees.
import { looked } from "./funds.mjs";
import { call, tokenOf } from "./mall.mjs";
import { accessible, agree, check, dialog, fits, newPage, opened, PHONE, seen, settled, shot, signIn } from "./support.mjs";

const cells = "tbody tr, .card-row";

const AMOUNT = "88800";
const today = () => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(Date.now());

/** Grants the dealer a rebate; gives the way to take it back. */
async function granted(web, admin, dealerId) {
  const token = await tokenOf(web, admin);
  const about = { dealerId, currencyCode: "CNY", amountMinor: AMOUNT, reason: "旅程" };
  const ask = (method) => call(web, token, `qudao.order.v1.WalletService/${method}`, { requestId: crypto.randomUUID(), ...about });
  await ask("GrantRebate");
  return () => ask("DeductRebate");
}

/** Makes the statements of all accounts until today. */
async function makeAll(page) {
  await opened(page, "/statements", "[data-make-all]");
  await looked(page, "statements", "330-statements");
  await page.click("[data-make-all]");
  await page.waitForSelector("[data-to-state], .form-dialog .loading");
  await page.locator(".form-dialog input[placeholder]").first().fill(today());
  await page.keyboard.press("Enter");
  await page.locator(".form-dialog .ant-checkbox-input").check();
  await page.waitForSelector("[data-to-state]");
  await accessible(page, "make all statements");
  await shot(page, "331-statements-make-all");
  const ok = page.locator(".form-dialog .ant-btn-primary");
  if (await ok.isEnabled()) {
    await ok.click();
    await page.waitForSelector(".form-dialog .ant-progress");
    await page.waitForFunction(() => /已生成|made/.test(document.querySelector(".form-dialog [role=status]")?.textContent ?? ""), undefined, {
      timeout: 120_000,
    });
  }
  await page.locator(".form-dialog .ant-btn").first().click();
  await page.waitForSelector(cells);
  await settled(page);
}

/** One statement from the desk: totals, lines, paper. */
async function atTheDesk(page) {
  await page.locator(cells).first().click();
  await page.waitForSelector(".statement-totals [data-closing]");
  await settled(page);
  await looked(page, "statement", "332-statement");
  await opened(page, `${new URL(page.url()).pathname}?tab=story`, ".statement-story li");
  await looked(page, "story of a statement", "333-statement-story");
  await page.click("[data-paper]");
  await page.waitForSelector(".paper-signs");
  await page.emulateMedia({ media: "print" });
  check(!(await page.locator(".paper .no-print").first().isVisible()), "no buttons are printed");
  await shot(page, "334-statement-paper");
  await page.emulateMedia({ media: "screen" });
  await accessible(page, "statement on paper");
}

/** The dealer disputes a line of its newest statement on the phone; its number. */
async function disputedOnPhone(page) {
  await opened(page, "/mall/me", "a[href='/mall/statements']");
  await page.click("a[href='/mall/statements']");
  await page.waitForSelector(".card-row, .state");
  await settled(page);
  await fits(page, "phone statements");
  await looked(page, "phone statements", "335-phone-statements");
  if ((await page.locator(".card-row").count()) === 0) return undefined;
  await page.locator(".card-row").first().click();
  await page.waitForSelector(".statement-totals [data-closing]");
  await settled(page);
  const id = decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1));
  await page.locator("[data-mark]").first().click();
  await fits(page, "phone statement");
  await shot(page, "336-phone-statement");
  await page.click("[data-act=dispute]");
  await page.locator("[data-reason]").first().fill("这笔金额与我方不符");
  await seen(page, "dispute a statement", "337-phone-statement-dispute");
  await agree(page);
  return id;
}

async function answered(page, id) {
  await opened(page, `/statements/${id}`, "[data-act=answer]");
  await page.waitForSelector("[data-disputed]");
  await shot(page, "338-statement-disputed");
  await page.click("[data-act=answer]");
  await dialog(page).locator(".ant-radio-input").first().check();
  await dialog(page).locator("textarea").fill("附有签收单，金额无误");
  await seen(page, "answer a dispute", "340-statement-answer");
  await agree(page);
}

async function agreed(page, id) {
  await opened(page, `/mall/statements/${id}`, "[data-act=agree]");
  await page.click("[data-act=agree]");
  await agree(page);
  await page.waitForSelector(".tag-statement-agreed");
  await settled(page);
  await shot(page, "339-phone-statement-agreed");
}

export async function statements(browser, web, admin, dealer) {
  console.log("statements");
  const takeBack = await granted(web, admin, dealer.dealer_id);
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  await makeAll(page);
  await atTheDesk(page);
  const phone = await newPage(browser, { web, viewport: PHONE });
  await signIn(phone, dealer);
  const id = await disputedOnPhone(phone);
  check(id !== undefined, "the dealer has a statement");
  if (id) {
    await answered(page, id);
    await agreed(phone, id);
  }
  await takeBack();
  await phone.context().close();
  await page.context().close();
}
