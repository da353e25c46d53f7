// The brand: its accent tried on the page, refused by nobody but warned about, saved, and seen by
// whoever signs in; and how the new pages look in English, in the dark and on a small screen.
import { accessible, check, fits, newPage, settled, shot } from "./support.mjs";

const ACCENT = "#8a2b6f";
const DARK = "#e59ad0";
const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAABgAAAAYCAIAAABvFaqvAAAATElEQVR42mP4TyXAQHODurTzsSISDMJlBH7jGMgwBatZDOSZgmkWA9mmoJlFbYPIMwXZrFGDRg0ajCmbmpmWmsUINQs2aha1A1yLAADhbVQR6ls9yAAAAABJRU5ErkJggg==";

const accent = (page) =>
  page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--accent").trim());
const code = (page, nth) => page.locator(".accent-line .ant-input").nth(nth);

export async function lookOfBrand(browser, web, page) {
  await page.goto("/settings/brand");
  await settled(page);
  await page.waitForSelector(".brand-form");
  await accessible(page, "brand");
  await shot(page, "96-brand");
  const before = await accent(page);
  await code(page, 0).fill("#ffd400");
  await page.waitForSelector(".contrast-bad");
  check((await accent(page)) === "#ffd400", "an accent is tried on the whole page");
  await page.setInputFiles(".brand-form input[type=file]", { name: "logo.svg", mimeType: "image/svg+xml", buffer: Buffer.from("<svg/>") });
  await page.waitForSelector(".brand-form .upload-failed .field-error");
  await shot(page, "97-brand-warned");
  await page.goto("/account");
  await settled(page);
  check((await accent(page)) === before, "and not kept by leaving");

  await page.goto("/settings/brand");
  await settled(page);
  await code(page, 0).fill(ACCENT);
  await code(page, 1).fill(DARK);
  await page.setInputFiles(".brand-form input[type=file]", { name: "logo.png", mimeType: "image/png", buffer: Buffer.from(PICTURE, "base64") });
  await page.waitForSelector('.logo-preview[src^="data:image/png"]');
  await accessible(page, "brand, changed");
  await page.click(".brand-form button[type=submit]");
  await page.waitForSelector(".ant-message-success");
  await page.goto("/orders");
  await settled(page);
  check((await accent(page)) === ACCENT, "a saved accent is on all pages");
  await shot(page, "98-orders-branded");
  await asVisitors(browser, web);
  await inTheDark(browser, web, page);
  await back(page);
}

async function asVisitors(browser, web) {
  const page = await newPage(browser, { web, locale: "en-US" });
  await page.goto("/t/bikes");
  await page.waitForFunction(() => document.querySelector(".brand-mark h1")?.textContent?.includes("Flywheel"));
  await page.waitForSelector('.brand-mark img[src^="data:image/png"]');
  check((await accent(page)) === ACCENT, "and on the page where its people sign in");
  await accessible(page, "branded sign-in");
  await shot(page, "99-sign-in-branded");
  await page.context().close();
}

/** The same person, in English and in the dark, on a screen of 1024 px. */
async function inTheDark(browser, web, signedIn) {
  const session = await signedIn.evaluate(() => localStorage.getItem("qudao.session"));
  const page = await newPage(browser, { web, locale: "en-US", scheme: "dark", viewport: { width: 1024, height: 768 } });
  await page.addInitScript((stored) => localStorage.setItem("qudao.session", stored), session);
  for (const [name, path] of [
    ["a0-people-en-dark", "/settings"],
    ["a1-person-en-dark", "/settings?user=dealer"],
    ["a2-invitations-en-dark", "/settings/invitations"],
    ["a3-brand-en-dark", "/settings/brand"],
    ["a4-account-en-dark", "/account"],
    ["a5-webhooks-en-dark", "/settings/webhooks"],
  ]) {
    await page.goto(path);
    await settled(page);
    await fits(page, name);
    await accessible(page, name);
    await shot(page, name);
  }
  check((await accent(page)) === DARK, "dark pages have an accent of their own");
  await page.context().close();
}

/** Leaves the brand as it was. */
async function back(page) {
  await page.goto("/settings/brand");
  await settled(page);
  await code(page, 0).fill("");
  await code(page, 1).fill("");
  await page.locator(".logo-line button").last().click();
  await page.click(".brand-form button[type=submit]");
  await page.waitForSelector(".ant-message-success");
}
