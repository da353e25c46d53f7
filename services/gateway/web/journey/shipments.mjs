// Shipments: while the rules hand orders over, what is confirmed waits for a warehouse. The warehouse
// takes it on under its own number, hands it back and takes it on again, prints what is to be picked, and
// sends it in two parts. The rules are as they were afterwards.
import { accessible, agree, check, dialog, fits, newPage, opened, PHONE, seen, settled, shot, signIn } from "./support.mjs";

const ORDERED = 3;
const REFERENCE = "WMS-journey";
const TRACKING = "SF1400290000001";

const act = (page, name) => page.click(`.page-extra [data-act=${name}]`);
const row = (page, words) => page.locator("tbody tr", { hasText: words });

async function looked(page, name, picture) {
  await page.mouse.move(0, 0);
  await seen(page, name, picture);
}

/** Whether confirmed orders are handed over; whether it was so before. */
async function hands(page, on) {
  await opened(page, "/funds?tab=rules", ".rule-rows");
  const knob = page.locator("[data-rule=handsOver]");
  const was = (await knob.getAttribute("aria-checked")) === "true";
  if (was !== on) await knob.click();
  if (on) await looked(page, "rule of handing over", "270-hands-over-rule");
  if (await page.locator(".rules-save").isDisabled()) return was;
  await page.click(".rules-save");
  await page.locator(".rules-save:disabled").waitFor();
  check((await knob.getAttribute("aria-checked")) === String(on), on ? "orders are handed over" : "orders are not handed over any more");
  return was;
}

async function order(other) {
  await opened(other, "/orders/new", ".finder li button:enabled");
  await other.locator(".finder li button:enabled").first().click();
  await other.locator(".basket-lines input").first().fill(String(ORDERED));
  await other.keyboard.press("Tab");
  await other.locator(".basket-foot button:enabled").waitFor();
  await other.click(".basket-foot button");
  await other.waitForURL((url) => /^\/orders\/(?!new)/.test(url.pathname));
  await settled(other);
  return decodeURIComponent(new URL(other.url()).pathname.split("/").at(-1));
}

async function confirm(page, id) {
  await opened(page, `/orders/${id}`, ".page-extra [data-act=confirm]");
  await act(page, "confirm");
  await agree(page);
  await page.waitForSelector(".order-shipments .tag-shipment-released");
  await settled(page);
  check((await page.locator(".order-shipments tbody tr").count()) === 1, "a confirmed order has a shipment");
  check((await page.locator(".page-extra [data-act=ship]").count()) === 0, "and does not leave as a whole");
  await looked(page, "order that was handed over", "271-order-shipments");
}

async function takeOn(page, id) {
  await opened(page, `/shipments?tab=released&q=${id}`, "tbody tr");
  check((await row(page, id).textContent()).includes("已等"), "what waits says for how long");
  await looked(page, "shipments that wait", "272-shipments-waiting");
  await row(page, id).first().click();
  await page.waitForURL("**/shipments/*");
  await page.waitForSelector(".page-extra [data-act=acknowledge]");
  await looked(page, "shipment that waits", "273-shipment");
  await act(page, "acknowledge");
  await page.fill("input[name=shipment-reference]", REFERENCE);
  await seen(page, "take a shipment on", "274-shipment-acknowledge");
  await agree(page);
  await page.waitForSelector("#content .tag-shipment-acknowledged");
  await settled(page);
  check((await page.locator(".facts").first().textContent()).includes(REFERENCE), "the warehouse has it under its own number");
  return new URL(page.url()).pathname;
}

async function handBack(page) {
  await act(page, "handBack");
  await dialog(page).locator("textarea").fill("缺拣货员");
  await seen(page, "hand a shipment back", "275-shipment-hand-back");
  await agree(page);
  await page.waitForSelector("#content .tag-shipment-released");
  await act(page, "acknowledge");
  await page.fill("input[name=shipment-reference]", REFERENCE);
  await agree(page);
  await page.waitForSelector("#content .tag-shipment-acknowledged");
  check(true, "what was handed back is taken on again");
}

async function pickList(page, path) {
  await page.click("[data-pick]");
  await page.waitForSelector(".pick-table tbody tr");
  check((await page.locator(".pick-table tfoot .num").textContent()).trim() === String(ORDERED), "the pick list has all that is to leave");
  await accessible(page, "pick list");
  await shot(page, "276-pick-list");
  await page.emulateMedia({ media: "print" });
  check(!(await page.locator(".pick .ant-btn").isVisible()), "paper has no buttons");
  await shot(page, "277-pick-list-paper");
  await page.emulateMedia({ media: "screen" });
  await opened(page, path, ".page-extra [data-act=ship]");
}

async function send(page, quantity, number) {
  await act(page, "ship");
  await dialog(page).locator(".quantities input").first().fill(String(quantity));
  await page.keyboard.press("Tab");
  await dialog(page).locator(".pick-carrier input").fill("顺丰速运");
  await dialog(page).locator("input[name=tracking-number]").fill(number);
}

async function inParts(page, orderId, path) {
  await send(page, 1, TRACKING);
  await seen(page, "ship some of a shipment", "278-shipment-ship");
  await agree(page);
  await page.waitForSelector("#content .tag-shipment-partlyShipped");
  await page.waitForSelector("[data-parcel]");
  check((await page.locator("[data-parcel]").textContent()).includes(TRACKING), "what left can be followed by its number");
  await looked(page, "shipment that left in part", "279-shipment-partly");
  await opened(page, `/orders/${orderId}`, ".order-shipments");
  await page.waitForSelector(".order-shipments .tag-shipment-partlyShipped");
  check((await page.locator(".steps .step-half").count()) === 1, "the order left in part by the same");
  await opened(page, path, ".page-extra [data-act=ship]");
  await send(page, ORDERED - 1, `${TRACKING}-2`);
  await agree(page);
  await page.waitForSelector("#content .tag-shipment-shipped");
  await page.waitForSelector("[data-parcel] + [data-parcel]");
  await settled(page);
  check((await page.locator(".page-extra [data-act]").count()) === 0, "of what has left nothing is to be done");
  await looked(page, "shipment that left", "280-shipment-shipped");
}

/** The dealer follows its parcels, and is not told what the warehouse and the brand tell each other. */
async function followed(other, orderId, path) {
  await opened(other, `/orders/${orderId}`, ".order-shipments tbody tr");
  check((await other.locator(".order-shipments").textContent()).includes(TRACKING), "the dealer sees how its goods travel");
  await opened(other, path, "[data-parcel]");
  check(!(await other.textContent("#content")).includes(REFERENCE), "and not the warehouse's own number");
  await shot(other, "281-shipment-dealer");
}

async function onPhone(browser, web, user, path) {
  const page = await newPage(browser, { web, viewport: PHONE, locale: "en-US", scheme: "dark" });
  await signIn(page, user);
  for (const [name, to, sign] of [
    ["282-phone-shipments", "/shipments", ".card-row"],
    ["283-phone-shipments-stuck", "/shipments?tab=stuck", "#content .list-foot, #content .state"],
    ["284-phone-shipment", path, "[data-parcel]"],
  ]) {
    await opened(page, to, sign);
    await fits(page, name);
    await accessible(page, name);
    await shot(page, name);
  }
  await page.context().close();
}

/** `warehouse` may be anybody who ships. */
export async function shipments(browser, web, admin, warehouse, dealer) {
  console.log("shipments");
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  const before = await hands(page, true);
  const other = await newPage(browser, { web });
  await signIn(other, dealer);
  const orderId = await order(other);
  await confirm(page, orderId);
  const store = await newPage(browser, { web });
  await signIn(store, warehouse);
  const path = await takeOn(store, orderId);
  await handBack(store);
  await pickList(store, path);
  await inParts(store, orderId, path);
  await store.context().close();
  await followed(other, orderId, path);
  await other.context().close();
  await opened(page, `${path}?tab=history`, ".timeline .entry");
  check((await page.locator(".timeline .entry").count()) >= 6, "the history of the shipment knows all of it");
  await onPhone(browser, web, admin, path);
  await hands(page, before);
  await page.context().close();
}
