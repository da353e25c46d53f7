import { Role } from "../gen/qudao/access/v1/access_pb";

/** What a dealer's people are, and nobody else is. */
export const DEALER_ROLES = [Role.DEALER_OWNER, Role.DEALER_STAFF, Role.OVERSEAS_AGENT];

/** What the brand's own people are, the most usual first. The operator belongs to no brand. */
export const BRAND_ROLES = [
  Role.SALES_REP,
  Role.REGION_MANAGER,
  Role.SALES_DIRECTOR,
  Role.FINANCE,
  Role.WAREHOUSE,
  Role.MARKETING,
  Role.PRODUCTION_PLANNING,
  Role.PURCHASING,
  Role.ANALYST,
  Role.AUDITOR,
  Role.TRAINING_ADMIN,
  Role.INSPECTOR,
  Role.TENANT_ADMIN,
  Role.HQ_ADMIN,
  Role.INTEGRATION,
];

/** Where somebody is to work, and as what. */
export interface Place {
  /** Empty for the brand. */
  dealerId: string;
  dealerName: string;
  roles: Role[];
  regionIds: string[];
}

export function rolesFor(dealerId: string): Role[] {
  return dealerId ? DEALER_ROLES : BRAND_ROLES;
}

/** Another company: only what can be there stays. */
export function movedTo(place: Place, dealerId: string, dealerName: string): Place {
  const possible = rolesFor(dealerId);
  return {
    dealerId,
    dealerName,
    roles: place.roles.filter((role) => possible.includes(role)),
    regionIds: dealerId ? [] : place.regionIds,
  };
}
