// docs/asyncapi.yaml as the parser of the standard sees it: valid, with every schema found; and a
// broken one must be refused, or the check is worth nothing.
import { readFileSync } from "node:fs";
import path from "node:path";

import { DiagnosticSeverity, Parser } from "@asyncapi/parser";

const file = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../../docs/asyncapi.yaml");

async function errors(text) {
  const { document, diagnostics } = await new Parser().parse(text, { source: file });
  const found = diagnostics.filter((one) => one.severity === DiagnosticSeverity.Error);
  return { document, found: found.map((one) => `${one.path.join(".")}: ${one.message}`) };
}

const text = readFileSync(file, "utf8");
const { document, found } = await errors(text);
if (found.length > 0) {
  console.error(`docs/asyncapi.yaml is not valid:\n  ${found.join("\n  ")}`);
  process.exit(1);
}
const messages = document.allMessages().all();
const bare = messages.filter((one) => !one.payload()?.properties()?.type);
if (messages.length === 0 || bare.length > 0) {
  console.error(`messages without a payload: ${bare.map((one) => one.id())}`);
  process.exit(1);
}
const broken = [
  ["a reference to nothing", text.replace("#/components/messages/OrderSubmitted.v1", "#/components/messages/None")],
  ["a schema that is not there", text.replace("OrderSubmitted.v1.json", "None.v1.json")],
  ["an unknown action", text.replace("action: send", "action: shout")],
];
for (const [what, changed] of broken) {
  if (changed === text || (await errors(changed)).found.length === 0) {
    console.error(`the check does not notice ${what}`);
    process.exit(1);
  }
}
console.log(`docs/asyncapi.yaml: ${messages.length} messages, valid; ${broken.length} broken ones refused`);
