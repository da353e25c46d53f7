import { Role } from "../gen/qudao/access/v1/access_pb";
import { useI18n, type Key, type Translate } from "../i18n/i18n";

const NAMES: Record<Role, Key> = {
  [Role.UNSPECIFIED]: "role.none",
  [Role.OPERATOR]: "role.operator",
  [Role.HQ_ADMIN]: "role.hqAdmin",
  [Role.SALES_DIRECTOR]: "role.salesDirector",
  [Role.REGION_MANAGER]: "role.regionManager",
  [Role.SALES_REP]: "role.salesRep",
  [Role.DEALER_OWNER]: "role.dealerOwner",
  [Role.DEALER_STAFF]: "role.dealerStaff",
  [Role.FINANCE]: "role.finance",
  [Role.WAREHOUSE]: "role.warehouse",
  [Role.ANALYST]: "role.analyst",
  [Role.AUDITOR]: "role.auditor",
  [Role.INTEGRATION]: "role.integration",
  [Role.OVERSEAS_AGENT]: "role.overseasAgent",
  [Role.MARKETING]: "role.marketing",
  [Role.PRODUCTION_PLANNING]: "role.productionPlanning",
  [Role.PURCHASING]: "role.purchasing",
  [Role.INSPECTOR]: "role.inspector",
  [Role.TRAINING_ADMIN]: "role.trainingAdmin",
  [Role.TENANT_ADMIN]: "role.tenantAdmin",
};

export function roleName(role: Role, t: Translate): string {
  return t(NAMES[role] ?? "role.none");
}

export function RoleNames({ roles }: { roles: Role[] }) {
  const { t } = useI18n();
  return <>{roles.map((role) => roleName(role, t)).join(" · ")}</>;
}
