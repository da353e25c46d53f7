// Figures of ordering of the made-up brand: counted where its orders tell, and made up where they
// have no times.
import { toDay } from "../format/period";
import { MetricsGroup, type GetOrderMetricsRequest } from "../gen/qudao/bi/v1/order_metrics_query_service_pb";
import { pathOf } from "./cube";
import type { DemoOrder, World } from "./world";

const HOUR = 3_600_000;

interface Measured {
  order: DemoOrder;
  releaseMs: number;
  shippingMs: number | undefined;
  touched: boolean;
}

/** The same for the same order, however often somebody asks. */
function made(order: DemoOrder, sides: number): number {
  let state = 7;
  for (const sign of order.orderId) state = (Math.imul(state, 31) + sign.charCodeAt(0)) >>> 0;
  return (Math.imul(state, 2_654_435_761) >>> 0) % sides;
}

function measured(order: DemoOrder): Measured {
  const touched = made(order, 9) === 0;
  const releaseMs = touched ? HOUR + made(order, 3 * HOUR) : made(order, 90_000);
  const left = order.lines.some((line) => line.shipped > 0);
  return { order, touched, releaseMs, shippingMs: left ? releaseMs + HOUR + made(order, 20 * HOUR) : undefined };
}

function cycle(times: number[]) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => BigInt(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { orders: BigInt(sorted.length), p50Milliseconds: at(0.5), p90Milliseconds: at(0.9), p99Milliseconds: at(0.99) };
}

const share = (some: number, all: number) => (all === 0 ? 0n : (BigInt(some) * 1_000_000n) / BigInt(all));

function metricsOf(all: Measured[], days: number, owes: boolean) {
  const released = all.filter(({ order }) => order.confirmed);
  const within = released.filter(({ releaseMs }) => releaseMs <= 2 * HOUR).length;
  const free = released.filter(({ touched }) => !touched).length;
  const lines = all.flatMap(({ order }) => order.lines.map((line) => ({ order, line })));
  const arrived = lines.filter(({ line }) => line.received + (line.disputed ?? 0) > 0);
  const corrected = arrived.filter(({ line }) => (line.disputed ?? 0) > 0).length;
  const over = lines.filter(({ line }) => line.shipped + (line.closed ?? 0) >= line.quantity);
  const ordered = over.reduce((n, { line }) => n + line.quantity, 0);
  const shipped = over.reduce((n, { line }) => n + line.shipped, 0);
  const dealers = new Set(all.map(({ order }) => order.dealerId)).size;
  const rated = all.flatMap(({ order }) => (order.rating ? [order.rating] : []));
  const mean = (of: "goods" | "service") => BigInt(Math.floor((rated.reduce((n, rating) => n + rating[of], 0) * 100) / (rated.length || 1)));
  const delivered = lines.reduce((n, { line }) => n + line.priceMinor * BigInt(line.shipped), 0n);
  return {
    orders: BigInt(all.length),
    waitingOrders: BigInt(all.length - released.length),
    release: cycle(released.map(({ releaseMs }) => releaseMs)),
    withinTwoHours: BigInt(within),
    withinTwoHoursPpm: share(within, released.length),
    shipping: cycle(all.flatMap(({ shippingMs }) => (shippingMs === undefined ? [] : [shippingMs]))),
    accuracy: { receivedLines: BigInt(arrived.length), correctedLines: BigInt(corrected), accuracyPpm: share(arrived.length - corrected, arrived.length) },
    touchFreeOrders: BigInt(free),
    touchFreePpm: share(free, released.length),
    fillRate: { orders: BigInt(new Set(over.map(({ order }) => order)).size), orderedQuantity: BigInt(ordered), shippedQuantity: BigInt(shipped), fillRatePpm: share(shipped, ordered) },
    dealers: BigInt(dealers),
    ordersPerDealer30DaysX100: dealers * days === 0 ? 0n : BigInt(Math.floor((all.length * 3_000) / (dealers * days))),
    deliverySatisfaction: { answers: BigInt(rated.length), goodsX100: mean("goods"), serviceX100: mean("service") },
    afterSaleSatisfaction: { answers: 0n, goodsX100: 0n, serviceX100: 0n },
    // A month of deliveries is not paid.
    ...(owes && {
      daysSalesOutstanding: { known: delivered > 0n, daysX10: 302n, receivableMinor: (delivered * 302n) / BigInt(Math.max(days, 1) * 10), deliveredMinor: delivered, windowDays: BigInt(days) },
    }),
  };
}

function rowOf(world: World, order: DemoOrder, request: GetOrderMetricsRequest): { id: string; name: string } {
  const dealer = world.dealers.find(({ dealerId }) => dealerId === order.dealerId);
  if (request.groupBy === MetricsGroup.DEALER) return { id: order.dealerId, name: dealer?.name ?? "" };
  if (request.groupBy === MetricsGroup.DAY) return { id: order.date, name: order.date };
  const path = pathOf(world, dealer?.regionId ?? "");
  const id = path[path.indexOf(request.regionId || "root") + 1] ?? request.regionId;
  return { id, name: world.regions.find(({ regionId }) => regionId === id)?.name ?? id };
}

export function orderMetrics(world: World, request: GetOrderMetricsRequest) {
  const inside = ({ dealerId, date, cancelled }: DemoOrder) =>
    !cancelled &&
    (!request.dealerId || dealerId === request.dealerId) &&
    (!request.fromDate || date >= request.fromDate) &&
    (!request.toDate || date <= request.toDate) &&
    (!request.regionId || pathOf(world, world.dealers.find((one) => one.dealerId === dealerId)?.regionId ?? "").includes(request.regionId));
  const all = world.orders.filter(inside).map(measured);
  const dates = all.map(({ order }) => order.date).sort();
  const [firstDate = "", lastDate = ""] = [dates[0], dates.at(-1)];
  const from = request.fromDate || firstDate;
  const days = from ? toDay(request.toDate || lastDate) - toDay(from) + 1 : 0;
  const byDay = request.groupBy === MetricsGroup.DAY;
  const groups = new Map<string, { name: string; orders: Measured[] }>();
  for (const one of request.groupBy === MetricsGroup.UNSPECIFIED ? [] : all) {
    const { id, name } = rowOf(world, one.order, request);
    const group = groups.get(id) ?? { name, orders: [] };
    group.orders.push(one);
    groups.set(id, group);
  }
  const rows = [...groups].map(([id, { name, orders }]) => ({ id, name, metrics: metricsOf(orders, byDay ? 0 : days, !byDay) }));
  rows.sort((a, b) => (byDay ? (a.id < b.id ? -1 : 1) : Number(b.metrics.orders - a.metrics.orders)));
  return { rows: rows.slice(0, request.limit || 1_000), total: metricsOf(all, days, true), rowCount: BigInt(rows.length), firstDate, lastDate };
}
