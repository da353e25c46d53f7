// The auditor's way: who did what, the history of what it was done to, and what followed from it.
import { accessible, check, fits, newPage, PHONE, settled, shot, signIn } from "./support.mjs";

const rows = (page) => page.locator("#content tbody tr.openable");

export async function audit(browser, web, auditor, actor) {
  console.log("audit");
  const page = await newPage(browser, { web });
  await signIn(page, auditor, "/audit");
  await settled(page);
  await accessible(page, "audit");
  await shot(page, "50-audit");
  await page.locator(".audit-filters input[type=search]").first().fill(actor.login);
  await page.waitForURL((url) => url.searchParams.get("actor") === actor.login);
  await settled(page);
  const names = await rows(page).locator("td:nth-child(2)").allTextContents();
  check(names.length > 0 && names.every((name) => name === actor.name), `only events of ${actor.login}`);
  await page.locator(".pager button").last().click();
  await page.waitForURL((url) => url.searchParams.get("page") === "2");
  await settled(page);
  await page.reload();
  await settled(page);
  check((await rows(page).count()) > 0, "the second page can be linked to");
  await page.locator(".pager button").first().click();
  await page.waitForURL((url) => !url.searchParams.has("page"));
  await settled(page);

  const object = await rows(page).first().locator("td:nth-child(4)").textContent();
  await rows(page).first().focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".timeline .entry");
  check(page.url().endsWith(`/history/${object}`), "an event leads to the history of its object");
  await page.goBack();
  await settled(page);
  check(new URL(page.url()).searchParams.get("actor") === actor.login, "Back leads to the same search");
  await story(page);
  await calls(page, auditor);
  await page.goto("/audit?actor=nobody-is-called-this");
  await settled(page);
  await page.waitForSelector("#content .state button");
  await accessible(page, "audit, none");
  await shot(page, "53-audit-none");
  await page.goto("/audit?story=no-uuid");
  await page.waitForSelector("#content .state");
  await accessible(page, "audit, no uuid");
  await shot(page, "54-audit-no-uuid");
  await page.context().close();
}

/** Who looked, and who was refused: the access log beside the events. */
async function calls(page, auditor) {
  await page.goto("/audit");
  await page.click(".sub-nav a >> nth=1");
  await settled(page);
  await page.waitForSelector("#content tbody tr");
  await accessible(page, "access log");
  await shot(page, "56-access-log");
  await page.locator(".audit-filters input[type=search]").nth(1).fill("AccessLogService");
  await page.waitForURL((url) => url.searchParams.get("rpc") === "AccessLogService");
  await settled(page);
  const who = await page.locator("#content tbody td:nth-child(2)").allTextContents();
  check(who.length > 0 && who.every((name) => name === auditor.name), "reading the access log is in it");
  await page.goto("/audit/calls?address=203.0.113.9");
  await page.waitForSelector("#content .state button");
  await accessible(page, "access log, none");
  await shot(page, "57-access-log-none");
}

/** A dealer is registered in one context, and an account opened for it in the other. */
async function story(page) {
  await page.goto("/audit?type=AccountOpened");
  await settled(page);
  await shot(page, "51-audit-type");
  await rows(page).first().locator("a").click();
  await page.waitForSelector(".tree .tree .tree .tree-node");
  const contexts = await page.locator(".tree .tag").allTextContents();
  check(new Set(contexts).size === 2, "the causation tree goes through both contexts");
  await accessible(page, "story");
  await shot(page, "52-story");
  const objects = page.locator(".tree a");
  await objects.last().click();
  await page.waitForSelector(".timeline .entry");
  check(true, "and leads to the history of what it touched");
  await page.locator(".entry-ids a").first().click();
  await page.waitForSelector(".tree .tree-node");
  check(true, "from which the tree can be reached again");
}

export async function auditOnPhone(browser, web, auditor) {
  console.log("audit on a phone");
  const page = await newPage(browser, { web, viewport: PHONE, locale: "en-US", scheme: "dark" });
  await signIn(page, auditor, "/audit/calls");
  await page.waitForSelector("#content .card-line");
  await fits(page, "phone access log");
  await accessible(page, "phone access log");
  await shot(page, "58-phone-access-log");
  await page.goto("/audit?type=AccountOpened");
  await settled(page);
  await fits(page, "phone audit");
  await accessible(page, "phone audit");
  await shot(page, "55-phone-audit");
  await page.click(".audit-filters > button");
  await page.waitForSelector(".audit-filters .moment");
  await fits(page, "phone audit, all filters");
  await accessible(page, "phone audit, all filters");
  await shot(page, "57-phone-audit-filters");
  await page.locator(".card-row").first().click();
  await page.waitForSelector(".timeline .entry");
  await page.locator(".entry-ids a").first().click();
  await page.waitForSelector(".tree .tree-node");
  await fits(page, "phone story");
  await accessible(page, "phone story");
  await shot(page, "56-phone-story");
  await page.context().close();
}
