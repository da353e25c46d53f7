// Payments through providers, of a brand that sells in CNY and whose orders are paid here. A dealer
// orders what has to be paid, scans WeChat's code, pays at the simulator, and the order goes on; on the
// phone it opens Alipay, changes to WeChat, and pays nothing. The brand sees all of it. The orders are
// cancelled, and what was paid goes back.
import { looked } from "./funds.mjs";
import { accessible, agree, check, dialog, fits, minor, newPage, opened, PHONE, settled, seen, shot, signIn } from "./support.mjs";

const WECHAT = 1;
const ALIPAY = 2;
const SOURCES = ["rebate", "prepaid", "credit"];

const stage = (page, name) => page.waitForSelector(`.pay-stage[data-stage=${name}]`);
const row = (page, words) => page.locator("tbody tr", { hasText: words });
const cells = "tbody tr, .card-row";

/** Orders one piece, and pays it from nothing that the dealer has. */
async function order(page) {
  await opened(page, "/orders/new", ".finder li button:enabled");
  await page.locator(".finder li button:enabled").first().click();
  await page.waitForSelector(".basket-payment");
  await page.locator(".basket-foot button:enabled").waitFor();
  for (const source of SOURCES) {
    const box = page.locator(`input[name=pay-${source}]`);
    if ((await box.count()) > 0 && (await box.isChecked())) await box.uncheck();
  }
  const net = minor(await page.textContent("[data-draft-total]"));
  await page.waitForFunction(
    (wanted) => document.querySelector("[data-open]")?.textContent.replace(/\D/g, "").replace(/^0+(?=\d)/, "") === wanted,
    net.toString(),
  );
  await page.locator(".basket-foot button:enabled").waitFor();
  await page.click(".basket-foot button");
  await page.waitForURL((url) => /^\/orders\/(?!new)/.test(url.pathname));
  await page.waitForSelector("#content .kept .tag-awaitingPayment");
  await settled(page);
  return { id: decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1)), net };
}

async function choose(page, provider) {
  await page.click("[data-pay-online]");
  await stage(page, "choose");
  check((await page.locator("[data-provider]").count()) === 2, "both providers are offered");
  return () => page.click(`[data-provider="${provider}"]`);
}

/** What the camera of a phone would open: the page of the provider, where the money is paid. */
async function payAt(page, link) {
  const cashier = await page.context().newPage();
  await cashier.goto(link);
  await shot(cashier, "233-cashier");
  await cashier.locator("form button", { hasText: "支付" }).first().click();
  await cashier.waitForLoadState();
  await cashier.close();
  await page.bringToFront();
}

/** The dealer pays by a code, and leaves the dialog in between. */
async function byCode(page, { id, net }) {
  await looked(page, "order to be paid", "230-order-owing");
  const start = await choose(page, WECHAT);
  await seen(page, "how to pay", "231-pay-choose");
  await start();
  await stage(page, "waiting");
  await page.waitForSelector(".pay-code svg");
  check(minor(await page.textContent(".pay-amount")) === net, "all that is open is to be paid");
  check(/\d\d:\d\d/.test(await page.textContent(".pay-left")), "and it says for how long it can be");
  const link = await page.getAttribute("a[data-pay-open]", "href");
  await page.keyboard.press("Escape");
  await page.locator(".ant-modal-wrap:visible").waitFor({ state: "hidden" });
  await page.reload();
  await page.waitForSelector("[data-pay-online]");
  await page.click("[data-pay-online]");
  await stage(page, "waiting");
  check((await page.getAttribute("a[data-pay-open]", "href")) === link, "a payment that waits is found again");
  await seen(page, "code to scan", "232-pay-code");
  await payAt(page, link);
  await stage(page, "paid");
  await page.locator(".pay-stage", { hasText: "订单已付清" }).waitFor();
  await seen(page, "paid", "234-pay-paid");
  await page.click("[data-pay-done]");
  await page.locator("#content .kept").waitFor({ state: "detached" });
  await page.waitForSelector(".order-payments .tag-online-captured");
  check(minor(await page.textContent("[data-paid=online]")) === net, "the order says what was paid online");
  check((await page.locator("[data-pay-online]").count()) === 0, "and can not be paid again");
  await looked(page, "order that was paid", "235-order-paid");
  await opened(page, `/orders?q=${id}`, cells);
  const status = await row(page, id).locator(".tag").first().textContent();
  check(["待审核", "备货中"].includes(status), `the order goes on: ${status}`);
  await opened(page, `/payments?q=${id}`, cells);
  check((await row(page, id).locator(".tag-online-captured").count()) === 1, "the dealer sees the payment as paid");
  await looked(page, "payments of a dealer", "236-payments-dealer");
}

/** On a phone the provider's page is opened; the dealer changes its mind twice. */
async function onPhone(page) {
  const start = await choose(page, ALIPAY);
  await fits(page, "phone how to pay");
  await seen(page, "phone how to pay", "237-phone-pay-choose");
  await start();
  await stage(page, "waiting");
  await page.waitForSelector("a[data-pay-open]");
  check((await page.locator(".pay-code").count()) === 0, "a phone is shown no code, but a way to go");
  const before = await page.getAttribute("a[data-pay-open]", "href");
  await page.click("[data-pay-change]");
  await page.waitForFunction(
    (old) => {
      const link = document.querySelector("a[data-pay-open]");
      return link && link.getAttribute("href") !== old;
    },
    before,
  );
  await page.waitForSelector(".pay-stage .provider-wechat");
  await seen(page, "phone to pay", "238-phone-pay");
  await page.click("[data-pay-withdraw]");
  await stage(page, "closed");
  check((await page.textContent(".pay-stage")).includes("支付已取消"), "a payment that was cancelled says so, and can be started again");
  await seen(page, "phone payment cancelled", "239-phone-pay-closed");
  await page.keyboard.press("Escape");
  await page.locator(".ant-modal-wrap:visible").waitFor({ state: "hidden" });
  await page.locator(".order-payments .tag-online-closed").nth(1).waitFor();
  await page.locator(".order-payments").scrollIntoViewIfNeeded();
  await fits(page, "phone order with payments");
  await shot(page, "240-phone-order-payments");
}

async function finance(page, { id, net }, { id: left }) {
  await opened(page, `/payments?q=${id}`, "tbody tr");
  check(minor(await row(page, id).locator("td.num strong").textContent()) === net, "finance sees what was paid");
  await looked(page, "payments", "241-payments");
  await row(page, id).click();
  await page.waitForSelector(".payment-facts .tag-online-captured");
  await settled(page);
  await looked(page, "payment", "242-payment");
  await opened(page, `${new URL(page.url()).pathname}?tab=history`, ".timeline .entry");
  check((await page.locator(".timeline .entry").count()) >= 3, "the history of the payment knows all of it");
  await shot(page, "243-payment-history");
  await opened(page, `/payments?q=${left}&status=closed`, "tbody tr");
  check((await row(page, left).count()) === 2, "and both that were not paid");
  await opened(page, `/payments?q=${id}&status=todo`, "#content .state");
  await accessible(page, "no payments to be dealt with");
  await shot(page, "244-payments-none");
}

async function cancel(page, { id }) {
  await opened(page, `/orders/${id}`, ".page-extra button.ant-btn-dangerous");
  await page.locator(".page-extra button.ant-btn-dangerous").last().click();
  await dialog(page).locator("textarea").fill("旅程");
  await agree(page);
  await page.waitForSelector("#content .tag-cancelled");
}

/** What a cancelled order had goes back, the way it came. */
async function refunded(page, { id }) {
  await opened(page, `/payments?q=${id}`, "tbody tr");
  await row(page, id).locator(".tag-online-refunding, .tag-online-refunded").waitFor();
  await row(page, id).click();
  await page.waitForSelector(".tag-refund-asked, .tag-refund-done");
  await settled(page);
  check(true, "the money of a cancelled order goes back");
  await looked(page, "payment with a refund", "245-payment-refund");
}

async function paymentsOnPhone(browser, web, admin, { id }) {
  const page = await newPage(browser, { web, viewport: PHONE, locale: "en-US", scheme: "dark" });
  await signIn(page, admin);
  await opened(page, "/payments", ".card-row");
  await fits(page, "phone payments");
  await looked(page, "phone payments", "246-phone-payments");
  await opened(page, `/payments?q=${id}`, ".card-row");
  await page.locator(".card-row").first().click();
  await page.waitForSelector(".payment-facts");
  await settled(page);
  await fits(page, "phone payment");
  await looked(page, "phone payment", "247-phone-payment");
  await page.context().close();
}

/** `admin` and `dealer` are people of a brand that sells in CNY, and that is paid here by its rules. */
export async function payments(browser, web, admin, dealer) {
  console.log("payments");
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  const other = await newPage(browser, { web });
  await signIn(other, dealer);
  const paid = await order(other);
  await byCode(other, paid);
  await other.context().close();
  const phone = await newPage(browser, { web, viewport: PHONE });
  await signIn(phone, dealer);
  const left = await order(phone);
  await onPhone(phone);
  await phone.context().close();
  await finance(page, paid, left);
  await cancel(page, left);
  await cancel(page, paid);
  await refunded(page, paid);
  await paymentsOnPhone(browser, web, admin, paid);
  await page.context().close();
}
