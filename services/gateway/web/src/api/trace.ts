// One trace per user action: everything that a click causes carries the same trace id.

let current = hex(16);

function hex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

export function beginTrace() {
  current = hex(16);
}

/** A W3C traceparent for one call. */
export function nextTraceparent(): { traceId: string; traceparent: string } {
  return { traceId: current, traceparent: `00-${current}-${hex(8)}-01` };
}

export function followActions(target: EventTarget) {
  for (const kind of ["click", "submit", "popstate"]) {
    target.addEventListener(kind, beginTrace, { capture: true });
  }
}
