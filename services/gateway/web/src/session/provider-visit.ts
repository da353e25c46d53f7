// A visit to the identity provider: what the browser keeps while it is away, in this tab alone. The
// secret that the server gave for it is never in an address, so nobody who lures somebody to the
// way back can end a visit that they began themselves.

export type Purpose =
  | { kind: "signIn"; tenantId: string }
  | { kind: "link" }
  | { kind: "invitation"; token: string; login: string; name: string };

export interface Visit {
  purpose: Purpose;
  flowSecret: string;
}

const KEY = "qudao.visit";

export function keepVisit(visit: Visit, store: Storage = sessionStorage): void {
  store.setItem(KEY, JSON.stringify(visit));
}

/** The visit that was begun here, once. */
export function takeVisit(store: Storage = sessionStorage): Visit | undefined {
  const text = store.getItem(KEY);
  store.removeItem(KEY);
  try {
    return (JSON.parse(text ?? "null") as Visit | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** What the provider says, or undefined when it says no. */
export function answerOf(search: string): { state: string; code: string; issuer: string } | undefined {
  const params = new URLSearchParams(search);
  const [state, code] = [params.get("state"), params.get("code")];
  if (!state || !code || params.has("error")) return undefined;
  return { state, code, issuer: params.get("iss") ?? "" };
}
