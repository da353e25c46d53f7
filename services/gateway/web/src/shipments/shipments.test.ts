import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { ShipmentLineSchema, ShipmentSchema, ShipmentStatus } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { ShipmentService } from "../gen/qudao/order/v1/shipment_service_pb";
import { actionsFor, allLeft, leftOf, linesOf, waited, wantedOf, warehouseChoices } from "./rules";

const line = (lineNo: number, quantity: bigint, shipped = 0n, withdrawn = 0n) => create(ShipmentLineSchema, { lineNo, quantity, shipped, withdrawn });
const all = () => true;

describe("a shipment", () => {
  const waiting = create(ShipmentSchema, { quantity: 10n, shipped: 4n, withdrawn: 1n, waitingMinutes: 0 });
  const taken = create(ShipmentSchema, { quantity: 10n, shipped: 4n });

  it("is taken on while it waits, and handed back once it was", () => {
    expect(actionsFor(waiting, all)).toEqual(["acknowledge", "ship"]);
    expect(actionsFor(taken, all)).toEqual(["ship", "handBack"]);
    expect(actionsFor(taken, (method) => method === ShipmentService.method.handBackShipment)).toEqual(["handBack"]);
    expect(actionsFor(taken, () => false)).toEqual([]);
  });

  it("lets nobody do anything once nothing is left of it", () => {
    expect(actionsFor(create(ShipmentSchema, { quantity: 10n, shipped: 9n, withdrawn: 1n }), all)).toEqual([]);
  });

  it("ships what is left, unless somebody says less", () => {
    const left = allLeft([line(1, 10n, 4n, 1n), line(2, 3n, 3n), line(3, 7n)]);
    expect([...left]).toEqual([[1, 5], [3, 7]]);
    expect(leftOf(line(1, 10n, 4n, 1n))).toBe(5);
    expect(linesOf(new Map(left).set(1, 0))).toEqual([{ lineNo: 3, quantity: 7 }]);
  });
});

describe("a list of shipments", () => {
  it("is of one status, of what is stuck, or of all", () => {
    const of = (query: string) => wantedOf(new URLSearchParams(query));
    expect(of("tab=released")).toEqual({ statuses: [ShipmentStatus.RELEASED], stuck: false });
    expect(of("tab=stuck")).toEqual({ statuses: [], stuck: true });
    expect(of("tab=constructor")).toEqual({ statuses: [], stuck: false });
  });

  it("says how long something waits as people do", () => {
    expect([0, 119, 120, 2879, 2880].map(waited)).toEqual([
      { unit: "minutes", n: 0 },
      { unit: "minutes", n: 119 },
      { unit: "hours", n: 2 },
      { unit: "hours", n: 47 },
      { unit: "days", n: 2 },
    ]);
  });

  it("knows warehouses by their stock, and by what is listed", () => {
    expect(warehouseChoices(["east", "west"], [{ warehouseId: "" }, { warehouseId: "north" }], "east")).toEqual(["east", "north", "west"]);
  });
});
