// What goes wrong for people: a mistyped password, a sign-in that ran out, prices that moved,
// an impatient double click, a number that does not exist, no network.
import { accessible, check, minor, newPage, settled, shot, signIn, spoil } from "./support.mjs";

export async function troubles(browser, web, user) {
  console.log("troubles");
  const page = await newPage(browser, { web });
  await wrongPassword(page, user);
  await expired(page);
  await signIn(page, user, "/orders/no-such-order");
  await page.waitForSelector("#content .state-failed");
  check(true, "an unknown order says what to do");
  await accessible(page, "unknown order");
  await shot(page, "40-unknown-order");
  await movedPrice(page, user);
  await offline(page);
  await page.context().close();
}

async function wrongPassword(page, user) {
  await page.goto("/orders?status=received");
  await page.fill("input[name=tenant]", user.tenant);
  await page.fill("input[name=login]", user.login);
  await page.fill("input[name=password]", "not the password");
  await page.click("button[type=submit]");
  await page.waitForSelector("form [role=alert]");
  await accessible(page, "wrong password");
  await shot(page, "41-wrong-password");
  await page.fill("input[name=password]", user.password);
  await page.click("button[type=submit]");
  await page.waitForSelector("#content h1");
  check(page.url().endsWith("/orders?status=received"), "a mistyped password costs no place");
}

async function expired(page) {
  await spoil(page, { token: "run-out" });
  await page.goto("/orders?status=cancelled");
  await settled(page);
  check((await page.locator(".sign-in-again").count()) === 0, "a token that ran out is exchanged without a word");
  await spoil(page, { token: "run-out", refreshToken: "run-out" });
  await page.goto("/orders?status=cancelled");
  await page.waitForSelector(".sign-in-again input[name=password]");
  check(page.url().endsWith("/orders?status=cancelled"), "a sign-in that is over keeps the page");
}

async function orderCount(page) {
  await page.goto("/orders");
  await settled(page);
  const texts = (await page.textContent(".pager")).match(/[\d,]+/g);
  return Number(texts.at(2).replace(",", ""));
}

/** A draft from yesterday, one cent below today's price. */
async function movedPrice(page, user) {
  const before = await orderCount(page);
  await page.goto("/orders/new");
  await settled(page);
  await page.click(".pick-dealer");
  await page.locator(".ant-select-item-option").first().click();
  await page.locator(".finder li button:enabled").first().click();
  const total = minor(await page.textContent("[data-draft-total]"));
  await page.evaluate((key) => {
    const draft = JSON.parse(sessionStorage.getItem(key));
    draft.lines[0].priceMinor = String(BigInt(draft.lines[0].priceMinor) - 1n);
    sessionStorage.setItem(key, JSON.stringify(draft));
  }, `qudao.draft/${user.login}`);
  await page.reload();
  await settled(page);
  await page.click(".basket-foot button");
  await page.waitForSelector(".ant-modal");
  await accessible(page, "price changed");
  await shot(page, "42-price-changed");
  await page.click(".ant-modal .ant-btn-primary");
  await page.locator(".ant-modal").waitFor({ state: "hidden" });
  check(minor(await page.textContent("[data-draft-total]")) === total, "the new price is asked for and taken");
  await page.dblclick(".basket-foot button");
  await page.waitForURL((url) => /^\/orders\/(?!new)/.test(url.pathname));
  await settled(page);
  const placed = page.url();
  check((await orderCount(page)) === before + 1, "a double click orders once");
  await page.goto(placed);
  await settled(page);
  await page.locator("button.ant-btn-dangerous").first().click();
  await page.fill(".ant-modal textarea", "journey");
  await page.locator(".ant-modal button.ant-btn-dangerous").click();
  await page.waitForSelector("#content .tag-cancelled");
}

async function offline(page) {
  // Failed requests are the point here; the browser reports each of them on the console.
  page.removeAllListeners("console");
  await page.route("**/qudao.*/*", (route) => route.abort());
  await page.goto("/");
  await page.waitForSelector(".badge-offline");
  await page.waitForSelector("#content .state-failed button");
  await accessible(page, "offline");
  await shot(page, "43-offline");
  // The live stream stays away, or the page would recover by itself before the click.
  await page.route("**/qudao.operations.*/*", (route) => route.abort());
  await page.unroute("**/qudao.*/*");
  await page.locator(".state-failed button").first().click();
  await page.waitForSelector("[data-tile=gross] .tile-value");
  check(true, "without a network it says so, and recovers on retry");
  await page.unroute("**/qudao.operations.*/*");
  await page.locator(".badge-offline").waitFor({ state: "hidden" });
  check(true, "the live stream comes back by itself");
}
