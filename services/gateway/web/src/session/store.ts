import { fromJsonString, toJsonString } from "@bufbuild/protobuf";
import {
  CurrentUserSchema,
  type CurrentUser,
  type SignInResponse,
} from "../gen/qudao/partner/v1/identity_service_pb";

export interface Session {
  /** Empty once the session is over: the person is remembered, and may sign in again over the page. */
  token: string;
  /** By this machine's clock, which may be wrong: milliseconds since 1970. */
  expiresAt: number;
  refreshToken: string;
  /**
   * The id under which the refresh token is used, made when it is stored: whoever repeats the use
   * because an answer was lost, in whatever tab, repeats the same request.
   */
  refreshId: string;
  sessionId: string;
  user: CurrentUser;
}

export const SESSION_KEY = "qudao.session";

/** All tabs share the sign-in: a refresh token can be used once, and whoever leaves leaves everywhere. */
export function storedSession(): Session | undefined {
  try {
    const stored = JSON.parse(localStorage.getItem(SESSION_KEY) ?? "null") as
      | (Omit<Session, "user"> & { user: string })
      | null;
    return stored ? { ...stored, user: fromJsonString(CurrentUserSchema, stored.user) } : undefined;
  } catch {
    return undefined;
  }
}

export function storeSession(session: Session | undefined) {
  if (!session) return localStorage.removeItem(SESSION_KEY);
  const user = toJsonString(CurrentUserSchema, session.user);
  localStorage.setItem(SESSION_KEY, JSON.stringify({ ...session, user }));
}

const USUAL_LIFE_MS = 15 * 60_000;

/** How long a token is good for, by its own words. Its times are the server's, so only their difference counts. */
export function lifeOf(token: string): number {
  try {
    const claims = token.split(".")[1] ?? "";
    const { iat, exp } = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/"))) as Record<string, unknown>;
    return typeof iat === "number" && typeof exp === "number" ? (exp - iat) * 1000 : USUAL_LIFE_MS;
  } catch {
    return USUAL_LIFE_MS;
  }
}

/** The session of an answer; one without a refresh token goes on with the one at hand. */
export function sessionOf(answer: SignInResponse, now: number, before?: Session): Session | undefined {
  const { token, refreshToken, sessionId, user } = answer;
  if (!user) return undefined;
  const kept = !refreshToken && before;
  return {
    token,
    expiresAt: now + lifeOf(token),
    refreshToken: kept ? before.refreshToken : refreshToken,
    refreshId: kept ? before.refreshId : crypto.randomUUID(),
    sessionId: sessionId || (before?.sessionId ?? ""),
    user,
  };
}
