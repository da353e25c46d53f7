import { createRoot } from "react-dom/client";
import { followActions } from "./api/trace";
import { gatewayTransport, type Wire } from "./api/transport";
import { App } from "./app";
import { loadLanguage } from "./i18n/words";
import { firstLocale } from "./session/preferences";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/parts.css";
import "./styles/marks.css";
import "./styles/cockpit.css";
import "./styles/orders.css";
import "./styles/history.css";
import "./styles/audit.css";
import "./styles/system.css";
import "./styles/identity.css";
import "./styles/settings.css";
import "./styles/regions.css";
import "./styles/webhooks.css";
import "./styles/files.css";
import "./styles/promotions.css";
import "./styles/prices.css";
import "./styles/funds.css";
import "./styles/payments.css";
import "./styles/stock.css";
import "./styles/carts.css";

async function connection() {
  // A look at the pages without a gateway; the condition is false in every build for use, so
  // the made-up data is not even in it.
  if (import.meta.env.MODE === "preview-data") {
    const [{ previewTransport }, { demoWorld }, { demoPeople }] = await Promise.all([
      import("./preview/transport"),
      import("./preview/world"),
      import("./preview/people"),
    ]);
    const world = demoWorld();
    const people = demoPeople(world);
    return (wire: Wire) => previewTransport(wire, world, people);
  }
  return gatewayTransport;
}

const root = document.getElementById("root");
if (root) {
  followActions(document);
  const words = loadLanguage(firstLocale()).catch(() => undefined);
  void Promise.all([connection(), words]).then(([connect]) => createRoot(root).render(<App connect={connect} />));
}
