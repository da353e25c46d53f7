import { Button, Select } from "antd";
import { useState, type ReactNode } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import type { Role } from "../gen/qudao/access/v1/access_pb";
import { UserQueryService, type UserEntry } from "../gen/qudao/partner/v1/user_query_service_pb";
import { useI18n, type Translate } from "../i18n/i18n";
import { useTick } from "../live/live";
import { companyName } from "../session/company-switch";
import { isDealer, useUser } from "../session/session";
import { RoleNames, roleName } from "../shell/role-names";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { usersSheet } from "../tables/sheets/partners";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { PickDealer } from "../ui/pick-dealer";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { PersonDetail } from "./person-detail";
import { BRAND_ROLES, DEALER_ROLES } from "./roles";

/** Who works here, found by login, company or role; one of them beside the list. */
export function People() {
  const { t } = useI18n();
  const users = useClient(UserQueryService);
  const [params, change] = useUrlParams();
  const [position, setPosition] = useState(0n);
  const tick = useTick("users");
  const filter = {
    search: params.get("q") ?? "",
    dealerId: params.get("dealer") ?? "",
    role: Number(params.get("role") ?? "0") as Role,
  };
  const token = params.get("token") ?? "";
  const ask = (page: PageWanted, signal: AbortSignal) => users.listUsers({ ...filter, page, minPosition: position }, { signal });
  const query = useQuery(
    `users/${JSON.stringify(filter)}/${token}`,
    (signal) => ask({ size: PAGE_SIZE, token }, signal),
    { tick: `${tick}/${position}`, keep: true },
  );
  const chosen = params.get("user") ?? "";
  const open = (login: string) => change({ user: login });
  const filtered = Boolean(filter.search || filter.dealerId || filter.role);
  return (
    <>
      <Filters>
        <ExportMenu name={t("people.title")} sheet={usersSheet} ask={ask} rowsOf={(part) => part.users} />
      </Filters>
      <Panel className="panel-flush">
        <div className={chosen ? "beside beside-open" : "beside"}>
          <QueryView
            query={query}
            isEmpty={(data) => data.users.length === 0}
            empty={
              <Empty
                title={t("people.none")}
                todo={t(filtered ? "people.none.filtered" : "people.none.todo")}
                {...(filtered && {
                  action: <Button onClick={() => change({ q: "", dealer: "", role: "", page: "", token: "" })}>{t("filter.clear")}</Button>,
                })}
              />
            }
          >
            {(data) => (
              <div>
                <PeopleTable people={data.users} chosen={chosen} onOpen={(person) => open(person.login)} />
                <footer className="list-foot">
                  <FreshnessMark freshness={data.freshness} projection="users" />
                  <Pager page={data.page} rows={data.users.length} />
                </footer>
              </div>
            )}
          </QueryView>
          {chosen && (
            <PersonDetail key={chosen} login={chosen} position={position} tick={tick} onClose={() => open("")} onChanged={setPosition} />
          )}
        </div>
      </Panel>
    </>
  );
}

function Filters({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  const user = useUser();
  const [params, change] = useUrlParams();
  const roles = isDealer(user) ? DEALER_ROLES : [...BRAND_ROLES, ...DEALER_ROLES];
  const first = { page: "", token: "" };
  return (
    <div className="filters">
      <SearchBox label={t("people.search")} />
      {!isDealer(user) && (
        <PickDealer value={params.get("dealer") ?? ""} clearable onChange={(dealer) => change({ dealer, ...first })} />
      )}
      <Select<string>
        className="pick-role"
        aria-label={t("people.roles")}
        placeholder={t("people.anyRole")}
        allowClear
        value={params.get("role") || null}
        options={roles.map((role) => ({ value: String(role), label: roleName(role, t) }))}
        onChange={(role) => change({ role: role ?? "", ...first })}
      />
      {children}
    </div>
  );
}

function placesOf({ memberships }: UserEntry, t: Translate): string {
  return memberships.map((membership) => companyName(membership, t)).join(" · ") || t("people.memberships.none");
}

function NameOf({ person, mark }: { person: UserEntry; mark: ReactNode }) {
  return (
    <span className="name">
      <span className="state-line">
        {person.name} {mark}
      </span>
      <span className="mono soft">{person.login}</span>
    </span>
  );
}

function PeopleTable({ people, chosen, onOpen }: { people: UserEntry[]; chosen: string; onOpen: (person: UserEntry) => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const roles = (person: UserEntry) => <RoleNames roles={[...new Set(person.memberships.flatMap((it) => it.roles))]} />;
  const mark = (person: UserEntry) => person.suspended && <span className="tag tag-cancelled">{t("people.suspended")}</span>;
  const seldom: Column<UserEntry>[] = [
    { key: "since", title: t("people.registered"), cell: (person) => format.time(person.registeredAt) },
  ];
  return (
    <DataTable<UserEntry>
      label={t("people.title")}
      rows={people}
      rowKey={(person) => person.login}
      onOpen={onOpen}
      isOpen={(person) => person.login === chosen}
      columns={[
        { key: "name", title: t("people.name"), cell: (person) => <NameOf person={person} mark={mark(person)} /> },
        { key: "company", title: t("people.company"), cell: (person) => <div className="wrap">{placesOf(person, t)}</div> },
        { key: "roles", title: t("people.roles"), cell: (person) => <div className="wrap">{roles(person)}</div> },
        ...(chosen ? [] : seldom),
      ]}
      card={(person) => (
        <>
          <span className="card-line">
            <strong>{person.name}</strong>
            {mark(person) || <span className="mono soft">{person.login}</span>}
          </span>
          <span className="soft">{placesOf(person, t)}</span>
          <span className="soft">{roles(person)}</span>
        </>
      )}
    />
  );
}
