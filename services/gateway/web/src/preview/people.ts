// People of the made-up brand. The links `/invite/preview` and `/password/preview` open; the links
// `/invite/used`, `/invite/expired` and `/invite/revoked` say why they do not. The login `locked`
// has to wait.
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb";
import { Role } from "../gen/qudao/access/v1/access_pb";
import { CurrentUserSchema, IdentityService } from "../gen/qudao/partner/v1/identity_service_pb";
import { InvitationService } from "../gen/qudao/partner/v1/invitation_service_pb";
import { SessionService } from "../gen/qudao/partner/v1/session_service_pb";
import { Module } from "../gen/qudao/access/v1/access_pb";
import { TenantService } from "../gen/qudao/partner/v1/tenant_service_pb";
import { InvitationStage, UserQueryService } from "../gen/qudao/partner/v1/user_query_service_pb";
import { paged } from "./rows";
import type { World } from "./world";

interface Membership {
  membershipId: string;
  dealerId: string;
  companyName: string;
  roles: Role[];
  regionIds: string[];
}

interface Person {
  login: string;
  name: string;
  suspended: boolean;
  memberships: Membership[];
  registeredAt: string;
  version: bigint;
}

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

function refusal(code: Code, reason: string, seconds = 0): ConnectError {
  const info = { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { reason }) };
  const retryDelay = { seconds: BigInt(seconds), nanos: 0 };
  const retry = { desc: RetryInfoSchema, value: create(RetryInfoSchema, { retryDelay }) };
  return new ConnectError(reason, code, undefined, seconds > 0 ? [info, retry] : [info]);
}

function membership(world: World, dealerId: string, roles: Role[], regionIds: string[] = []): Membership {
  const dealer = world.dealers.find((one) => one.dealerId === dealerId);
  const membershipId = dealerId ? `dealer:${dealerId}` : "brand";
  return { membershipId, dealerId, companyName: dealer?.name ?? (dealerId || "Bikeshop"), roles, regionIds };
}

function everybody(world: World): Person[] {
  const person = (login: string, name: string, ...memberships: Membership[]) => ({
    login, name, suspended: false, memberships, registeredAt: "2026-03-02T01:00:00Z", version: 1n,
  });
  return [
    person("lin", "林静 Lin Jing", membership(world, "", [Role.HQ_ADMIN])),
    person("wang.fang", "王芳", membership(world, "", [Role.REGION_MANAGER, Role.SALES_REP], ["us-west"])),
    { ...person("zhao.lei", "赵磊", membership(world, "", [Role.FINANCE])), suspended: true, version: 3n },
    person("dealer", "Dana Dealer", membership(world, "dealer-1", [Role.DEALER_OWNER]), membership(world, "dealer-2", [Role.DEALER_STAFF])),
    ...world.dealers.slice(2, 24).map((dealer, i) =>
      person(`owner-${i + 3}`, `Sam ${dealer.city}`, membership(world, dealer.dealerId, [Role.DEALER_OWNER])),
    ),
  ];
}

export function demoPeople(world: World) {
  const people = everybody(world);
  const tenant = {
    name: "Bikeshop", logo: "", accentColour: "", accentColourDark: "", locale: "zh-CN",
    timeZone: "America/New_York", fiscalStartMonth: 1, modules: [Module.ORDER, Module.BI, Module.COLLAB],
  };
  let invitations = [
    { stage: InvitationStage.OPEN, dealerId: "dealer-3", roles: [Role.DEALER_STAFF], acceptedBy: "" },
    { stage: InvitationStage.ACCEPTED, dealerId: "", roles: [Role.SALES_REP], acceptedBy: "wang.fang" },
    { stage: InvitationStage.EXPIRED, dealerId: "", roles: [Role.AUDITOR], acceptedBy: "" },
    { stage: InvitationStage.REVOKED, dealerId: "dealer-4", roles: [Role.DEALER_OWNER], acceptedBy: "" },
  ].map((one, i) => ({ ...one, invitationId: `i-${i}`, regionIds: [] as string[], sentBy: "lin", sentAt: inDays(-i), expiresAt: inDays(7 - 4 * i) }));
  let acting = "";
  let company = "";
  // Whoever signs in as `new` was given their password.
  let given = false;

  const find = (login: string) => {
    const found = people.find((one) => one.login === login);
    if (!found) throw refusal(Code.NotFound, "UNKNOWN_USER");
    return found;
  };
  const receipt = (objectId = "") => {
    world.position += 1n;
    return { receipt: { objectId, version: 1n, position: world.position } };
  };
  const change = (login: string, apply: (person: Person) => void) => {
    const person = find(login);
    apply(person);
    person.version += 1n;
    return receipt(login);
  };
  const currentUser = (tenantId: string) => {
    const known = people.find((one) => one.login === acting);
    const memberships = known?.memberships ?? [membership(world, "", acting === "operator" ? [Role.HQ_ADMIN, Role.OPERATOR] : [Role.HQ_ADMIN])];
    const at = memberships.find((one) => one.membershipId === company) ?? memberships[0];
    const { membershipId = "", dealerId = "", roles = [] } = at ?? {};
    return create(CurrentUserSchema, {
      userId: acting, name: known?.name ?? "林静 Lin Jing", roles, dealerId, tenantId, tenantName: tenant.name, currencyCode: "USD",
      timeZone: tenant.timeZone, memberships, membershipId, modules: tenant.modules, passwordToBeChanged: given,
    });
  };
  const enter = (login: string, tenantId = "bikes") => {
    acting = login;
    return { token: "preview", refreshToken: "preview", sessionId: "s-1", expiresAt: "", user: currentUser(tenantId) };
  };
  const fresh = () => ({ freshness: { position: world.position, eventTime: world.movedAt, appliedAt: world.movedAt } });
  const LINKS: Record<string, string> = { used: "INVITATION_USED", expired: "INVITATION_EXPIRED", revoked: "INVITATION_NO_MORE" };
  const opened = (token: string) => {
    if (token !== "preview") throw refusal(Code.FailedPrecondition, LINKS[token] ?? "UNKNOWN_INVITATION");
  };

  return ({ service }: ConnectRouter) => {
    service(IdentityService, {
      signIn: ({ tenantId, login }) => {
        if (login === "fail") throw refusal(Code.Unauthenticated, "WRONG_PASSWORD");
        if (login === "locked") throw refusal(Code.ResourceExhausted, "TOO_MANY_ATTEMPTS", 75);
        given = login === "new";
        return enter(login, tenantId);
      },
      getCurrentUser: () => {
        // A reload forgets who it was; what the browser keeps is right.
        if (!acting) throw new ConnectError("not in the preview", Code.Unimplemented);
        return { user: currentUser("bikes") };
      },
      renameUser: ({ login, name }) => change(login, (person) => Object.assign(person, { name })),
      suspendUser: ({ login }) => change(login, (person) => Object.assign(person, { suspended: true })),
      reinstateUser: ({ login }) => change(login, (person) => Object.assign(person, { suspended: false })),
      grantMembership: ({ login, dealerId, roles, regionIds }) =>
        change(login, (person) => person.memberships.push(membership(world, dealerId, roles, regionIds))),
      changeMembership: ({ login, dealerId, roles, regionIds }) =>
        change(login, (person) =>
          Object.assign(person.memberships.find((one) => one.dealerId === dealerId) ?? {}, { roles, regionIds }),
        ),
      endMembership: ({ login, dealerId }) =>
        change(login, (person) => {
          person.memberships = person.memberships.filter((one) => one.dealerId !== dealerId);
        }),
    });
    service(SessionService, {
      refreshSession: () => ({ session: enter(acting || "lin") }),
      signOut: () => receipt(),
      switchMembership: ({ membershipId }) => {
        company = membershipId;
        return { session: { ...enter(acting), refreshToken: "" } };
      },
      listSessions: () => ({
        sessions: [
          { sessionId: "s-1", userAgent: navigator.userAgent, address: "203.0.113.7", startedAt: inDays(-2), usedAt: inDays(0), endsAt: inDays(7), current: true },
          { sessionId: "s-2", userAgent: "Mozilla/5.0 (iPhone) Safari/604", address: "198.51.100.20", startedAt: inDays(-9), usedAt: inDays(-1), endsAt: inDays(6) },
        ],
      }),
      revokeSession: () => receipt(),
      changePassword: ({ oldPassword }) => {
        if (oldPassword === "fail") throw refusal(Code.Unauthenticated, "WRONG_PASSWORD");
        given = false;
        return { ...receipt(), session: { ...enter(acting), refreshToken: "" } };
      },
      resetPassword: ({ login }) => ({ ...receipt(login), linkPath: "/password/preview", expiresAt: inDays(1) }),
      setPassword: ({ token }) => {
        if (token !== "preview") throw refusal(Code.FailedPrecondition, "RESET_OVER");
        return { ...receipt(), session: enter("lin") };
      },
    });
    service(InvitationService, {
      inviteUser: () => ({ ...receipt(), linkPath: "/invite/preview", expiresAt: inDays(7) }),
      revokeInvitation: ({ invitationId }) => {
        invitations = invitations.map((one) => (one.invitationId === invitationId ? { ...one, stage: InvitationStage.REVOKED } : one));
        return receipt(invitationId);
      },
      getInvitation: ({ token }) => {
        opened(token);
        const { dealerId, companyName } = membership(world, "dealer-1", []);
        return { tenantId: "bikes", tenantName: tenant.name, dealerId, companyName, roles: [Role.DEALER_STAFF], expiresAt: inDays(7) };
      },
      acceptInvitation: ({ token, login, name }) => {
        opened(token);
        people.push({ ...find("lin"), login, name, memberships: [membership(world, "dealer-1", [Role.DEALER_STAFF])] });
        return { ...receipt(login), session: enter(login) };
      },
    });
    service(UserQueryService, {
      listUsers: ({ search, dealerId, role, page }) => {
        const of = (person: Person) => person.memberships.some((one) => (!dealerId || one.dealerId === dealerId) && (!role || one.roles.includes(role)));
        return { ...paged("users", people.filter((person) => person.login.includes(search) && of(person)), page), ...fresh() };
      },
      getUser: ({ login }) => ({ user: find(login) }),
      listInvitations: ({ openOnly, page }) => {
        const found = invitations.filter(({ stage }) => !openOnly || stage === InvitationStage.OPEN);
        return { ...paged("invitations", found, page), ...fresh() };
      },
    });
    service(TenantService, {
      getTenant: ({ tenantId }) => ({ ...tenant, tenantId, settings: { ...tenant, currencyCode: "USD" } }),
      changeTenant: (wanted) => {
        const { name, logo, accentColour, accentColourDark, locale, timeZone, fiscalStartMonth, modules } = wanted;
        Object.assign(tenant, { name, logo, accentColour, accentColourDark, locale, timeZone, fiscalStartMonth, modules });
        return receipt();
      },
    });
  };
}
