// What is attached to an order: a picture, a list that pauses on its way, what is refused, and how
// it is looked at, saved and taken away; on a desk and on a phone.
import { accessible, check, fits, settled, shot } from "./support.mjs";

/** A photo of nothing, as large as a phone's. */
async function photo(page) {
  const url = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1600, height: 1200 });
    const pen = canvas.getContext("2d");
    for (let i = 0; i < 400; i++) {
      pen.fillStyle = `hsl(${i * 37}, 60%, ${30 + (i % 50)}%)`;
      pen.fillRect((i * 83) % 1600, (i * 61) % 1200, 200, 160);
    }
    return canvas.toDataURL("image/jpeg", 0.9);
  });
  return Buffer.from(url.split(",")[1], "base64");
}

function paper(bytes) {
  return Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(bytes, "x"), Buffer.from("\n%%EOF\n")]);
}

const give = (page, name, mimeType, buffer) => page.locator(".upload input[type=file]").first().setInputFiles({ name, mimeType, buffer });
const listed = (page, name) => page.locator(".file", { hasText: name });

/** On the page of an order. */
export async function attachments(page) {
  await page.waitForSelector(".upload");
  await give(page, "门店陈列.jpg", "image/jpeg", await photo(page));
  await listed(page, "门店陈列.jpg").locator("img").waitFor();
  check(true, "a picture is attached and shown small");

  // A slow network, so that there is something to pause.
  const slow = async (route) => {
    await page.waitForTimeout(400);
    // Those that still wait when the network is fast again were sent on by that already.
    await route.continue().catch(() => undefined);
  };
  await page.route("**/files/uploads/*", slow);
  await give(page, "对账单.pdf", "application/pdf", paper(4 << 20));
  await page.locator(".upload-line .anticon-pause").click();
  await page.waitForSelector(".upload-line .anticon-play-circle");
  await accessible(page, "an upload that waits");
  await shot(page, "08a-upload-paused");
  await page.unroute("**/files/uploads/*", slow);
  await page.locator(".upload-line .anticon-play-circle").click();
  await listed(page, "对账单.pdf").waitFor({ timeout: 60_000 });
  check(true, "an upload goes on where it was paused");

  await give(page, "program.jpg", "image/jpeg", Buffer.concat([Buffer.from("MZ"), Buffer.alloc(500)]));
  await page.waitForSelector(".upload-failed .field-error");
  await accessible(page, "attachments");
  await shot(page, "08b-attachments");
  await page.locator(".upload-failed button").last().click();

  await listed(page, "门店陈列.jpg").locator(".file-picture").click();
  await page.waitForSelector(".file-preview img");
  await page.waitForTimeout(400);
  await shot(page, "08c-preview");
  await page.keyboard.press("Escape");
  const saved = page.waitForEvent("download");
  await listed(page, "对账单.pdf").locator(".file-picture").click();
  check((await saved).suggestedFilename() === "对账单.pdf", "a document is saved under its name");

  await listed(page, "对账单.pdf").locator(".ant-btn-dangerous").click();
  await page.fill(".ant-modal input", "传错了");
  await page.locator(".ant-modal .ant-btn-primary").click();
  await listed(page, "对账单.pdf").waitFor({ state: "detached" });
  check(true, "what was wrong is taken away, with a reason");
}

/** The same page on a phone. */
export async function attachmentsOnPhone(page) {
  await settled(page);
  await page.waitForSelector(".upload-camera button");
  await give(page, "phone.jpg", "image/jpeg", await photo(page));
  await listed(page, "phone.jpg").first().locator("img").waitFor();
  await page.locator(".files").scrollIntoViewIfNeeded();
  await fits(page, "phone attachments");
  await accessible(page, "phone attachments");
  await shot(page, "37a-phone-attachments");
}
