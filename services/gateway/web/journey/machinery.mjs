// The operator's way: how the machinery is doing, one read model paused and resumed, compared and
// rebuilt, and what is parked.
import { execFileSync } from "node:child_process";
import { accessible, check, fits, newPage, PHONE, settled, shot, signIn } from "./support.mjs";

const MODEL = "products";

// As the operator gets one: whoever runs the journey knows the executable and the server's key.
function token() {
  return execFileSync(process.env.QUDAO ?? "qudao", ["operator-token"], { encoding: "utf8" }).trim();
}

async function becomeOperator(page) {
  await page.click(".page-extra button");
  await page.fill(".ant-modal textarea", "not a token");
  await page.click(".ant-modal .ant-btn-primary");
  await page.waitForSelector(".ant-modal [role=alert]");
  check(true, "what is no operator's token is refused");
  await accessible(page, "operator token");
  await page.fill(".ant-modal textarea", token());
  await page.click(".ant-modal .ant-btn-primary");
  await page.locator(".ant-modal").waitFor({ state: "detached" });
}

const row = (page) => page.locator("tr", { has: page.locator(`.name .mono:text-is("${MODEL}")`) });
const act = (page, action) => row(page).locator(`[data-action=${action}]`).click();

async function agree(page, name) {
  await page.waitForSelector(".ant-modal");
  await page.waitForTimeout(300);
  await accessible(page, name);
  await shot(page, name);
  await page.click(".ant-modal .ant-btn-primary");
  await page.locator(".ant-modal").waitFor({ state: "detached" });
}

export async function machinery(browser, web, user) {
  console.log("machinery");
  const page = await newPage(browser, { web });
  await signIn(page, user, "/system");
  await settled(page);
  check((await page.locator("[data-action]").count()) === 0, "who is not the operator is offered nothing");
  await becomeOperator(page);
  await page.waitForSelector("[data-action=pause]");
  await act(page, "pause");
  await agree(page, "60-pause");
  await row(page).locator("[data-state=paused]").waitFor();
  check((await row(page).locator(".row-note").textContent()).length > 1, "the row says that it is paused");
  await accessible(page, "paused");
  await shot(page, "61-paused");
  await act(page, "resume");
  await row(page).locator("[data-state=runs]").waitFor();
  check(true, "a read model is paused and resumed");
  await compareAndRebuild(page);
  await page.reload();
  await settled(page);
  await page.waitForSelector("[data-action=pause]");
  check(true, "a reload keeps the operator");
  check((await page.locator(".panel").last().locator(".state-title").count()) === 1, "nothing parked says what that means");
  await page.locator(".page-extra button").click();
  await page.locator("[data-action]").first().waitFor({ state: "detached" });
  check(true, "and leaving takes the actions away");
  await page.context().close();
}

async function compareAndRebuild(page) {
  await act(page, "compare");
  await row(page).locator(".state-line button").click();
  await page.waitForSelector(".ant-modal tbody tr");
  check((await page.locator(".ant-modal .tag-cancelled").count()) === 0, "filled anew, all tables are the same");
  await page.waitForTimeout(300);
  await accessible(page, "comparison");
  await shot(page, "62-comparison");
  await page.click(".ant-modal-close");
  await page.locator(".ant-modal").waitFor({ state: "detached" });
  const before = await row(page).locator(".state-line").textContent();
  await act(page, "rebuild");
  await agree(page, "63-rebuild");
  await page.waitForFunction(
    ([name, old]) => {
      const rows = [...document.querySelectorAll("tr")];
      const mine = rows.find((one) => one.querySelector(".name .mono")?.textContent === name);
      const now = mine?.querySelector(".state-line")?.textContent;
      return now !== old && mine?.querySelector("[data-state=runs]");
    },
    [MODEL, before],
  );
  check(true, "a read model is rebuilt");
  await shot(page, "64-rebuilt");
}

export async function machineryOnPhone(browser, web, user) {
  console.log("machinery on a phone");
  const page = await newPage(browser, { web, viewport: PHONE, locale: "en-US", scheme: "dark" });
  await signIn(page, user, "/system");
  await settled(page);
  await becomeOperator(page);
  await page.waitForSelector("[data-action=pause]");
  await fits(page, "phone system, operator");
  await accessible(page, "phone system, operator");
  await shot(page, "65-phone-machinery");
  await page.context().close();
}
