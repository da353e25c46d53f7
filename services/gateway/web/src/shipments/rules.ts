// What a shipment lets people do, and when. No clock, no network.
import type { DescMethod } from "@bufbuild/protobuf";
import type { Shipment, ShipmentLine } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { ShipmentService } from "../gen/qudao/order/v1/shipment_service_pb";
import { STATUSES, type StatusName } from "./words";

/** The tab of what no warehouse has taken on for too long. */
export const STUCK = "stuck";

export interface Wanted {
  statuses: (typeof STATUSES)[StatusName][];
  stuck: boolean;
}

/** What a list is asked for: one status, what is stuck, or all. */
export function wantedOf(params: URLSearchParams): Wanted {
  const tab = params.get("tab") ?? "";
  const statuses = Object.hasOwn(STATUSES, tab) ? [STATUSES[tab as StatusName]] : [];
  return { statuses, stuck: tab === STUCK };
}

/** In the order in which they are offered. */
export const METHODS = {
  acknowledge: ShipmentService.method.acknowledgeShipment,
  ship: ShipmentService.method.shipShipment,
  handBack: ShipmentService.method.handBackShipment,
} as const;

export type ActionName = keyof typeof METHODS;

type Told = Pick<Shipment, "quantity" | "shipped" | "withdrawn" | "waitingMinutes">;

/** What is still to leave, in base units. */
export function leftOf({ quantity, shipped, withdrawn }: Pick<Shipment | ShipmentLine, "quantity" | "shipped" | "withdrawn">): number {
  return Number(quantity - shipped - withdrawn);
}

/** What this person can do about a shipment as it is: one that waits is taken on, any other one handed back. */
export function actionsFor(one: Told, may: (method: DescMethod) => boolean): ActionName[] {
  if (leftOf(one) <= 0) return [];
  const waits = one.waitingMinutes !== undefined;
  const fits: Record<ActionName, boolean> = { acknowledge: waits, ship: true, handBack: !waits };
  return (Object.keys(METHODS) as ActionName[]).filter((action) => fits[action] && may(METHODS[action]));
}

/** By the numbers of lines; all that is left, to begin with. */
export function allLeft(lines: ShipmentLine[]): Map<number, number> {
  return new Map(lines.filter((line) => leftOf(line) > 0).map((line) => [line.lineNo, leftOf(line)]));
}

export function linesOf(quantities: Map<number, number>) {
  return [...quantities].filter(([, quantity]) => quantity > 0).map(([lineNo, quantity]) => ({ lineNo, quantity }));
}

const HOUR = 60;
const DAY = 24 * HOUR;

export type WaitUnit = "minutes" | "hours" | "days";

/** How long it waits, in the unit in which people would say it. */
export function waited(minutes: number): { unit: WaitUnit; n: number } {
  if (minutes < 2 * HOUR) return { unit: "minutes", n: minutes };
  if (minutes < 2 * DAY) return { unit: "hours", n: Math.floor(minutes / HOUR) };
  return { unit: "days", n: Math.floor(minutes / DAY) };
}

/** Warehouses that are known, and the one that is looked for. */
export function warehouseChoices(known: string[], listed: Pick<Shipment, "warehouseId">[], chosen: string): string[] {
  const all = [...known, ...listed.map(({ warehouseId }) => warehouseId), chosen];
  return [...new Set(all.filter(Boolean))].sort();
}
