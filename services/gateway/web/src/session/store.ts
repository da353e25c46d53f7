import { fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { CurrentUserSchema, type CurrentUser } from "../gen/qudao/partner/v1/identity_service_pb";
import { storeOperator } from "./operator-store";

export interface Session {
  token: string;
  expiresAt: string;
  user: CurrentUser;
}

const KEY = "qudao.session";

/** The sign-in lives as long as the tab: a shared counter PC forgets it when the tab closes. */
export function storedSession(): Session | undefined {
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as
      | { token: string; expiresAt: string; user: string }
      | null;
    if (!stored) return undefined;
    if (stored.expiresAt && Date.parse(stored.expiresAt) <= Date.now()) return undefined;
    return { ...stored, user: fromJsonString(CurrentUserSchema, stored.user) };
  } catch {
    return undefined;
  }
}

export function storeSession(session: Session | undefined) {
  if (!session) {
    storeOperator(undefined);
    return sessionStorage.removeItem(KEY);
  }
  const user = toJsonString(CurrentUserSchema, session.user);
  sessionStorage.setItem(KEY, JSON.stringify({ ...session, user }));
}
