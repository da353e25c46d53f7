// What makes the mall one that a phone can install: a manifest in the brand's name and a service
// worker that keeps the page, and nothing of what it shows, for when there is no network.
import { useEffect, useState } from "react";
import { useBrand } from "../session/brand";
import { useUser } from "../session/session";

const WORKER = "/mall-worker.js";
const SCOPE = "/mall";

/** Puts a link into the head for as long as the mall is open. */
function linked(rel: string, href: string): () => void {
  const known = document.head.querySelector<HTMLLinkElement>(`link[rel="${rel}"]`);
  const before = known?.getAttribute("href");
  const link = known ?? document.head.appendChild(document.createElement("link"));
  link.rel = rel;
  link.href = href;
  return () => {
    if (before) link.href = before;
    else link.remove();
  };
}

export function useInstallable() {
  const { tenantId } = useUser();
  const { look } = useBrand();
  const accent = look?.accent ?? "";
  useEffect(() => {
    const base = `/brands/${encodeURIComponent(tenantId)}`;
    const undo = [linked("manifest", `${base}/manifest.webmanifest`), linked("apple-touch-icon", `${base}/icon.svg`)];
    return () => undo.forEach((one) => one());
  }, [tenantId]);
  useEffect(() => {
    const meta = document.head.querySelector<HTMLMetaElement>('meta[name="theme-color"]');
    const before = meta?.content;
    if (!meta || !accent) return;
    meta.content = accent;
    return () => {
      meta.content = before ?? "";
    };
  }, [accent]);
  useEffect(() => void keepPage(), []);
}

/** Keeps the page with all its parts that are loaded by now; without a worker it works as before. */
async function keepPage() {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(WORKER, { scope: SCOPE });
    const { active } = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
    active?.postMessage({ keep: loaded.filter((path) => path.startsWith("/assets/")) });
  } catch {
    // A browser may forbid it, and needs no reason.
  }
}

/** Browsers tell once that they would install, long before anybody asks. */
interface InstallEvent extends Event {
  prompt: () => Promise<void>;
}

let offered: InstallEvent | undefined;
const listeners = new Set<() => void>();

function offer(event: InstallEvent | undefined) {
  offered = event;
  for (const tell of listeners) tell();
}

window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer(event as InstallEvent);
});
window.addEventListener("appinstalled", () => offer(undefined));

/** Installs the mall; undefined where the browser does not offer that. */
export function useInstall(): (() => void) | undefined {
  const [event, setEvent] = useState(offered);
  useEffect(() => {
    const follow = () => setEvent(offered);
    listeners.add(follow);
    follow();
    return () => void listeners.delete(follow);
  }, []);
  return event && (() => void event.prompt().then(() => offer(undefined)));
}

/** Whether the browser believes to be online; that it does is no proof. */
export function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const follow = () => setOnline(navigator.onLine);
    window.addEventListener("online", follow);
    window.addEventListener("offline", follow);
    return () => {
      window.removeEventListener("online", follow);
      window.removeEventListener("offline", follow);
    };
  }, []);
  return online;
}
