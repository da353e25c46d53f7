// Programs and their keys; and a person who is linked with somebody at the brand's identity
// provider, a real one, and signs in through it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { accessible, check, complaints, fits, newPage, PHONE, settled, shot, signIn } from "./support.mjs";

const SCRIPT = fileURLToPath(new URL("../../../../tests/node/oidc-provider.mjs", import.meta.url));
const LABEL = "企业账号";

const dialog = (page) => page.locator(".ant-modal-wrap:visible .ant-modal").last();
const gone = (page) => page.locator(".ant-modal-wrap:visible").waitFor({ state: "hidden" });

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function startProvider(web) {
  const port = await freePort();
  const idp = spawn(process.execPath, [SCRIPT, String(port), `${web}/oidc/callback`], { stdio: ["ignore", "pipe", "ignore"] });
  await once(idp.stdout, "data");
  return { idp, issuer: `http://127.0.0.1:${port}` };
}

export async function provider(browser, web, admin) {
  console.log("programs");
  const desk = await newPage(browser, { web });
  await signIn(desk, admin, "/settings/programs");
  await programs(desk);
  console.log("identity provider");
  const { idp, issuer } = await startProvider(web);
  try {
    await configure(desk, issuer);
    await link(desk);
    await signInThrough(browser, web, admin);
    await unlink(desk);
    await remove(desk);
  } finally {
    idp.kill();
  }
  ownOnly(issuer);
  await desk.context().close();
}

/** The provider's pages ask for a picture and a font that are not there; they are not ours. */
function ownOnly(issuer) {
  const ours = complaints.filter((complaint) => !complaint.includes(issuer));
  complaints.splice(0, complaints.length, ...ours);
}

async function programs(page) {
  await settled(page);
  await shot(page, "96-programs-none");
  await page.locator("#content .ant-btn-primary").first().click();
  await dialog(page).locator("input[name=account-id]").fill("journey-erp");
  await dialog(page).locator("input[name=account-name]").fill("ERP 接口");
  await dialog(page).getByText("分析师").click();
  await page.waitForTimeout(300);
  await accessible(page, "add a program");
  await shot(page, "97-program-add");
  await dialog(page).locator(".ant-btn-primary").click();
  await page.waitForSelector(".program");
  await gone(page);
  await page.locator(".program .row-actions button").first().click();
  await dialog(page).locator(".ant-btn-primary").click();
  await page.waitForSelector(".link-box input");
  await page.waitForTimeout(300);
  await accessible(page, "key");
  await shot(page, "98-program-key");
  check((await page.inputValue(".link-box input")).startsWith("qdk_"), "a key is shown once");
  await page.keyboard.press("Escape");
  await gone(page);
  await page.waitForSelector(".program .session-row");
  await accessible(page, "programs");
  await shot(page, "99-programs");
  await page.setViewportSize(PHONE);
  await settled(page);
  await fits(page, "programs");
  await shot(page, "99-phone-programs");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.locator(".program .session-row .ant-btn-dangerous").click();
  await dialog(page).locator("textarea").fill("journey");
  await dialog(page).locator(".ant-btn-primary").click();
  await page.locator(".program .session-row").waitFor({ state: "detached" });
  check(true, "and can be revoked");
}

async function configure(page, issuer) {
  await page.goto("/settings/sign-in");
  await settled(page);
  await page.fill("input[name=label]", LABEL);
  await page.fill("input[name=issuer]", issuer);
  await page.fill("input[name=client-id]", "qudao");
  await page.fill("input[name=client-secret]", "a secret that only both know");
  await accessible(page, "identity provider");
  await shot(page, "a0-provider");
  await page.locator(".provider-form button[type=submit]").click();
  await page.waitForSelector(".provider-form .ant-btn-dangerous");
  check(true, "an identity provider is configured");
}

/** The provider's own pages: who somebody is, and that they agree. */
async function agree(page, who) {
  await page.waitForURL((url) => url.pathname.startsWith("/interaction"));
  await page.fill("input[name=login]", who);
  await page.fill("input[name=password]", "any");
  await page.click("button[type=submit]");
  await page.waitForSelector("input[value=consent]", { state: "attached" });
  await page.click("button[type=submit]");
}

async function link(page) {
  await page.goto("/account");
  await settled(page);
  await page.locator(".link-identity").click();
  await agree(page, "journey");
  await page.waitForURL((url) => url.pathname === "/account");
  await settled(page);
  await page.locator(".session-row", { hasText: "http://127.0.0.1" }).waitFor();
  await accessible(page, "linked");
  await shot(page, "a1-linked");
  check(true, "a person is linked");
}

async function signInThrough(browser, web, { tenant }) {
  const page = await newPage(browser, { web, viewport: PHONE });
  await page.goto(`/t/${tenant}`);
  await page.waitForSelector(".provider-button");
  await fits(page, "sign-in with a provider");
  await accessible(page, "sign-in with a provider");
  await shot(page, "a2-phone-provider-button");
  await page.click(".provider-button");
  await agree(page, "journey");
  await page.waitForURL((url) => url.pathname === "/");
  await settled(page);
  await shot(page, "a3-phone-signed-in");
  check(true, "and signs in through the provider");
  await page.goto("/oidc/callback?state=forged&code=forged");
  await page.waitForSelector(".identity .state");
  await fits(page, "not begun here");
  await shot(page, "a4-phone-not-begun-here");
  check(!page.url().includes("code="), "a code does not stay in the address");
  await page.context().close();
}

async function unlink(page) {
  await page.goto("/account");
  await settled(page);
  await page.locator(".session-row", { hasText: "http://127.0.0.1" }).locator("button").click();
  await dialog(page).locator(".ant-btn-primary").click();
  await page.waitForSelector(".link-identity");
  check(true, "a link is ended");
}

async function remove(page) {
  await page.goto("/settings/sign-in");
  await settled(page);
  await page.locator(".provider-form .ant-btn-dangerous").click();
  await dialog(page).locator("textarea").fill("journey");
  await dialog(page).locator(".ant-btn-primary").click();
  await page.locator(".provider-form .ant-btn-dangerous").waitFor({ state: "detached" });
  check(true, "the provider is removed");
}
