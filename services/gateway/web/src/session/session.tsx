import { getOption, type DescMethod } from "@bufbuild/protobuf";
import { createClient, type Transport } from "@connectrpc/connect";
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useSyncExternalStore, type ReactNode } from "react";
import { TransportContext } from "../api/clients";
import { ANONYMOUS, type Wire } from "../api/transport";
import { GenerationContext } from "../api/use-query";
import { access, Module, module, type Role } from "../gen/qudao/access/v1/access_pb";
import { WireContext } from "../files/wire";
import { IdentityService, type CurrentUser, type SignInResponse } from "../gen/qudao/partner/v1/identity_service_pb";
import { SessionService } from "../gen/qudao/partner/v1/session_service_pb";
import { Keeper } from "./keeper";
import { storeOperator } from "./operator-store";
import { SESSION_KEY, storedSession, storeSession, type Session } from "./store";

interface SessionValue {
  session: Session | undefined;
  /** The sign-in ran out or was ended, as opposed to being left by the person. */
  over: boolean;
  /** What the server said about that. */
  why: unknown;
  begin: (answer: SignInResponse) => void;
  /** The answer has the next token of the session at hand. */
  goOn: (answer: SignInResponse) => void;
  /** Leaves, in all tabs. */
  leave: () => Promise<void>;
  /** What the brand or the person is may have changed. */
  reread: () => void;
}

const SessionContext = createContext<SessionValue | undefined>(undefined);

export function useSession(): SessionValue {
  const value = useContext(SessionContext);
  if (!value) throw new Error("SessionProvider is missing");
  return value;
}

/** Only below the sign-in page. */
export function useUser(): CurrentUser {
  const { session } = useSession();
  if (!session) throw new Error("nobody is signed in");
  return session.user;
}

/** Whether the contract lets these roles call the method; the gateway checks it again. */
export function mayCall(roles: Role[], method: DescMethod): boolean {
  const rule = getOption(method, access);
  return rule.public || rule.signedIn || rule.roles.some((role) => roles.includes(role));
}

/** Whether the brand has turned on what the method belongs to; nothing named means everything. */
export function isTurnedOn(modules: Module[], method: DescMethod): boolean {
  const of = getOption(method.parent, module);
  return of === Module.UNSPECIFIED || modules.length === 0 || modules.includes(of);
}

/** Whether somebody's page can call the method. */
export function canCall({ roles, modules }: CurrentUser, method: DescMethod): boolean {
  return mayCall(roles, method) && isTurnedOn(modules, method);
}

export function useMay(): (method: DescMethod) => boolean {
  const user = useUser();
  return (method) => canCall(user, method);
}

export function isDealer(user: CurrentUser): boolean {
  return user.dealerId !== "";
}

/** Whoever this is, where they act: nothing that one was shown may stay for another. */
export function personKey({ tenantId, userId, membershipId }: CurrentUser): string {
  return `${tenantId}/${userId}/${membershipId}`;
}

// Shorter than the ten seconds in which the server gives a lost answer again, with its retries.
const EXCHANGE_TIMEOUT_MS = 3_000;
const LEAVE_TIMEOUT_MS = 3_000;

function keeperOver(transport: Transport): Keeper {
  const sessions = createClient(SessionService, transport);
  return new Keeper({
    read: storedSession,
    write: storeSession,
    // Browsers know no locks on pages that came without TLS from elsewhere.
    alone: (work) => (navigator.locks ? navigator.locks.request(SESSION_KEY, work) : work()),
    exchange: async (refreshToken, requestId) =>
      (await sessions.refreshSession({ refreshToken, requestId }, { timeoutMs: EXCHANGE_TIMEOUT_MS })).session,
    now: Date.now,
    pause: (millis) => new Promise((resolve) => setTimeout(resolve, millis)),
  });
}

export function SessionProvider({
  connect,
  children,
}: {
  connect: (wire: Wire) => Transport;
  children: ReactNode;
}) {
  const keeper = useMemo(() => keeperOver(connect(ANONYMOUS)), [connect]);
  const wire = useMemo<Wire>(() => ({ token: () => keeper.token(), renew: (refused) => keeper.renew(refused) }), [keeper]);
  const transport = useMemo(() => connect(wire), [connect, wire]);
  const kept = useSyncExternalStore(keeper.follow, keeper.current);
  const { session, over, why, generation } = kept;

  const reread = useCallback(() => {
    createClient(IdentityService, transport).getCurrentUser({}).then(
      ({ user }) => user && keeper.update((before) => ({ ...before, user })),
      () => undefined,
    );
  }, [transport, keeper]);

  const value = useMemo<SessionValue>(
    () => ({
      session,
      over,
      why,
      begin: (answer) => keeper.begin(answer),
      goOn: (answer) => keeper.goOn(answer),
      leave: async () => {
        // Who wants to leave leaves, also without a network; the session then ends by itself.
        if (!over) {
          const request = { requestId: crypto.randomUUID() };
          await createClient(SessionService, transport).signOut(request, { timeoutMs: LEAVE_TIMEOUT_MS }).catch(() => undefined);
        }
        keeper.end();
      },
      reread,
    }),
    [session, over, why, keeper, transport, reread],
  );

  useOtherTabs(keeper);
  useEarlyExchange(keeper, session?.token);
  useOperatorOf(session, over);

  const sessionId = session?.sessionId;
  useEffect(() => {
    // Roles or the tenant's name may have changed since the tab was opened.
    if (sessionId) reread();
  }, [reread, sessionId, generation]);

  return (
    <SessionContext.Provider value={value}>
      <GenerationContext.Provider value={generation}>
        <TransportContext.Provider value={transport}>
          <WireContext.Provider value={wire}>{children}</WireContext.Provider>
        </TransportContext.Provider>
      </GenerationContext.Provider>
    </SessionContext.Provider>
  );
}

function useOtherTabs(keeper: Keeper) {
  useEffect(() => {
    // A key of null says that all was deleted.
    const follow = ({ key }: StorageEvent) => {
      if (key === SESSION_KEY || key === null) keeper.adopt();
    };
    window.addEventListener("storage", follow);
    return () => window.removeEventListener("storage", follow);
  }, [keeper]);
}

function useEarlyExchange(keeper: Keeper, token: string | undefined) {
  useEffect(() => {
    const wait = keeper.untilEarly();
    if (!token || wait === undefined) return;
    const timer = setTimeout(() => void keeper.early(), wait);
    // A machine that slept has let the time pass without counting it.
    const look = () => void keeper.early();
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [keeper, token]);
}

/** What the last person was allowed besides, as the operator, is not the next one's. */
function useOperatorOf(session: Session | undefined, over: boolean) {
  const whose = session && !over ? `${session.user.tenantId}/${session.user.userId}` : "";
  const before = useRef(whose);
  useEffect(() => {
    if (before.current && before.current !== whose) storeOperator(undefined);
    before.current = whose;
  }, [whose]);
}
