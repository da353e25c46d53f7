// Keeps the page of the mall for when there is no network: the index, its hashed parts and a page that
// says what is the matter. Nothing that the system answers is kept; that would be yesterday's prices.
const SHELL = "mall-shell-1";
const PARTS = "mall-parts-1";
const INDEX = "/mall";
const OFFLINE = "/offline.html";

const isPart = (path) => path.startsWith("/assets/");
/** A part that is not there any more is answered with the index. */
const isGood = (answer) => answer.ok && !(answer.headers.get("content-type") ?? "").startsWith("text/html");

async function keepShell() {
  const shell = await caches.open(SHELL);
  await shell.addAll([new Request(OFFLINE, { cache: "reload" }), new Request("/icon.svg", { cache: "reload" })]);
  const index = await fetch(INDEX, { cache: "reload" });
  if (index.ok) await keepIndex(index);
}

/** The index with the parts that it names: one without the other shows nothing. */
async function keepIndex(index) {
  const shell = await caches.open(SHELL);
  const before = await shell.match(INDEX);
  const text = await index.clone().text();
  if (before && (await before.text()) === text) return;
  const named = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  await keepParts(named);
  await shell.put(INDEX, index);
  if (before) await dropOthers(named);
}

/** Parts of an earlier version go with its index; what the new one loads later is kept when it is. */
async function dropOthers(named) {
  const parts = await caches.open(PARTS);
  const old = (await parts.keys()).filter(({ url }) => !named.includes(new URL(url).pathname));
  await Promise.all(old.map((request) => parts.delete(request)));
}

async function keepParts(paths) {
  const parts = await caches.open(PARTS);
  const keep = async (path) => {
    if (await parts.match(path)) return;
    const answer = await fetch(path);
    if (isGood(answer)) await parts.put(path, answer);
  };
  await Promise.all([...new Set(paths.filter(isPart))].map((path) => keep(path).catch(() => undefined)));
}

async function part(request) {
  const parts = await caches.open(PARTS);
  const kept = await parts.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (isGood(answer)) await parts.put(request, answer.clone());
  return answer;
}

async function page(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) await keepIndex(answer.clone()).catch(() => undefined);
    return answer;
  } catch {
    const shell = await caches.open(SHELL);
    return (await shell.match(INDEX)) ?? (await shell.match(OFFLINE)) ?? Response.error();
  }
}

addEventListener("install", (event) => event.waitUntil(keepShell().then(() => skipWaiting())));

addEventListener("activate", (event) => {
  const own = [SHELL, PARTS];
  const rest = caches.keys().then((names) => names.filter((name) => name.startsWith("mall-") && !own.includes(name)));
  event.waitUntil(rest.then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => clients.claim()));
});

addEventListener("message", (event) => {
  if (Array.isArray(event.data?.keep)) event.waitUntil(keepParts(event.data.keep.map(String)));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (isPart(pathname)) event.respondWith(part(request));
  else if (pathname === "/icon.svg") event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
});
