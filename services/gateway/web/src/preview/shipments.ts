// Shipments of the made-up brand: the orders that are not received yet, as two warehouses have them.
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import {
  ShipmentLineSchema, ShipmentParcelSchema, ShipmentQueryService, ShipmentSchema, ShipmentStatus, type Shipment, type ShipmentLine, type ShipmentParcel,
} from "../gen/qudao/order/v1/shipment_query_service_pb";
import { ShipmentService } from "../gen/qudao/order/v1/shipment_service_pb";
import { leftOf } from "../shipments/rules";
import { ago } from "./online-world";
import { paged } from "./rows";
import type { DemoOrder, World } from "./world";

const { RELEASED, ACKNOWLEDGED, PARTLY_SHIPPED, SHIPPED, WITHDRAWN } = ShipmentStatus;

const has = (search: string, ...texts: string[]) => texts.join(" ").toLowerCase().includes(search.toLowerCase());

interface Kept {
  shipment: Shipment;
  lines: ShipmentLine[];
  parcels: ShipmentParcel[];
}

const STATUSES = [RELEASED, RELEASED, ACKNOWLEDGED, PARTLY_SHIPPED, SHIPPED, WITHDRAWN, RELEASED, SHIPPED];
const PLACES = ["east-1", "west-2", ""];
const WAITED = [12, 260, 4_000];

function keptOf(world: World, order: DemoOrder, n: number): Kept {
  const status = STATUSES[n % STATUSES.length] ?? RELEASED;
  const lines = order.lines.map((line, i) =>
    create(ShipmentLineSchema, {
      lineNo: i + 1, productId: line.productId, baseUnit: "ea", quantity: BigInt(line.quantity),
      productName: world.products.find((one) => one.productId === line.productId)?.name ?? "",
      shipped: status === SHIPPED ? BigInt(line.quantity) : status === PARTLY_SHIPPED && i === 0 ? 1n : 0n,
      withdrawn: status === WITHDRAWN ? BigInt(line.quantity) : 0n,
    }),
  );
  const left = lines.filter((line) => line.shipped > 0n).map(({ lineNo, shipped }) => ({ $typeName: "qudao.order.v1.ParcelLine" as const, lineNo, quantity: shipped }));
  const parcels = left.length > 0 ? [create(ShipmentParcelSchema, { carrier: "德邦物流", trackingNumber: "DPK202611270088", shippedAt: ago(90), lines: left })] : [];
  const waiting = WAITED[n % WAITED.length] ?? 0;
  const shipment = create(ShipmentSchema, {
    shipmentId: `${order.orderId}-1`, orderId: order.orderId, number: 1, of: 1, dealerId: order.dealerId, status,
    dealerName: world.dealers.find((one) => one.dealerId === order.dealerId)?.name ?? "", warehouseId: PLACES[n % PLACES.length] ?? "",
    lineCount: lines.length, releasedAt: ago(waiting + 2), version: 2n,
    ...(status === RELEASED && { waitingMinutes: waiting, stuck: waiting >= 120 }),
    ...(status !== RELEASED && status !== WITHDRAWN && { acknowledgedAt: ago(110), reference: `WMS-${7_000 + n}` }),
    ...(parcels.length > 0 && { carrier: "德邦物流", trackingNumber: "DPK202611270088", shippedAt: ago(90) }),
    ...(status === WITHDRAWN && { reason: "订单已取消" }),
  });
  return summed({ shipment, lines, parcels });
}

function summed(kept: Kept): Kept {
  const sum = (of: (line: ShipmentLine) => bigint) => kept.lines.reduce((all, line) => all + of(line), 0n);
  Object.assign(kept.shipment, { quantity: sum((line) => line.quantity), shipped: sum((line) => line.shipped), withdrawn: sum((line) => line.withdrawn) });
  return kept;
}

export function demoShipments(world: World, fresh: () => object, wake: () => void) {
  const all = world.orders.slice(306).map((order, n) => keptOf(world, order, n));
  const find = (id: string) => {
    const found = all.find(({ shipment }) => shipment.shipmentId === id);
    if (!found) throw new ConnectError("no such shipment", Code.NotFound);
    return found;
  };
  const change = (kept: Kept, to: Partial<Shipment>) => {
    Object.assign(kept.shipment, to, { version: kept.shipment.version + 1n });
    world.position += 1n;
    world.movedAt = new Date().toISOString();
    wake();
    return { receipt: { objectId: kept.shipment.shipmentId, version: kept.shipment.version, position: world.position } };
  };
  const takenOn = (reference: string): Partial<Shipment> => {
    const taken: Partial<Shipment> = { acknowledgedAt: ago(0), stuck: false, ...(reference && { reference }) };
    taken.waitingMinutes = undefined as never;
    return taken;
  };
  return ({ service }: ConnectRouter) => {
    service(ShipmentQueryService, {
      getShipment: ({ shipmentId }) => ({ ...find(shipmentId), freshness: fresh() }),
      listShipments: ({ search, orderId, warehouseId, statuses, stuck, page }) => {
        const rows = all
          .map(({ shipment }) => shipment)
          .filter((one) => (!orderId || one.orderId === orderId) && (!warehouseId || one.warehouseId === warehouseId))
          .filter((one) => (statuses.length === 0 || statuses.includes(one.status)) && (!stuck || one.stuck))
          .filter((one) => has(search, one.shipmentId, one.reference, one.trackingNumber, one.dealerName));
        return { ...paged("shipments", rows, page), freshness: fresh() };
      },
    });
    service(ShipmentService, {
      acknowledgeShipment: ({ shipmentId, reference }) => change(find(shipmentId), { status: ACKNOWLEDGED, ...takenOn(reference) }),
      handBackShipment: ({ shipmentId, reason }) => {
        const kept = find(shipmentId);
        return change(kept, { waitingMinutes: 0, reason, status: kept.shipment.shipped > 0n ? PARTLY_SHIPPED : RELEASED });
      },
      shipShipment: ({ shipmentId, lines, carrier, trackingNumber }) => {
        const kept = find(shipmentId);
        for (const { lineNo, quantity } of lines) {
          const line = kept.lines.find((one) => one.lineNo === lineNo);
          if (line) line.shipped += BigInt(quantity);
        }
        const gone = lines.map(({ lineNo, quantity }) => ({ $typeName: "qudao.order.v1.ParcelLine" as const, lineNo, quantity: BigInt(quantity) }));
        kept.parcels.push(create(ShipmentParcelSchema, { carrier, trackingNumber, shippedAt: ago(0), lines: gone }));
        summed(kept);
        return change(kept, { ...takenOn(""), status: leftOf(kept.shipment) > 0 ? PARTLY_SHIPPED : SHIPPED, carrier, trackingNumber, shippedAt: ago(0) });
      },
    });
  };
}
