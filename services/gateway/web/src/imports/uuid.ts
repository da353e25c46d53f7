/** The namespace of the requests of an import: drawn once, and never another one. */
const NAMESPACE = "6f1d2f0e-8f9b-4f0a-9a55-2b1c7be0c2d4";

/** The UUID, version 5, of a name: always the same one. */
export async function uuidOf(name: string): Promise<string> {
  const space = Uint8Array.from(NAMESPACE.replaceAll("-", "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const text = new TextEncoder().encode(name);
  const whole = new Uint8Array(space.length + text.length);
  whole.set(space);
  whole.set(text, space.length);
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-1", whole)).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = hexOf(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
