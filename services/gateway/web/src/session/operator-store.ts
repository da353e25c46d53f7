// The operator of the installation is no user of a brand: whoever holds the server's signing key
// is, and shows it by a token. It is good for minutes and lives as long as the tab at most.
import type { Role } from "../gen/qudao/access/v1/access_pb";

export interface Operator {
  token: string;
  roles: Role[];
  /** Milliseconds since 1970. */
  expiresAt: number;
}

const KEY = "qudao.operator";

const followers = new Set<() => void>();
let current: Operator | undefined = undefined;
let read = false;
let end: ReturnType<typeof setTimeout> | undefined;

/** When a token ends, by its own words; undefined when it is none. */
export function expiryOf(token: string): number | undefined {
  try {
    const claims = token.split(".")[1] ?? "";
    const { exp } = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/"))) as { exp?: unknown };
    return typeof exp === "number" ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

function hold(operator: Operator | undefined) {
  clearTimeout(end);
  current = operator && operator.expiresAt > Date.now() ? operator : undefined;
  if (current) end = setTimeout(() => storeOperator(undefined), current.expiresAt - Date.now());
}

export function storedOperator(): Operator | undefined {
  if (!read) {
    read = true;
    try {
      hold((JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Operator | null) ?? undefined);
    } catch {
      hold(undefined);
    }
  }
  return current;
}

export function storeOperator(operator: Operator | undefined) {
  read = true;
  if (operator) sessionStorage.setItem(KEY, JSON.stringify(operator));
  else sessionStorage.removeItem(KEY);
  hold(operator);
  for (const follower of followers) follower();
}

export function followOperator(follower: () => void): () => void {
  followers.add(follower);
  return () => followers.delete(follower);
}
