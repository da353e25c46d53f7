import { sum } from "../format/number";
import type { PageRequest } from "../gen/qudao/common/v1/page_pb";
import { OrderStatus, type ListOrdersRequest } from "../gen/qudao/order/v1/order_query_service_pb";
import { CreditStanding } from "../gen/qudao/order/v1/order_service_pb";
import { pathOf } from "./cube";
import type { DemoEvent, DemoOrder, World } from "./world";

/** One page of rows under the name that the answer gives them. */
export function paged<Name extends string, Row>(name: Name, rows: Row[], page: PageRequest | undefined) {
  const from = Number(page?.token || "0");
  const size = page?.size || 50;
  const next = from + size < rows.length ? String(from + size) : "";
  const part = { [name]: rows.slice(from, from + size) } as Record<Name, Row[]>;
  return { ...part, page: { nextToken: next, total: BigInt(rows.length) } };
}

function statusOf(order: DemoOrder): OrderStatus {
  const total = (pick: (line: DemoOrder["lines"][number]) => number) =>
    order.lines.reduce((n, line) => n + pick(line), 0);
  const ordered = total((line) => line.quantity - (line.closed ?? 0));
  const shipped = total((line) => line.shipped);
  const received = total((line) => line.received + (line.disputed ?? 0));
  if (order.cancelled) return OrderStatus.CANCELLED;
  if (received >= ordered) return OrderStatus.RECEIVED;
  if (received > 0) return OrderStatus.PARTLY_RECEIVED;
  if (shipped >= ordered) return OrderStatus.SHIPPED;
  if (shipped > 0) return OrderStatus.PARTLY_SHIPPED;
  if (order.payment?.creditStanding === CreditStanding.ON_HOLD) return OrderStatus.ON_HOLD;
  if ((order.payment?.openMinor ?? 0n) > 0n) return OrderStatus.AWAITING_PAYMENT;
  return order.confirmed ? OrderStatus.CONFIRMED : OrderStatus.SUBMITTED;
}

const closedMinor = (line: DemoOrder["lines"][number]) => line.priceMinor * BigInt(line.closed ?? 0);

function summary(world: World, order: DemoOrder) {
  const dealer = world.dealers.find((d) => d.dealerId === order.dealerId);
  const grossMinor = sum(order.lines.map((line) => line.priceMinor * BigInt(line.quantity)));
  const closedNetMinor = sum(order.lines.map(closedMinor));
  return {
    orderId: order.orderId,
    businessDate: order.date,
    dealerId: order.dealerId,
    dealerName: dealer?.name ?? order.dealerId,
    regionName: world.regions.find((r) => r.regionId === dealer?.regionId)?.name ?? "",
    status: statusOf(order),
    lineCount: order.lines.length,
    quantity: sum(order.lines.map((line) => BigInt(line.quantity))),
    grossMinor,
    netMinor: grossMinor - closedNetMinor,
    closedNetMinor,
    currencyCode: order.currency ?? "USD",
    submittedAt: order.submittedAt,
    version: BigInt(order.events.length),
  };
}

export function orderRows(world: World, request: ListOrdersRequest) {
  const regionOf = (id: string) => world.dealers.find((d) => d.dealerId === id)?.regionId ?? "";
  return world.orders
    .filter((o) => !request.dealerId || o.dealerId === request.dealerId)
    .filter((o) => !request.regionId || pathOf(world, regionOf(o.dealerId)).includes(request.regionId))
    .filter((o) => !request.productId || o.lines.some((line) => line.productId === request.productId))
    .filter((o) => !request.fromDate || o.date >= request.fromDate)
    .filter((o) => !request.toDate || o.date <= request.toDate)
    .map((order) => summary(world, order))
    .filter((o) => request.statuses.length === 0 || request.statuses.includes(o.status))
    .filter((o) => `${o.orderId} ${o.dealerName}`.toLowerCase().includes(request.search.toLowerCase()))
    .sort((a, b) => (a.businessDate < b.businessDate ? 1 : -1));
}

export function orderDetail(world: World, order: DemoOrder) {
  const dealer = world.dealers.find((d) => d.dealerId === order.dealerId);
  return {
    summary: summary(world, order),
    lines: order.lines.map((line, i) => ({
      lineNo: i + 1,
      productId: line.productId,
      productName: world.products.find((p) => p.productId === line.productId)?.name ?? "",
      baseUnit: "ea",
      quantity: BigInt(line.quantity),
      unitPriceMinor: line.priceMinor,
      grossMinor: line.priceMinor * BigInt(line.quantity),
      shipped: BigInt(line.shipped),
      received: BigInt(line.received),
      closedQuantity: BigInt(line.closed ?? 0),
      closedNetMinor: closedMinor(line),
      disputed: BigInt(line.disputed ?? 0),
      claimed: BigInt(line.claimed ?? 0),
      settled: BigInt(line.settled ?? 0),
    })),
    note: order.note,
    ...(order.payment && { payment: order.payment }),
    ...(order.rating && { ratedGoods: order.rating.goods, ratedService: order.rating.service, ratedComment: order.rating.comment }),
    cancelReason: order.cancelled,
    shortClosedReason: order.closedShort ?? "",
    regionNames: pathOf(world, dealer?.regionId ?? "").map(
      (id) => world.regions.find((r) => r.regionId === id)?.name ?? id,
    ),
  };
}

const DAY_MS = 86_400_000;

export function productRows(world: World, search: string) {
  return world.products
    .filter((p) => `${p.name} ${p.productId} ${p.category.join(" ")}`.toLowerCase().includes(search.toLowerCase()))
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((p, i) => ({
      productId: p.productId,
      name: p.name,
      categoryPath: p.category,
      baseUnit: "ea",
      currencyCode: "USD",
      retired: i === 3,
      ...(i % 3 === 0 && { packagings: [{ unit: "case", baseQuantity: 12 }, { unit: "pallet", baseQuantity: 240 }] }),
      publishedAt: i % 7 === 1 ? new Date(Date.now() - i * DAY_MS).toISOString() : "2010-11-02T08:00:00Z",
      ...(i !== 5 && { unitPriceMinor: p.priceMinor }),
    }));
}

export function dealerRows(world: World, search: string) {
  return world.dealers
    .filter((d) => `${d.name} ${d.dealerId} ${d.city}`.toLowerCase().includes(search.toLowerCase()))
    .map((d) => ({
      ...d,
      regionName: world.regions.find((r) => r.regionId === d.regionId)?.name ?? "",
      registeredAt: "2010-11-02T08:00:00Z",
    }));
}

export function regionRows(world: World) {
  return world.regions.map((region) => ({ ...region, path: pathOf(world, region.regionId) }));
}

export function stateOf(world: World, order: DemoOrder, event: DemoEvent, i: number) {
  return {
    event: {
      position: world.position - BigInt(order.events.length - i),
      eventId: `${order.orderId}-${i}`,
      context: "order",
      aggregate: "order",
      objectId: order.orderId,
      version: BigInt(i + 1),
      eventType: event.type,
      eventVersion: 1,
      recordedAt: event.at,
      payloadJson: event.payload,
      origin: { actorId: "lin", actorName: "林静", correlationId: "0f4c6f2e-6a1b-4a55-9c70-6a8b0de1a001" },
    },
    sentenceZh: event.zh,
    sentenceEn: event.en,
    changes: event.changes,
  };
}
