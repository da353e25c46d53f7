// Rebate plans: drafted by one person and approved by another; what dealers have reached under it, and
// what a dealer sees of it on the phone.
import { accessible, check, fits, newPage, PHONE, settled, shot, signIn } from "./support.mjs";

const ID = `rebate-${Date.now().toString(36)}`;
const NAME = `旅程返利 ${ID.slice(-4)}`;

const dialog = (page) => page.locator(".ant-modal-wrap:visible .ant-modal").last();
const act = (page, words) => page.locator(".page-extra button", { hasText: words }).click();

async function opened(page, path, sign) {
  await page.goto(path);
  await page.waitForSelector(sign);
  await settled(page);
}

/** An administrator writes it down, and can not approve it. */
async function draft(page) {
  await opened(page, "/rebates", ".page-extra button");
  await accessible(page, "rebate plans");
  await shot(page, "180-rebates");
  await page.click(".page-extra button");
  await page.waitForSelector(".promo-editor");
  await page.click(".promo-preview button[type=submit]");
  await page.waitForSelector(".promo-form .field-error");
  check((await page.locator(".promo-form .field-error").count()) === 3, "what is missing stands beside its field");
  await page.fill("input[name=rebate-name]", NAME);
  await page.fill("input[name=rebate-id]", ID);
  await page.fill("input[name=tier-0-rate]", "1.5");
  await page.getByText("增加一档").click();
  await page.fill("input[name=tier-1-from]", "99999999");
  await page.fill("input[name=tier-1-rate]", "3");
  check((await page.textContent(".promo-preview .terms")).includes("1.5%"), "it says in words what it gives");
  await accessible(page, "written rebate plan");
  await shot(page, "181-rebate-new");
  await page.click(".promo-preview button[type=submit]");
  await page.waitForURL(`**/rebates/${ID}`);
  await page.waitForSelector("#content .tag-promo-draft");
  await settled(page);
  await act(page, "批准");
  await dialog(page).locator(".ant-btn-primary").click();
  await dialog(page).locator(".state-failed").waitFor();
  check((await dialog(page).textContent()).includes("职责分离"), "whoever wrote it does not approve it");
  await dialog(page).locator(".ant-modal-footer .ant-btn").first().click();
}

async function approve(page) {
  await opened(page, `/rebates/${ID}`, "#content .tag-promo-draft");
  await act(page, "批准");
  await page.waitForTimeout(300);
  await accessible(page, "approve a rebate plan");
  await dialog(page).locator(".ant-btn-primary").click();
  await page.waitForSelector("#content .tag-promo-approved");
  check(true, "somebody else approves it");
}

/** What dealers have reached, and why. */
async function reached(page) {
  await opened(page, `/rebates/${ID}`, ".rebate-sum, #content .state-title");
  await accessible(page, "reached rebates");
  await shot(page, "182-rebate-reached");
  const rows = page.locator("tr[tabindex]");
  if ((await rows.count()) === 0) return;
  await rows.first().click();
  await page.waitForSelector(".ant-drawer .facts");
  await settled(page);
  check((await page.locator(".ant-drawer").textContent()).includes("距第 2 档还差"), "it says what is missing for the next tier");
  await page.waitForTimeout(300);
  await accessible(page, "why so much rebate");
  await shot(page, "183-rebate-why");
  await page.keyboard.press("Escape");
  check((await page.locator(".rebate-sum").textContent()).includes("之后可结算"), "a period that runs is not settled");
}

async function end(page) {
  await opened(page, `/rebates/${ID}`, ".page-extra button");
  await act(page, "结束");
  await dialog(page).locator("textarea").fill("旅程");
  await dialog(page).locator(".ant-modal-footer .ant-btn").last().click();
  await page.waitForSelector("#content .tag-promo-ended");
  check((await page.locator(".page-extra button").count()) === 0, "nothing is left to do with a plan that has ended");
}

export async function rebates(browser, web, admin, director, dealer) {
  console.log("rebates");
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  await draft(page);
  const other = await newPage(browser, { web });
  await signIn(other, director);
  await approve(other);
  await reached(other);
  const phone = await newPage(browser, { web, viewport: PHONE });
  await signIn(phone, dealer);
  await opened(phone, "/mall/me/rebates", ".my-rebates");
  await fits(phone, "my rebates");
  await accessible(phone, "my rebates");
  await shot(phone, "184-my-rebates");
  await phone.context().close();
  await end(other);
  await other.context().close();
  await page.context().close();
}
