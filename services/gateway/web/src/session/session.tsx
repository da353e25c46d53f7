import { getOption, type DescMethod } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { ClientsContext, clientsOver } from "../api/clients";
import type { Wire } from "../api/transport";
import { access, Role } from "../gen/qudao/access/v1/access_pb";
import type { CurrentUser } from "../gen/qudao/partner/v1/identity_service_pb";
import { storeOperator } from "./operator-store";
import { storedSession, storeSession, type Session } from "./store";

interface SessionValue {
  session: Session | undefined;
  /** The last sign-in ran out, as opposed to being ended by the person. */
  expired: boolean;
  begin: (session: Session) => void;
  end: () => void;
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

export function useMay(): (method: DescMethod) => boolean {
  const { roles } = useUser();
  return (method) => mayCall(roles, method);
}

export function isDealer(user: CurrentUser): boolean {
  return user.dealerId !== "";
}

export function SessionProvider({
  connect,
  children,
}: {
  connect: (wire: Wire) => Transport;
  children: ReactNode;
}) {
  const [session, setSession] = useState(storedSession);
  const [expired, setExpired] = useState(false);
  const token = useRef(session?.token);

  const value = useMemo<SessionValue>(
    () => ({
      session,
      expired,
      begin: (next) => {
        token.current = next.token;
        // What the last person in this tab was allowed besides is not the next one's.
        storeOperator(undefined);
        storeSession(next);
        setExpired(false);
        setSession(next);
      },
      end: () => {
        token.current = undefined;
        storeSession(undefined);
        setExpired(false);
        setSession(undefined);
      },
    }),
    [session, expired],
  );

  const clients = useMemo(
    () =>
      clientsOver(
        connect({
          token: () => token.current,
          onUnauthenticated: () => {
            token.current = undefined;
            storeSession(undefined);
            setExpired(true);
            setSession(undefined);
          },
        }),
      ),
    [connect],
  );

  const signedInToken = session?.token;
  useEffect(() => {
    // Roles or the tenant's name may have changed since the tab was opened.
    if (!signedInToken) return;
    clients.identity.getCurrentUser({}).then(
      ({ user }) => {
        if (!user || token.current !== signedInToken) return;
        setSession((before) => {
          const next = before && { ...before, user };
          storeSession(next);
          return next;
        });
      },
      () => undefined,
    );
  }, [clients, signedInToken]);

  return (
    <SessionContext.Provider value={value}>
      <ClientsContext.Provider value={clients}>{children}</ClientsContext.Provider>
    </SessionContext.Provider>
  );
}
