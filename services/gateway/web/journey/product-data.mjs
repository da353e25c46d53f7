// What is told of products: the brand gives one a barcode and a picture, which a dealer's phone finds it
// by and shows; a price that is changed stands in the dealer's mall within a second, without a reload.
import { call, tokenOf } from "./mall.mjs";
import { accessible, check, dialog, fits, gone, newPage, opened, PHONE, seen, settled, shot, signIn } from "./support.mjs";

const PRODUCT = "jasmine-tea-500";
const BARCODE = "2000000009995";
const WITHIN_MS = 1_000;

/** A picture that this browser draws. */
async function drawn(page) {
  const uri = await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 400;
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#eef3e0";
    pen.fillRect(0, 0, 400, 400);
    pen.fillStyle = "#8fa33a";
    pen.fillRect(150, 60, 100, 300);
    return canvas.toDataURL("image/png");
  });
  return Buffer.from(uri.split(",")[1], "base64");
}

const save = async (page) => {
  await dialog(page).locator(".ant-modal-footer .ant-btn-primary").click();
  await gone(page);
};

async function details(page) {
  await opened(page, "/products", ".table .openable");
  await accessible(page, "products");
  await shot(page, "270-products");
  await opened(page, `/products/${PRODUCT}`, "[data-edit=package]");
  await page.waitForSelector("[data-pictures] [data-picture=shown]");
  await accessible(page, "product");
  await shot(page, "271-product");
  await page.click("[data-edit=package]");
  const code = dialog(page).locator(".level-code").first();
  await code.fill("2000000009996");
  await dialog(page).locator(".field-error").waitFor();
  check((await dialog(page).locator(".field-error").first().textContent()).includes("5"), "a mistyped barcode tells the digit that would fit");
  await seen(page, "packaging", "272-product-packaging");
  await code.fill(BARCODE);
  await save(page);
  await page.locator("#content", { hasText: BARCODE }).waitFor();
  check(true, "and the right one is kept");
  await page.click("[data-edit=pictures]");
  const before = await dialog(page).locator("[data-picture-id]").count();
  const buffer = await drawn(page);
  await dialog(page).locator(".upload input[type=file]").first().setInputFiles({ name: "茶.png", mimeType: "image/png", buffer });
  await dialog(page).locator("[data-picture-id]").nth(before).waitFor();
  await seen(page, "pictures", "273-product-pictures");
  await save(page);
  await page.waitForSelector(`[data-pictures="${before + 1}"]`);
  check(true, "a picture is uploaded and shown");
  for (const edit of ["describe", "tax"]) {
    await page.click(`[data-edit=${edit}]`);
    await seen(page, edit, `274-product-${edit}`);
    await page.keyboard.press("Escape");
    await gone(page);
  }
}

async function found(page) {
  await opened(page, "/mall/search", "input[type=search]");
  await page.fill("input[type=search]", BARCODE);
  await page.waitForSelector(`[data-product="${PRODUCT}"] [data-picture=shown]`);
  await fits(page, "mall product by its barcode");
  await shot(page, "275-mall-barcode");
  await page.click(`[data-product="${PRODUCT}"] .goods-name`);
  await page.waitForSelector("[data-pictures] .large[data-picture=shown]");
  await settled(page);
  await fits(page, "mall product with pictures");
  await shot(page, "276-mall-pictures");
  check(true, "a dealer finds a product by its barcode, with its pictures");
}

/** The price as it stands on the open page, a moment after the brand has changed it. */
async function priced(page, web, admin) {
  const token = await tokenOf(web, admin);
  const set = (unitPriceMinor) =>
    call(web, token, "qudao.order.v1.PriceListService/SetBasePrices", {
      requestId: crypto.randomUUID(), priceListId: "base", prices: [{ productId: PRODUCT, unitPriceMinor }],
    });
  const price = page.locator(".mall-product .goods-price strong");
  const before = await price.textContent();
  await set("317");
  const begun = Date.now();
  await page.waitForFunction(() => document.querySelector(".mall-product .goods-price strong")?.textContent.includes("3.17"));
  const took = Date.now() - begun;
  check(took < WITHIN_MS, `a price that the brand publishes is in the dealer's mall after ${took} ms, without a reload`);
  await set("300");
  await page.waitForFunction((told) => document.querySelector(".mall-product .goods-price strong")?.textContent === told, before);
}

/** `admin` and `dealer` are people of the demonstration's brand of drinks. */
export async function productData(browser, web, admin, dealer) {
  console.log("product data");
  const page = await newPage(browser, { web });
  await signIn(page, admin);
  await details(page);
  await page.context().close();
  const phone = await newPage(browser, { web, viewport: PHONE });
  await signIn(phone, dealer);
  await found(phone);
  await priced(phone, web, admin);
  await phone.context().close();
}
