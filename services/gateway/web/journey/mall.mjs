// The mall: what a dealer does with a phone. It lands in the storefront of its brand, finds a product by
// how it sounds, is told what is missing for a promotion, orders by the case, looks at the order and at
// its accounts, and goes on looking when there is no network. The order is cancelled and the promotion
// ended, so that nothing that comes after it finds one that counts.
import { looked } from "./funds.mjs";
import {
  accessible, check, complaints, dialog, fits, gone, minor, newPage, opened, PHONE, seen, settled, shot, signIn,
} from "./support.mjs";

const PROMOTION = `mall-${Date.now().toString(36)}`;
const PROMOTION_NAME = "饮料满 100 减 10";
/** Sounds like 清泉山泉水, and is packed by 24. */
const INITIALS = "qqsqs";
const PRODUCT = "spring-water-550";
const CASE = 24;
const PATH = "/mall";

/** Calls an rpc over REST, as a program does. */
export async function call(web, token, method, body) {
  const answer = await fetch(`${web}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(`${method}: ${JSON.stringify(told)}`);
  return told;
}

export const tokenOf = async (web, { tenant, login, password }) =>
  (await call(web, "", "qudao.partner.v1.IdentityService/SignIn", { tenantId: tenant, login, password })).token;

const asked = () => ({ requestId: crypto.randomUUID() });

/** Somebody drafts a promotion and somebody else approves it; gives the way to end it. */
async function promoted(web, admin) {
  const token = await tokenOf(web, admin);
  const other = { tenant: admin.tenant, login: `mall.${PROMOTION.slice(-6)}`, password: "nine slow green boats" };
  await call(web, token, "qudao.partner.v1.IdentityService/RegisterUser", {
    ...asked(), login: other.login, name: "旅程", password: other.password, roles: ["ROLE_SALES_DIRECTOR"], keepPassword: true,
  });
  const service = "qudao.order.v1.PromotionService";
  const from = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(Date.now());
  const terms = {
    name: PROMOTION_NAME, currencyCode: "CNY", from, groupName: "旅程", stacking: "STACKING_ALL", measure: "MEASURE_AMOUNT",
    audience: {}, scope: { categories: [{ path: ["饮料"] }] }, tiers: [{ from: "10000", offMinor: "1000" }],
  };
  await call(web, token, `${service}/DraftPromotion`, { ...asked(), promotionId: PROMOTION, terms });
  await call(web, await tokenOf(web, other), `${service}/ApprovePromotion`, { ...asked(), promotionId: PROMOTION });
  return () => call(web, token, `${service}/EndPromotion`, { ...asked(), promotionId: PROMOTION, reason: "旅程" });
}

async function pictured(page, name, picture) {
  await fits(page, name);
  await looked(page, name, picture);
}

async function home(page) {
  check(new URL(page.url()).pathname === PATH, "on a phone a dealer begins in the mall");
  await page.locator(`[data-offer="${PROMOTION}"]`).waitFor();
  await page.waitForSelector("[data-available=prepaid]");
  await settled(page);
  check((await page.textContent(".masthead h1")).includes("清泉饮料"), "which is the brand's own");
  const manifest = await page.evaluate(async () => {
    const told = await (await fetch(document.querySelector("link[rel=manifest]").href)).json();
    const icon = await fetch(told.icons[0].src);
    return { ...told, icon: icon.headers.get("content-type") };
  });
  check(manifest.name.includes("清泉饮料") && manifest.start_url === PATH, "and can be installed under its name");
  check(manifest.icon === "image/svg+xml", "with an icon of its own");
  const nobody = await fetch(new URL("/brands/nobody/manifest.webmanifest", page.url()));
  check(nobody.status === 404, "there is none of a brand that is not there");
  await pictured(page, "mall home", "250-mall-home");
}

async function search(page) {
  await page.click(".search-way");
  await page.waitForURL("**/mall/search");
  await page.fill("input[type=search]", "zzzz");
  await page.waitForSelector("#content .state-title");
  await pictured(page, "mall nothing found", "251-mall-search-none");
  await page.fill("input[type=search]", INITIALS);
  await page.waitForSelector(`[data-sounds=yes] [data-product="${PRODUCT}"]`);
  check((await page.locator("[data-sounds] .goods-row").count()) === 1, "first letters of how it sounds find the product");
  await pictured(page, "mall search", "252-mall-search");
}

async function product(page) {
  await page.click(`[data-product="${PRODUCT}"] .goods-name`);
  await page.waitForURL(`**/mall/products/${PRODUCT}`);
  await page.waitForSelector("[data-explained-price]");
  await page.locator(`.product-offers [data-offer="${PROMOTION}"]`).waitFor();
  await settled(page);
  check((await page.textContent(".facts")).includes("1箱 = 24瓶"), "a product says how it is packed");
  check((await page.textContent(".product-offers")).includes("再买"), "and what is missing for its promotion");
  await page.locator(".add-bar .stepper-plus").click();
  check((await page.textContent(".add-bar [data-packed]")).includes(String(2 * CASE)), "it is counted by the case");
  await page.waitForTimeout(700);
  await pictured(page, "mall product", "253-mall-product");
  await page.click("[data-add-to-cart]");
  await page.waitForSelector("[data-cart-count='1']");
  await page.waitForSelector(`[data-in-cart="${2 * CASE}"]`);
  check(true, "and is in the cart, which says so on every page");
}

const total = async (page) => minor(await page.textContent("[data-draft-total]"));
const ready = (page) => page.locator(".basket-foot button:enabled").waitFor();

async function cart(page) {
  await page.click(".mall-tabs a[href='/mall/cart']");
  await page.locator(".offer-hints li", { hasText: PROMOTION_NAME }).waitFor();
  await ready(page);
  const before = await total(page);
  check((await page.textContent(".offer-hints")).includes("42.40"), "the cart says how much is missing for the promotion");
  await pictured(page, "mall cart", "254-mall-cart");
  const plus = page.locator(`[data-product="${PRODUCT}"] .stepper-plus`);
  await plus.click();
  await plus.click();
  await page.locator(".offer-given li", { hasText: PROMOTION_NAME }).waitFor();
  await ready(page);
  check((await total(page)) === before * 2n - 1_000n, "and gives it when it is there");
  await page.locator(".mall-cart textarea").first().fill("请在上午送货");
  await pictured(page, "mall cart with a discount", "255-mall-cart-given");
  await page.click(".basket-foot button");
  await page.waitForURL((url) => /^\/mall\/orders\/.+/.test(url.pathname));
  await page.waitForSelector(".tracked li");
  return decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1));
}

async function order(page, id) {
  await page.waitForSelector("#content .kept .tag-awaitingPayment");
  await settled(page);
  check((await page.textContent(".tracked-words")).includes("订 4箱"), "the order says what was ordered, by the case");
  check(minor(await page.textContent("[data-order-net]")) === 10_520n, "and what is to be paid");
  await pictured(page, "mall order", "256-mall-order");
  await page.click("[data-pay-online]");
  await page.waitForSelector(".pay-stage[data-stage=choose]");
  await seen(page, "mall pay", "257-mall-pay");
  await page.keyboard.press("Escape");
  await gone(page);
  await opened(page, "/mall/orders?tab=toPay", `[data-order="${id}"]`);
  check((await page.locator(".order-tabs .on").textContent()) === "待付款", "it is among those that wait for payment");
  await pictured(page, "mall orders", "258-mall-orders");
  await opened(page, "/mall/orders?tab=toShip", "#content .state, .order-cards");
  await pictured(page, "mall orders to be shipped", "259-mall-orders-none");
  await opened(page, PATH, "[data-waiting=toPay].mine-due");
  check(Number(await page.textContent("[data-waiting=toPay] strong")) >= 1, "and the home page counts it");
}

async function me(page) {
  await page.click(".mall-tabs a[href='/mall/me']");
  await page.waitForSelector(".me [data-available=prepaid]");
  await settled(page);
  await pictured(page, "mall me", "260-mall-me");
  await page.getByText("English", { exact: true }).click();
  await page.getByText("Log out").or(page.getByText("Sign out")).first().waitFor();
  check((await page.textContent("#content h1")) === "Me", "the mall speaks English");
  await opened(page, "/mall/me/funds", "#content .chips");
  await pictured(page, "mall entries", "261-mall-entries-en");
  await opened(page, "/mall/categories", ".goods-row");
  await pictured(page, "mall categories", "262-mall-categories-en");
}

/** The other pages are fetched after the first one; until nothing more comes. */
async function allKept(page) {
  const kept = () => page.evaluate(async () => (await (await caches.open("mall-parts-1")).keys()).map(({ url }) => url));
  let before = [];
  for (let now = await kept(); now.length !== before.length || !now.some((url) => url.includes("entries-page")); now = await kept()) {
    before = now;
    await page.waitForTimeout(2_000);
  }
}

/** Without a network the page is there, says so, and the cart can still be looked at. */
async function away(page) {
  await opened(page, PATH, "[data-available=prepaid]");
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(async () => (await (await caches.open("mall-parts-1")).keys()).length > 5);
  await page.reload();
  await settled(page);
  await allKept(page);
  const before = complaints.length;
  await page.context().setOffline(true);
  await page.reload();
  await page.waitForSelector(".mall-away");
  check(await page.locator(".mall-tabs").isVisible(), "without a network the mall opens, and says that it is offline");
  await page.waitForSelector(".masthead");
  await page.waitForTimeout(500);
  await shot(page, "263-mall-offline-en");
  await page.click(".mall-tabs a[href='/mall/me']");
  await page.waitForSelector(".me-settings");
  check(true, "and so does a page that was not opened before");
  await page.context().setOffline(false);
  // What failed without a network was meant to.
  complaints.length = before;
  await page.locator(".mall-away").waitFor({ state: "detached" });
}

async function cancel(page, id) {
  await opened(page, `/mall/orders/${id}`, ".order-bar button.ant-btn-dangerous");
  await page.locator(".order-bar button.ant-btn-dangerous").click();
  await dialog(page).locator("textarea").fill("旅程");
  await dialog(page).locator(".ant-modal-footer .ant-btn").last().click();
  await page.waitForSelector("#content .tag-cancelled");
  check(true, "an order that is not paid can be cancelled");
}

/** The camera of a phone, as far as this browser has none: a picture that stands still, and a reader that
 * sees a code in it the second time it looks. */
async function withCamera(page) {
  await page.addInitScript((code) => {
    let looks = 0;
    globalThis.BarcodeDetector = class {
      detect = async () => (++looks > 1 ? [{ rawValue: code }] : []);
    };
    navigator.mediaDevices.getUserMedia = async () => {
      const canvas = document.createElement("canvas");
      const drawn = canvas.getContext("2d");
      setInterval(() => drawn.fillRect(0, 0, 9, 9), 50);
      globalThis.camera = canvas.captureStream(20);
      return globalThis.camera;
    };
  }, PRODUCT);
}

async function scanning(browser, web, dealer) {
  const page = await newPage(browser, { web, viewport: PHONE });
  await signIn(page, dealer);
  await opened(page, `${PATH}/search`, ".search-head");
  const scan = page.getByRole("button", { name: "扫条码" });
  await withCamera(page);
  await page.reload();
  await scan.click();
  await page.waitForSelector(`[data-product="${PRODUCT}"]`);
  check((await page.inputValue("input[type=search]")) === PRODUCT, "a bar code is looked for");
  const ended = await page.evaluate(() => globalThis.camera.getTracks().every(({ readyState }) => readyState === "ended"));
  check(ended, "and the camera is off again");
  await page.context().close();
}

/** The same on a wide screen, in the dark. */
async function wide(browser, web, dealer) {
  const page = await newPage(browser, { web, locale: "en-US", scheme: "dark" });
  await signIn(page, dealer);
  check(!new URL(page.url()).pathname.startsWith(PATH), "on a wide screen a dealer begins in the console");
  await opened(page, PATH, `[data-offer="${PROMOTION}"]`);
  await pictured(page, "wide mall home, dark", "264-mall-wide-home");
  await opened(page, `${PATH}/categories?c=${encodeURIComponent("饮料")}`, ".goods-row");
  await page.locator(".goods-row .stepper-plus").first().click();
  await page.locator(".goods-row .stepper-plus").nth(1).click();
  await pictured(page, "wide mall categories, dark", "265-mall-wide-categories");
  await opened(page, `${PATH}/cart`, ".offer-hints");
  await ready(page);
  await pictured(page, "wide mall cart, dark", "266-mall-wide-cart");
  await opened(page, `${PATH}/products/${PRODUCT}`, "[data-explained-price]");
  await pictured(page, "wide mall product, dark", "267-mall-wide-product");
  await page.context().close();
}

/** `admin` and `dealer` are people of a brand whose products are packed, and whose orders are paid. */
export async function mall(browser, web, admin, dealer) {
  console.log("mall");
  const end = await promoted(web, admin);
  const page = await newPage(browser, { web, viewport: PHONE });
  await signIn(page, dealer);
  await home(page);
  await search(page);
  await product(page);
  const id = await cart(page);
  await order(page, id);
  await me(page);
  await cancel(page, id);
  await away(page);
  await page.click(".mall-tabs a[href='/mall/me']");
  await page.click("[data-to-console]");
  await page.waitForSelector(".shell #content h1");
  check(!new URL(page.url()).pathname.startsWith(PATH), "the console is one step away");
  await page.context().close();
  await scanning(browser, web, dealer);
  await wide(browser, web, dealer);
  await end();
}
