// The region tree: a region is added, found, moved for a later day, called off, moved today and
// retired, so that the demonstration stays as it was but for one region that takes nothing new.
import { accessible, check, fits, newPage, PHONE, settled, shot, signIn } from "./support.mjs";

const ID = `journey-${Date.now().toString(36)}`;
const LATER = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10);

const row = (page, id) => page.locator(`[data-region="${id}"]`);
const act = (page, words) => page.locator(".region-card .row-actions button", { hasText: words }).click();
const confirm = async (page) => {
  await page.locator(".ant-modal .ant-modal-footer .ant-btn").last().click();
  await page.waitForSelector(".ant-modal", { state: "detached" });
};

async function opened(page) {
  await page.goto("/settings/regions");
  await page.waitForSelector(".region-tree");
  await settled(page);
}

async function add(page) {
  await row(page, "root").click();
  await act(page, "新增下级");
  await page.fill("input[name=region-name]", "旅程区");
  await page.fill("input[name=region-id]", ID);
  await shot(page, "120-region-new");
  await confirm(page);
  await row(page, ID).waitFor();
  check((await row(page, ID).getAttribute("aria-level")) === "2", "a region is added below the root");
}

async function move(page, day) {
  await row(page, ID).click();
  await act(page, "移动");
  await page.click(".ant-modal .pick-region");
  await page.keyboard.type("us-west");
  await page.locator(".ant-select-tree-node-content-wrapper", { hasText: "西部 West" }).click();
  if (day) {
    await page.fill(".ant-modal .ant-picker input", day);
    await page.keyboard.press("Enter");
  }
  await accessible(page, "move of a region");
  await shot(page, day ? "121-region-move" : "123-region-move-today");
  await confirm(page);
}

/** What an administrator does in the tree. */
export async function regions(browser, web, admin) {
  console.log("regions");
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  await opened(page);
  await accessible(page, "regions");
  await add(page);
  await page.fill(".search input", ID);
  await page.waitForFunction(() => document.querySelectorAll("[data-region]").length === 2);
  await row(page, "root").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  check((await row(page, ID).getAttribute("aria-selected")) === "true", "it is found, and chosen by keys");
  await move(page, LATER);
  const announced = page.locator(".session-row", { hasText: "旅程区" });
  await announced.waitFor();
  await accessible(page, "announced move");
  await shot(page, "122-region-announced");
  await announced.locator("button").click();
  await confirm(page);
  await announced.waitFor({ state: "detached" });
  check(true, "an announced move is called off");
  await move(page);
  await page.waitForFunction((id) => document.querySelector(`[data-region="${id}"]`)?.getAttribute("aria-level") === "3", ID);
  check(true, "a move of today counts at once");
  await act(page, "停用");
  await confirm(page);
  await row(page, ID).locator(".tag-cancelled").waitFor();
  check(true, "what retires today is retired");
  await shot(page, "124-region-retired");
  await page.context().close();
}

export async function regionsOnPhone(browser, web, admin) {
  const page = await newPage(browser, { web, viewport: PHONE, locale: "en-US", scheme: "dark" });
  await signIn(page, admin);
  await opened(page);
  await fits(page, "phone regions");
  await accessible(page, "phone regions");
  await shot(page, "125-phone-regions");
  await row(page, "root").click();
  await page.waitForSelector(".region-sheet .row-actions");
  await page.waitForTimeout(400);
  await accessible(page, "phone region sheet");
  await shot(page, "126-phone-region-sheet");
  await page.context().close();
}
