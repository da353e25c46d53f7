// Tables: orders leave as CSV and as a workbook, products come in from a file of which one row is
// wrong; on a desk and on a phone. The products have no price, so nobody can order them.
import { readFile } from "node:fs/promises";
import {
  accessible, check, dialog, fits, gone, newPage, opened, PHONE, seen, settled, shot, signIn,
} from "./support.mjs";

const ID = `journey-${Date.now().toString(36)}`;
const WRONG = "Wrong ID!";
const YEAR = "/orders?from=2011-01-01&to=2011-12-31";

/** Three products in the words of whoever writes such files: spaces, a quote, wide letters. */
const FILE = [
  "﻿编号,商品名称 ,品类（必填）,单位,包装,谁写的",
  `${ID}-1,旅程商品一,旅程 › 茶,瓶,箱=24,甲`,
  `${WRONG},旅程商品二,旅程,瓶,,乙`,
  `${ID}－3,"旅程商品""三"", 大",旅程,瓶,"提=6; 箱=２４",丙`,
].join("\r\n");

/** What the browser saves once the format is chosen. */
async function exported(page, format) {
  await page.locator(".export").first().click();
  const saved = page.waitForEvent("download");
  await page.locator(".ant-dropdown:visible .ant-dropdown-menu-item", { hasText: format }).click();
  const download = await saved;
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

async function orders(page) {
  await opened(page, YEAR, "tbody tr");
  const total = Number(/共 ([\d,]+) 项/.exec(await page.textContent(".pager"))[1].replaceAll(",", ""));
  const first = (await page.locator("tbody tr td").first().textContent()).trim();
  const csv = await exported(page, "CSV");
  const text = csv.bytes.toString("utf8");
  check(/^订单 \d{4}-\d{2}-\d{2} \d{4}\.csv$/.test(csv.name), "a file is called by the list and the time");
  check(text.startsWith("\ufeff订单号,业务日期,"), "it begins with a mark and a header in Chinese");
  const rows = text.trimEnd().split("\r\n").slice(1);
  check(rows.length === total && total > 200, `all ${total} orders of the year are in it, of several pages`);
  check(rows[0].startsWith(`${first},2011-`), "in the order of the list");
  // Before what was taken off, what was taken off, and what is left; nothing was said of taxes in it.
  const amounts = rows.map((row) => /,(\d+)\.(\d\d)(?:,\d+\.\d\d){2},,[A-Z]{3},/.exec(row));
  check(amounts.every((found) => found), "amounts are numbers, and their currency stands beside them");
  const gross = amounts.reduce((sum, [, whole, rest]) => sum + BigInt(whole + rest), 0n);
  check(gross === 1_129_288_500n, "they add up to what the cockpit says of the year");
  const xlsx = await exported(page, "XLSX");
  check(xlsx.name.endsWith(".xlsx") && xlsx.bytes.subarray(0, 2).toString() === "PK", "it leaves as a workbook, too");
}

const state = (page, kind) => dialog(page).locator(`.import-rows [data-state=${kind}]`);
const line = (page, text) => dialog(page).locator(".import-rows tbody tr", { hasText: text });

async function bring(page, name) {
  await page.locator("[data-import=products]").click();
  await dialog(page).locator(".import-drop").waitFor();
  await dialog(page).locator("input[type=file]").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(FILE) });
  await dialog(page).locator(".import-rows").waitFor();
}

async function products(page) {
  await opened(page, "/products", "tbody tr");
  await page.locator("[data-import=products]").click();
  await dialog(page).locator(".import-drop").waitFor();
  await seen(page, "import, the file", "270-import-file");
  const template = page.waitForEvent("download");
  await dialog(page).locator(".import-templates button").last().click();
  check((await readFile(await (await template).path(), "utf8")).startsWith("\ufeff商品编号,商品名称,"), "there is a template to begin with");
  await dialog(page).locator("input[type=file]").setInputFiles({ name: "新品.csv", mimeType: "text/csv", buffer: Buffer.from(FILE) });
  await state(page, "bad").waitFor();
  check((await line(page, WRONG).textContent()).includes("小写字母"), "what is wrong stands beside its row");
  check((await state(page, "send").count()) === 2, "the other two are ready");
  check((await dialog(page).locator(".import-preview").textContent()).includes("谁写的"), "a column that is not read is named");
  await seen(page, "import, the preview", "271-import-preview");
  const sent = [];
  const watch = (request) => request.url().includes("ProductService/") && sent.push(request.url());
  page.on("request", watch);
  await page.waitForTimeout(300);
  check(sent.length === 0, "nothing is sent before somebody says so");
  await dialog(page).locator("[data-import-run]").click();
  await dialog(page).locator("[data-import-over]").waitFor();
  page.off("request", watch);
  check(sent.length === 2, "each row that is right is one command");
  check((await state(page, "done").count()) === 2, "both are imported");
  await seen(page, "import, the end", "272-import-over");
  const failed = page.waitForEvent("download");
  await dialog(page).locator("[data-import-failed]").click();
  const rest = await readFile(await (await failed).path(), "utf8");
  check(rest.split("\r\n").length === 3 && rest.includes(WRONG) && rest.includes("小写字母"), "what failed can be taken along, with its reason");
  await dialog(page).locator(".import-foot button", { hasText: "关闭" }).click();
  await gone(page);
}

async function listed(page) {
  await opened(page, `/products?q=${ID}`, "tbody tr");
  const names = await page.locator("tbody tr td:first-child").allTextContents();
  check(names.map((name) => name.trim()).sort().join() === ['旅程商品"三", 大', "旅程商品一"].sort().join(), "both are in the list, as the file calls them");
  await shot(page, "273-imported");
  await bring(page, "新品.csv");
  check((await state(page, "same").count()) === 2, "the same file again would change nothing");
  check(await dialog(page).locator("[data-import-run]").isDisabled(), "and there is nothing to run");
  await dialog(page).locator(".import-foot button", { hasText: "关闭" }).click();
  await gone(page);
}

async function onPhone(browser, web, admin) {
  const page = await newPage(browser, { web, viewport: PHONE, locale: "en-US" });
  await signIn(page, admin, "/products");
  await settled(page);
  await fits(page, "phone products");
  await shot(page, "274-phone-products");
  await bring(page, "new.csv");
  check((await dialog(page).locator(".import-rows").textContent()).includes("must be 1 to 64"), "the words are those of the reader");
  await fits(page, "phone import");
  await seen(page, "phone import", "275-phone-import");
  await dialog(page).locator(".import-foot button", { hasText: "Close" }).click();
  await gone(page);
  await page.goto(YEAR);
  await settled(page);
  const { bytes } = await exported(page, "CSV");
  check(bytes.toString("utf8").startsWith("\ufeffOrder"), "headers are in the language of the reader");
  await page.context().close();
}

export async function tables(browser, web, admin) {
  console.log("tables");
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  await settled(page);
  await orders(page);
  await products(page);
  await listed(page);
  await page.context().close();
  await onPhone(browser, web, admin);
}
