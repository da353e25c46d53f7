/** The page of what can be called over REST: Swagger UI on the gateway's own description. */
import "swagger-ui-dist/swagger-ui.css";
import "./reference.css";
// As a file of its own: it is bundled already.
import bundle from "swagger-ui-dist/swagger-ui-bundle.js?url";
import { withFreshIds, type Description } from "./fresh-ids";

declare global {
  interface Window {
    SwaggerUIBundle?: (options: object) => unknown;
  }
}

async function description(): Promise<Description> {
  const answer = await fetch("/openapi.json");
  if (!answer.ok) throw new Error(`/openapi.json: ${answer.status}`);
  return (await answer.json()) as Description;
}

function script(source: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = source;
    element.onload = () => resolve();
    element.onerror = () => reject(new Error(source));
    document.head.append(element);
  });
}

async function show(place: HTMLElement): Promise<void> {
  const [spec] = await Promise.all([description(), script(bundle)]);
  window.SwaggerUIBundle?.({
    domNode: place,
    spec: withFreshIds(spec),
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: true,
    // Else it would ask a stranger's server about our description.
    validatorUrl: null,
  });
}

const place = document.getElementById("reference");
if (place) {
  show(place).catch((error: unknown) => {
    place.textContent = `接口说明无法显示 · The description can not be shown: ${String(error)}`;
  });
}
