// People: invited to a company and kept to it, suspended while they fill in a form, let in again;
// their passwords, sessions and companies; and the brand as they see it.
import { lookOfBrand } from "./brand.mjs";
import { accessible, check, fits, newPage, PHONE, settled, shot, signIn, spoil } from "./support.mjs";

const LOGIN = `journey.${Date.now().toString(36)}`;
const FIRST = "moon over still water";
const NEXT = "nine slow green boats";
const THIRD = "paper lantern harbour";
const COMPANY = "Kansas City 29ers";
/** Where people of a dealer begin on a phone. */
const MALL = "/mall";

const dialog = (page) => page.locator(".ant-modal-wrap:visible .ant-modal").last();
const gone = (page) => page.locator(".ant-modal-wrap:visible").waitFor({ state: "hidden" });

export async function identity(browser, web, admin) {
  console.log("identity");
  const desk = await newPage(browser, { web });
  await signIn(desk, admin, "/settings");
  await settled(desk);
  await accessible(desk, "people");
  await shot(desk, "70-people");
  const link = await invite(desk);
  const phone = await newPage(browser, { web, viewport: PHONE });
  await accept(phone, link);
  await linkStates(browser, web, link);
  await ownCompanyOnly(phone);
  await suspendedInAForm(desk, phone);
  await twoCompanies(desk, phone);
  await everywhereAtOnce(phone);
  await reset(desk, browser, web);
  await invitations(desk);
  await lookOfBrand(browser, web, desk);
  await lockedOut(browser, web, admin);
  await phone.context().close();
  await desk.context().close();
}

async function pickDealer(page, name) {
  await dialog(page).locator(".pick-dealer").click();
  await page.keyboard.type(name);
  await page.locator(".ant-select-item-option", { hasText: name }).first().click();
}

async function invite(page) {
  await page.locator(".page-extra button").click();
  await dialog(page).locator(".ant-segmented-item").nth(1).click();
  await pickDealer(page, COMPANY);
  await dialog(page).getByText("经销商员工").click();
  await page.waitForTimeout(300);
  await accessible(page, "invite");
  await shot(page, "71-invite");
  await dialog(page).locator(".ant-btn-primary").click();
  await page.waitForSelector(".link-box input");
  await page.waitForTimeout(300);
  await accessible(page, "invitation link");
  await shot(page, "72-invite-link");
  const link = await page.inputValue(".link-box input");
  await page.keyboard.press("Escape");
  await gone(page);
  check(link.includes("/invite/"), "an invitation is a link");
  return new URL(link).pathname;
}

async function accept(page, link) {
  await page.goto(link);
  await page.waitForSelector("form input[name=login]");
  await fits(page, "invitation");
  await accessible(page, "invitation");
  await shot(page, "73-phone-invitation");
  check((await page.textContent(".identity .facts")).includes(COMPANY), "it says which company");
  await page.fill("input[name=login]", LOGIN);
  await page.fill("input[name=name]", "旅人");
  await page.fill("input[name=new-password]", "password12");
  await page.locator(".strength-0").waitFor();
  await page.click("button[type=submit]");
  await page.waitForSelector(".new-password .field-error");
  await accessible(page, "weak password");
  await shot(page, "74-phone-weak-password");
  await page.fill("input[name=new-password]", FIRST);
  await page.locator(".strength-2, .strength-3").waitFor();
  await fits(page, "strong password");
  await shot(page, "75-phone-strong-password");
  await page.click("button[type=submit]");
  await page.waitForURL((url) => url.pathname === MALL);
  await settled(page);
  check(true, "who accepts is signed in, and in the mall");
  await shot(page, "76-phone-signed-in");
}

async function linkStates(browser, web, link) {
  const page = await newPage(browser, { web, viewport: PHONE });
  await page.goto(link);
  await page.waitForSelector("[data-link-over=INVITATION_USED]");
  await accessible(page, "used link");
  await shot(page, "77-phone-link-used");
  for (const path of ["/invite/nobody-made-this", "/password/nobody-made-this"]) {
    await page.goto(path);
    if (path.startsWith("/password")) {
      await page.waitForSelector("input[name=new-password]");
      await page.fill("input[name=new-password]", FIRST);
      await page.click("button[type=submit]");
    }
    await page.waitForSelector("[data-link-over]");
  }
  await fits(page, "unknown link");
  await shot(page, "78-phone-link-unknown");
  check(true, "a link that is used or unknown says so");
  await page.context().close();
}

async function ownCompanyOnly(page) {
  await page.goto("/orders");
  await settled(page);
  const cards = await page.locator(".card-row").allTextContents();
  check(cards.length > 0 && cards.every((text) => text.includes(COMPANY)), `only orders of ${COMPANY}`);
  await page.goto("/dealers");
  await settled(page);
  check((await page.locator(".card-row").count()) === 1, "and only that company");
}

/** Opens the person beside the list and does one thing to them. */
async function act(page, button) {
  await page.goto(`/settings?q=${LOGIN}&user=${LOGIN}`);
  await page.locator(".detail .row-actions button").filter({ hasText: button }).click();
}

async function becauseOf(page, reason) {
  await dialog(page).locator("textarea").fill(reason);
  await page.waitForTimeout(300);
}

async function suspendedInAForm(desk, phone) {
  await phone.goto("/account");
  await settled(phone);
  await fits(phone, "account");
  await accessible(phone, "account");
  await shot(phone, "80-phone-account");
  await phone.fill("input[name=old-password]", FIRST);
  await phone.fill("input[name=new-password]", NEXT);

  await act(desk, "停用");
  await becauseOf(desk, "journey");
  await accessible(desk, "suspend");
  await shot(desk, "81-suspend");
  await dialog(desk).locator(".ant-btn-primary").click();
  await desk.waitForSelector(".detail .tag-cancelled");
  const since = Date.now();
  // The live stream may have told it before the click.
  await phone.locator("form.narrow button[type=submit]").click({ timeout: 1_000 }).catch(() => undefined);
  await phone.waitForSelector(".sign-in-again input[name=password]", { timeout: 5_000 });
  console.log(`      the dialog came ${Date.now() - since} ms after the suspension was shown`);
  check(Date.now() - since < 3_000, "who is suspended is asked to sign in at once");
  await phone.waitForTimeout(300);
  await fits(phone, "sign in again");
  await accessible(phone, "sign in again");
  await shot(phone, "82-phone-sign-in-again");
  await phone.fill(".sign-in-again input[name=password]", FIRST);
  await phone.click(".sign-in-again button[type=submit]");
  await phone.waitForSelector(".sign-in-again [role=alert]");
  await shot(phone, "83-phone-suspended");
  check(true, "and kept out");

  await act(desk, "恢复");
  await becauseOf(desk, "journey");
  await dialog(desk).locator(".ant-btn-primary").click();
  await desk.locator(".detail .tag-cancelled").waitFor({ state: "detached" });
  await phone.click(".sign-in-again button[type=submit]");
  await phone.locator(".sign-in-again").waitFor({ state: "hidden" });
  check((await phone.inputValue("input[name=new-password]")) === NEXT, "a form survives an ended session");
  await phone.locator("form.narrow button[type=submit]").click();
  await phone.waitForSelector(".ant-message-success");
  check((await phone.inputValue("input[name=new-password]")) === "", "the password is changed");
  check((await phone.locator(".session-row").count()) >= 1, "the sessions are shown");
  await shot(phone, "84-phone-password-changed");
  await desk.reload();
  await desk.waitForSelector(".detail .session-row");
  await accessible(desk, "person");
  await shot(desk, "85-person");
}

async function twoCompanies(desk, phone) {
  await desk.locator(".detail .card-line button", { hasText: "加入公司" }).click();
  await dialog(desk).locator(".ant-segmented-item").nth(1).click();
  await dialog(desk).locator(".pick-dealer").click();
  await desk.locator(".ant-select-item-option").first().click();
  await dialog(desk).getByText("经销商老板").click();
  await desk.waitForTimeout(300);
  await shot(desk, "86-grant");
  await dialog(desk).locator(".ant-btn-primary").click();
  await gone(desk);
  await desk.waitForFunction(() => document.querySelectorAll(".detail .membership").length === 2);
  await phone.reload();
  await settled(phone);
  await phone.locator(".membership button").click();
  await phone.waitForURL((url) => url.pathname === MALL);
  await settled(phone);
  await phone.goto("/dealers");
  await settled(phone);
  check(!(await phone.textContent(".cards")).includes(COMPANY), "another company shows its own");
  await phone.goto("/settings");
  await settled(phone);
  await fits(phone, "people of a dealer");
  await accessible(phone, "people of a dealer");
  await shot(phone, "87-phone-people");
  check((await phone.locator(".areas a").count()) === 2, "its owner looks after people, not after the brand");
  await phone.click(".tabs button");
  await phone.waitForSelector(".company-switch");
  await accessible(phone, "more");
  await shot(phone, "88-phone-more");
}

/** Tabs share the sign-in: who leaves one leaves all. */
async function everywhereAtOnce(phone) {
  const other = await phone.context().newPage();
  await spoil(phone, { token: "run-out" });
  await Promise.all([phone.goto("/orders"), other.goto("/products")]);
  for (const tab of [phone, other]) {
    await settled(tab);
    check((await tab.locator(".sign-in-again").count()) === 0, "two tabs exchange a token that ran out, once");
  }
  await phone.click(".tabs button");
  await phone.locator(".person button").click();
  await phone.waitForSelector("input[name=tenant]");
  await other.waitForSelector("input[name=tenant]");
  check(true, "signing out is for all tabs");
  await fits(phone, "sign-in");
  await accessible(phone, "phone sign-in");
  await shot(phone, "89-phone-sign-in");
  await other.close();
}

async function reset(desk, browser, web) {
  await act(desk, "重置密码");
  await desk.waitForTimeout(300);
  await shot(desk, "90-reset");
  await dialog(desk).locator(".ant-btn-primary").click();
  await desk.waitForSelector(".link-box input");
  await desk.waitForTimeout(300);
  await accessible(desk, "reset link");
  await shot(desk, "91-reset-link");
  const link = new URL(await desk.inputValue(".link-box input")).pathname;
  await desk.keyboard.press("Escape");
  await gone(desk);
  const page = await newPage(browser, { web, viewport: PHONE, locale: "en-US", scheme: "dark" });
  await page.goto(link);
  await page.fill("input[name=new-password]", THIRD);
  await fits(page, "set a password");
  await accessible(page, "set a password");
  await shot(page, "92-phone-set-password");
  await page.click("button[type=submit]");
  await settled(page);
  check(new URL(page.url()).pathname === MALL, "a reset password is set by link, and signs in");
  await page.context().close();
}

async function invitations(desk) {
  await desk.goto("/settings/invitations");
  await settled(desk);
  await desk.waitForSelector(".tag-received");
  await desk.locator(".page-extra button").click();
  await dialog(desk).getByText("业务员").click();
  await dialog(desk).locator(".ant-btn-primary").click();
  await desk.waitForSelector(".link-box input");
  await desk.keyboard.press("Escape");
  await gone(desk);
  await desk.locator("tbody .ant-btn-dangerous").first().waitFor();
  await accessible(desk, "invitations");
  await shot(desk, "93-invitations");
  await desk.locator("tbody .ant-btn-dangerous").first().click();
  await becauseOf(desk, "journey");
  await shot(desk, "94-revoke-invitation");
  await dialog(desk).locator(".ant-btn-primary").click();
  await desk.waitForSelector("tbody .tag-cancelled");
  check(true, "an invitation is revoked");
}

async function lockedOut(browser, web, { tenant }) {
  const page = await newPage(browser, { web, viewport: PHONE });
  await page.goto(`/t/${tenant}`);
  await page.fill("input[name=login]", "nobody.is.called.this");
  for (let tries = 0; tries < 12; tries += 1) {
    await page.fill("input[name=password]", `wrong ${tries}`);
    await page.click("button[type=submit]");
    await page.waitForFunction(() => !document.querySelector(".ant-btn-loading"));
    if ((await page.locator("[data-lock-out]").count()) > 0) break;
  }
  await page.waitForSelector("[data-lock-out]");
  check(await page.locator("button[type=submit]").isDisabled(), "too many wrong passwords have to wait");
  check(/\d:\d\d/.test(await page.textContent("button[type=submit]")), "and see for how long");
  await accessible(page, "locked out");
  await shot(page, "95-phone-locked-out");
  await page.context().close();
}
