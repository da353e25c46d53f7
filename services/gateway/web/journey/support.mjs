// What every step of the journey needs: endpoints, a browser, and a strict eye on its console.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const shots = process.env.QUDAO_SCREENSHOTS || "test-results";
export const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export function endpoints() {
  const path = process.env.QUDAO_ENDPOINTS;
  if (!path) throw new Error("set QUDAO_ENDPOINTS to the endpoints.json of a running system");
  return JSON.parse(readFileSync(path, "utf8"));
}

/** The first user of the tenant with one of the roles, in the order of the roles. */
export function userWith(users, tenant, roles) {
  const plain = (role) => role.replace(/^ROLE_/, "").toUpperCase();
  for (const role of roles) {
    const user = users.find((u) => u.tenant === tenant && u.roles.map(plain).includes(role));
    if (user) return user;
  }
  throw new Error(`no user of ${tenant} with ${roles.join(" or ")}`);
}

export async function launch() {
  mkdirSync(shots, { recursive: true });
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-default-apps",
      "--no-first-run",
    ],
  });
}

export const complaints = [];

/** A page whose console errors, exceptions and failed loads all end up in `complaints`. */
export async function newPage(browser, { web, viewport = DESK, locale = "zh-CN", scheme = "light" }) {
  const context = await browser.newContext({
    baseURL: web,
    viewport,
    locale,
    colorScheme: scheme,
    reducedMotion: "reduce",
    isMobile: viewport.width < 500,
    hasTouch: viewport.width < 500,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()} (${page.url()})`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message} (${page.url()})`));
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  return page;
}

export async function signIn(page, user, path = "/") {
  await page.goto(path);
  await page.fill("input[name=tenant]", user.tenant);
  await page.fill("input[name=login]", user.login);
  await page.fill("input[name=password]", user.password);
  await page.click("button[type=submit]");
  await page.waitForSelector("#content h1");
}

/** What the browser has of the sign-in, changed behind its back. */
export async function spoil(page, change) {
  await page.evaluate((changed) => {
    const session = JSON.parse(localStorage.getItem("qudao.session"));
    localStorage.setItem("qudao.session", JSON.stringify({ ...session, ...changed }));
  }, change);
}

/** Until nothing on the page says that it is still loading. */
export async function settled(page) {
  await page.waitForSelector("#content h1");
  await page.waitForFunction(
    () => !document.querySelector(".loading, .tile-skeleton, .ant-skeleton-active"),
    undefined,
    { timeout: 15_000 },
  );
  // Charts draw for a quarter of a second.
  await page.waitForTimeout(500);
}

export async function opened(page, path, sign) {
  await page.goto(path);
  await page.waitForSelector(sign);
  await settled(page);
}

export const dialog = (page) => page.locator(".ant-modal-wrap:visible .ant-modal").last();
export const gone = (page) => page.locator(".ant-modal-wrap:visible").waitFor({ state: "hidden" });

/** Looks at a dialog that has come to rest. */
export async function seen(page, name, picture) {
  await page.waitForTimeout(300);
  await accessible(page, name);
  await shot(page, picture);
}

export async function agree(page) {
  await dialog(page).locator(".ant-modal-footer .ant-btn").last().click();
  await gone(page);
}

/** Types what is looked for and takes the option of exactly that name. The field itself is filled: a
 * dialog that is still opening takes the focus, and what is typed by keys then goes elsewhere. */
export async function pick(page, select, typed, name) {
  await page.waitForTimeout(300);
  await select.click();
  await select.locator("input").first().fill(typed);
  const options = page.locator(".ant-select-dropdown:visible .ant-select-item-option");
  await options.filter({ has: page.getByText(name, { exact: true }) }).first().click();
}

export async function shot(page, name) {
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: page.viewportSize().width > 500 });
}

export function check(condition, words) {
  if (!condition) throw new Error(words);
  console.log(`  ok  ${words}`);
}

/** Serious findings of axe-core count as complaints. */
export async function accessible(page, name) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa"] }),
  );
  const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  for (const { id, nodes } of bad) {
    const where = nodes.slice(0, 3).map((n) => `${n.target} ${n.failureSummary?.split("\n")[1] ?? ""}`);
    complaints.push(`axe ${name}: ${id} at ${where.join("; ")}`);
  }
}

/** Nothing may make the page itself scroll sideways. */
export async function fits(page, name) {
  const [inner, wide] = await page.evaluate(() => [
    window.innerWidth,
    Math.max(document.documentElement.scrollWidth, document.querySelector("#content")?.scrollWidth ?? 0),
  ]);
  if (wide > inner) complaints.push(`${name}: ${wide} px wide on a screen of ${inner} px`);
}

/** `$1,234.50` as minor units. */
export function minor(text) {
  const digits = text.replace(/[^\d.−-]/g, "").replace("−", "-").replace(".", "");
  return BigInt(digits || "0");
}
