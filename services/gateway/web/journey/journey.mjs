// A person's way through the system in a real browser: from the sign-in over the cockpit and a
// drill to an order, its history, a new order that moves the tile, and all of it on a phone.
import { afterSales } from "./after-sales.mjs";
import { audit, auditOnPhone } from "./audit.mjs";
import { carts } from "./carts.mjs";
import { changes } from "./changes.mjs";
import { connectors } from "./connectors.mjs";
import { attachments, attachmentsOnPhone } from "./files.mjs";
import { funds } from "./funds.mjs";
import { identity } from "./identity.mjs";
import { machinery, machineryOnPhone } from "./machinery.mjs";
import { mall } from "./mall.mjs";
import { payments } from "./payments.mjs";
import { reconciliation } from "./reconciliation.mjs";
import { prices } from "./prices.mjs";
import { productData } from "./product-data.mjs";
import { provider } from "./provider.mjs";
import { promotions } from "./promotions.mjs";
import { rebates } from "./rebates.mjs";
import { regions, regionsOnPhone } from "./regions.mjs";
import { shipments } from "./shipments.mjs";
import { statements } from "./statements.mjs";
import { backOrders } from "./back-orders.mjs";
import { stock } from "./stock.mjs";
import {
  accessible, check, complaints, DESK, endpoints, fits, launch, minor, newPage, PHONE, settled, shot, signIn,
  userWith,
} from "./support.mjs";
import { tables } from "./tables.mjs";
import { troubles } from "./troubles.mjs";

const { web, users } = endpoints();
const TENANT = "bikes";
const admin = userWith(users, TENANT, ["HQ_ADMIN"]);
const auditor = userWith(users, TENANT, ["AUDITOR", "HQ_ADMIN"]);
const dealer = userWith(users, TENANT, ["DEALER_OWNER"]);
const viewer = userWith(users, TENANT, ["SALES_DIRECTOR", "HQ_ADMIN"]);
/** The brand that sells in CNY, which is what can be paid online; all else is about the other one. */
const ONLINE = "drinks";
const seller = userWith(users, ONLINE, ["HQ_ADMIN"]);
const buyer = userWith(users, ONLINE, ["DEALER_OWNER"]);
const treasurer = userWith(users, TENANT, ["FINANCE", "HQ_ADMIN"]);
const storeman = userWith(users, TENANT, ["WAREHOUSE", "HQ_ADMIN"]);

const text = async (page, selector) => (await page.textContent(selector))?.trim() ?? "";
const tile = (page, name) => text(page, `[data-tile=${name}] .tile-value`);

async function desk(browser) {
  console.log("desk");
  const page = await newPage(browser, { web });
  await page.goto("/?period=2011");
  await page.waitForSelector("input[name=tenant]");
  await accessible(page, "sign-in");
  await shot(page, "01-sign-in");
  await signIn(page, viewer, "/?period=2011");
  check(new URL(page.url()).search === "?period=2011", "the sign-in keeps the address");
  await settled(page);
  check((await tile(page, "gross")).endsWith("11,292,885.00"), "sales of 2011 are 11,292,885.00");
  check((await tile(page, "orders")) === "322", "orders of 2011 are 322");
  check((await tile(page, "quantity")) === "3,268", "units of 2011 are 3,268");
  const marks = await page.locator(".tile .freshness").count();
  const own = await page.locator(".tile:not([data-metric])").count();
  const shared = await page.locator(".metric-tiles ~ .freshness").count();
  check(marks === own && own > 0 && shared === 1, "every tile, or all of a read model together, say how fresh they are");
  await accessible(page, "cockpit");
  await shot(page, "02-cockpit-2011");
  await page.goto("/");
  await settled(page);
  await shot(page, "03-cockpit-all");
  await page.goto("/?period=2011&tables=region,product,trend,dealer");
  await settled(page);
  const cells = await page.locator(".panel-region tbody tr td:nth-child(2)").allTextContents();
  const sum = cells.map(minor).reduce((a, b) => a + b, 0n);
  check(sum === 1_129_288_500n, "the regions add up to the total");
  await accessible(page, "tables");
  await shot(page, "04-cockpit-tables");
  await drill(page);
  await page.context().close();
}

async function drill(page) {
  console.log("drill");
  await page.goto("/?period=2011");
  await settled(page);
  const into = async (panel, what) => {
    const bar = page.locator(`.panel-${panel} .bar`).first();
    const name = (await bar.locator(".bar-name").textContent())?.trim();
    await bar.click();
    await page.waitForFunction(
      (wanted) => document.querySelector(".crumbs [aria-current]")?.textContent === wanted,
      name,
    );
    await settled(page);
    check(true, `${what} ${name} is the last crumb`);
  };
  await into("region", "region");
  await shot(page, "05-drill-region");
  await into("region", "sub-region");
  await into("product", "product");
  await shot(page, "06-drill-product");
  await into("dealer", "dealer");
  await shot(page, "07-drill-dealer");
  const rows = await page.locator(".panel-orders tbody tr td:nth-child(4)").allTextContents();
  const sum = rows.map(minor).reduce((a, b) => a + b, 0n);
  check(sum === minor(await tile(page, "gross")), "the orders add up to the tile");
  await page.goBack();
  await settled(page);
  check((await page.locator(".crumbs li").count()) === 4, "Back goes up one level");
  await page.goForward();
  await settled(page);

  const row = page.locator(".panel-orders tr.openable").first();
  await row.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/orders/*");
  await settled(page);
  await accessible(page, "order");
  await shot(page, "08-order");
  await attachments(page);
  await page.goto(`${page.url()}?tab=history`);
  await page.waitForSelector(".timeline .entry");
  check((await text(page, ".timeline .entry h3")).length > 3, "the history has a sentence");
  check((await text(page, ".timeline .entry pre")).includes("{"), "the raw event stands beside it");
  await accessible(page, "history");
  await shot(page, "09-history");
}

async function lists(browser) {
  console.log("lists");
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  for (const [name, path] of [
    ["10-orders", "/orders"],
    ["11-products", "/products"],
    ["12-dealers", "/dealers"],
    ["13-history-start", "/history"],
    ["14-system", "/system"],
    ["15-orders-none", "/orders?q=nothing-is-called-this"],
    ["16-no-page", "/no-such-page"],
  ]) {
    await page.goto(path);
    if (name !== "16-no-page") await settled(page);
    else await page.waitForSelector("#content .state");
    await accessible(page, name);
    await shot(page, name);
  }
  await page.context().close();
}

async function live(browser) {
  console.log("live");
  const watching = await newPage(browser, { web });
  await signIn(watching, viewer, "/");
  await settled(watching);
  await watching.evaluate(() => (globalThis.notReloaded = true));
  const before = await tile(watching, "gross");
  const orders = Number((await tile(watching, "orders")).replace(/\D/g, ""));

  const page = await newPage(browser, { web });
  await signIn(page, admin, "/orders/new");
  await page.click(".pick-dealer");
  await page.locator(".ant-select-item-option").first().click();
  await page.waitForSelector(".finder li button:enabled");
  await page.locator(".finder li button:enabled").nth(0).click();
  await page.locator(".finder li button:enabled").nth(1).click();
  await page.locator(".basket-lines input").first().fill("3");
  await page.keyboard.press("Tab");
  const total = minor(await text(page, "[data-draft-total]"));
  await accessible(page, "new order");
  await shot(page, "17-new-order");
  await page.click(".basket-foot button");
  await page.waitForURL((url) => /^\/orders\/(?!new)/.test(url.pathname));
  const sentAt = Date.now();
  await settled(page);
  await shot(page, "18-new-order-placed");

  await watching.waitForFunction(
    (old) => document.querySelector("[data-tile=gross] .tile-value")?.textContent?.trim() !== old,
    before,
  );
  console.log(`      the tile moved within ${Date.now() - sentAt} ms`);
  check(minor(await tile(watching, "gross")) === minor(before) + total, "the tile moved by the new order");
  check(Number((await tile(watching, "orders")).replace(/\D/g, "")) === orders + 1, "one order more");
  check(await watching.evaluate(() => globalThis.notReloaded === true), "without a reload");
  await shot(watching, "19-cockpit-moved");
  await watching.context().close();
  await cancel(page);
}

/** Leaves the figures as they were, and shows that a cancelled order no longer counts. */
async function cancel(page) {
  await page.locator("button.ant-btn-dangerous").first().click();
  await page.fill(".ant-modal textarea", "journey");
  await page.locator(".ant-modal button.ant-btn-dangerous").click();
  await page.waitForSelector("#content .tag-cancelled");
  check(true, "the order can be cancelled with a reason");
  await page.locator(".ant-modal").waitFor({ state: "detached" }).catch(() => undefined);
  await shot(page, "20-order-cancelled");
  await page.context().close();
}

async function looks(browser) {
  console.log("english and dark");
  const page = await newPage(browser, { web, locale: "en-US", scheme: "dark" });
  await signIn(page, viewer, "/?period=2011-Q3");
  await settled(page);
  check((await text(page, "#content h1")) === "Cockpit", "the cockpit speaks English");
  await accessible(page, "cockpit, dark");
  await shot(page, "21-cockpit-en-dark");
  await page.goto("/orders");
  await settled(page);
  await accessible(page, "orders, dark");
  await shot(page, "22-orders-en-dark");
  await page.context().close();
}

async function phone(browser) {
  console.log("phone");
  const page = await newPage(browser, { web, viewport: PHONE });
  await signIn(page, admin, "/?period=2011");
  await settled(page);
  for (const [name, path] of [
    ["30-phone-cockpit", "/?period=2011"],
    ["31-phone-tables", "/?period=2011&tables=region,product"],
    ["32-phone-orders", "/orders"],
    ["33-phone-new-order", "/orders/new"],
    ["34-phone-products", "/products"],
    ["35-phone-dealers", "/dealers"],
    ["36-phone-system", "/system"],
  ]) {
    await page.goto(path);
    await settled(page);
    await fits(page, name);
    await accessible(page, name);
    await shot(page, name);
  }
  await page.goto("/orders");
  await settled(page);
  await page.locator(".card-row").first().click();
  await page.waitForURL("**/orders/*");
  await settled(page);
  await fits(page, "phone order");
  await shot(page, "37-phone-order");
  await attachmentsOnPhone(page);
  await page.goto(`${page.url()}?tab=history`);
  await page.waitForSelector(".timeline .entry");
  await fits(page, "phone history");
  await shot(page, "38-phone-history");
  await page.click(".tabs button");
  await shot(page, "39-phone-more");
  await page.context().close();
}

const browser = await launch();
try {
  console.log(`journey over ${web} at ${DESK.width} and ${PHONE.width} px`);
  await desk(browser);
  await lists(browser);
  await live(browser);
  await audit(browser, web, auditor, admin);
  await machinery(browser, web, admin);
  await troubles(browser, web, admin);
  await identity(browser, web, admin);
  await provider(browser, web, admin);
  await regions(browser, web, admin);
  await promotions(browser, web, admin, viewer);
  await rebates(browser, web, admin, viewer, dealer);
  await prices(browser, web, admin, dealer);
  await funds(browser, web, admin, dealer);
  await payments(browser, web, seller, buyer);
  await reconciliation(browser, web, admin);
  await afterSales(browser, web, admin, treasurer, dealer);
  await mall(browser, web, seller, buyer);
  await productData(browser, web, seller, buyer);
  await statements(browser, web, seller, buyer);
  // After those that count on a dealer without money: this one sends some.
  await connectors(browser, web, seller, buyer);
  await stock(browser, web, admin, dealer);
  await backOrders(browser, web, admin, dealer);
  await shipments(browser, web, admin, storeman, dealer);
  await changes(browser, web, admin, dealer);
  await carts(browser, web, dealer);
  await tables(browser, web, admin);
  await looks(browser);
  await phone(browser);
  await regionsOnPhone(browser, web, admin);
  await auditOnPhone(browser, web, auditor);
  await machineryOnPhone(browser, web, admin);
} finally {
  await browser.close();
}
if (complaints.length > 0) {
  console.error(`\n${complaints.length} complaints:\n${complaints.join("\n")}`);
  process.exit(1);
}
console.log("\nno console errors, no serious accessibility findings");
