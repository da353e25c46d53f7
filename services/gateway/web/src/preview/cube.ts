import { fromDay, monthOf, periodStart, toDay, type Dates } from "../format/period";
import { roundedDivision } from "../format/number";
import { Comparison, Grain, SalesDimension, SalesMeasure, type QuerySalesRequest } from "../gen/qudao/bi/v1/sales_query_service_pb";
import type { DemoOrder, World } from "./world";

interface Fact {
  order: DemoOrder;
  productId: string;
  gross: bigint;
  quantity: bigint;
}

interface Cell {
  gross: bigint;
  quantity: bigint;
  orders: Set<string>;
}

export function pathOf(world: World, regionId: string): string[] {
  const region = world.regions.find((r) => r.regionId === regionId);
  return region ? [...pathOf(world, region.parentId), regionId] : [];
}

function facts(world: World): Fact[] {
  return world.orders
    .filter((order) => !order.cancelled)
    .flatMap((order) =>
      order.lines.map((line) => {
        const quantity = BigInt(line.quantity - (line.closed ?? 0));
        return { order, productId: line.productId, gross: line.priceMinor * quantity, quantity };
      }),
    )
    .filter((fact) => fact.quantity > 0n);
}

function keyOf(world: World, fact: Fact, dimension: SalesDimension, request: QuerySalesRequest) {
  const product = world.products.find((p) => p.productId === fact.productId);
  const dealer = world.dealers.find((d) => d.dealerId === fact.order.dealerId);
  switch (dimension) {
    case SalesDimension.PERIOD: {
      const id = periodStart(fact.order.date, request.grain || Grain.DAY);
      return { dimension, id, name: id };
    }
    case SalesDimension.REGION: {
      const path = pathOf(world, dealer?.regionId ?? "");
      const filter = request.filters.find((f) => f.dimension === dimension)?.ids[0] ?? "root";
      const id = path[path.indexOf(filter) + 1] ?? filter;
      return { dimension, id, name: world.regions.find((r) => r.regionId === id)?.name ?? id };
    }
    case SalesDimension.DEALER:
      return { dimension, id: dealer?.dealerId ?? "", name: dealer?.name ?? "" };
    case SalesDimension.CATEGORY:
      return { dimension, id: product?.category[0] ?? "", name: product?.category[0] ?? "" };
    case SalesDimension.PRODUCT:
      return { dimension, id: fact.productId, name: product?.name ?? "" };
    default:
      return { dimension, id: fact.order.orderId, name: fact.order.orderId };
  }
}

function passes(world: World, fact: Fact, request: QuerySalesRequest): boolean {
  return request.filters.every((filter) => {
    if (filter.dimension === SalesDimension.REGION) {
      const dealer = world.dealers.find((d) => d.dealerId === fact.order.dealerId);
      return pathOf(world, dealer?.regionId ?? "").some((id) => filter.ids.includes(id));
    }
    return filter.ids.includes(keyOf(world, fact, filter.dimension, request).id);
  });
}

function within(fact: Fact, dates: Partial<Dates>): boolean {
  return (!dates.from || fact.order.date >= dates.from) && (!dates.to || fact.order.date <= dates.to);
}

function add(cell: Cell | undefined, fact: Fact): Cell {
  const next = cell ?? { gross: 0n, quantity: 0n, orders: new Set<string>() };
  next.gross += fact.gross;
  next.quantity += fact.quantity;
  next.orders.add(fact.order.orderId);
  return next;
}

function figures(cell: Cell | undefined) {
  const orders = BigInt(cell?.orders.size ?? 0);
  return {
    grossMinor: cell?.gross ?? 0n,
    quantity: cell?.quantity ?? 0n,
    orders,
    averageOrderMinor: orders > 0n ? roundedDivision(cell?.gross ?? 0n, orders) : 0n,
  };
}

function measured(cell: Cell, measure: SalesMeasure): bigint {
  const f = figures(cell);
  if (measure === SalesMeasure.QUANTITY) return f.quantity;
  if (measure === SalesMeasure.ORDERS) return f.orders;
  if (measure === SalesMeasure.AVERAGE_ORDER) return f.averageOrderMinor;
  return f.grossMinor;
}

function comparedDates(request: QuerySalesRequest): Dates | undefined {
  const { fromDate: from, toDate: to, comparison } = request;
  if (!from || !to || !comparison) return undefined;
  if (comparison === Comparison.PREVIOUS_YEAR) {
    const back = (date: string) => `${Number(date.slice(0, 4)) - 1}${date.slice(4)}`;
    return { from: back(from), to: back(to) };
  }
  const month = monthOf(from);
  if (month.from === from && month.to === to) return monthOf(fromDay(toDay(from) - 1));
  const days = toDay(to) - toDay(from) + 1;
  return { from: fromDay(toDay(from) - days), to: fromDay(toDay(from) - 1) };
}

export function querySales(world: World, request: QuerySalesRequest) {
  const all = facts(world).filter((fact) => passes(world, fact, request));
  const now = all.filter((fact) => within(fact, { from: request.fromDate, to: request.toDate }));
  const compared = comparedDates(request);
  const before = compared ? all.filter((fact) => within(fact, compared)) : [];
  const group = (facts: Fact[]) => {
    const cells = new Map<string, { keys: ReturnType<typeof keyOf>[]; cell: Cell }>();
    for (const fact of facts) {
      const keys = request.dimensions.map((d) => keyOf(world, fact, d, request));
      const id = keys.map((key) => key.id).join("/");
      cells.set(id, { keys, cell: add(cells.get(id)?.cell, fact) });
    }
    return cells;
  };
  const cells = group(now);
  const earlier = request.dimensions.includes(SalesDimension.PERIOD) ? new Map() : group(before);
  const sorted = [...cells].sort(([a, x], [b, y]) => {
    if (request.dimensions[0] === SalesDimension.PERIOD) return a < b ? -1 : 1;
    const order = measured(x.cell, request.orderBy) < measured(y.cell, request.orderBy) ? 1 : -1;
    return request.ascending ? -order : order;
  });
  const dates = all.map((fact) => fact.order.date).sort();
  const rows = request.dimensions.length === 0 ? [] : sorted;
  return {
    rows: rows.slice(0, request.limit || 1_000).map(([id, { keys, cell }]) => ({
      keys,
      figures: figures(cell),
      ...(compared && !request.dimensions.includes(SalesDimension.PERIOD) && { compared: figures(earlier.get(id)?.cell) }),
    })),
    total: {
      figures: figures(now.reduce<Cell | undefined>(add, undefined)),
      ...(compared && { compared: figures(before.reduce<Cell | undefined>(add, undefined)) }),
    },
    rowCount: BigInt(rows.length),
    currencyCode: "USD",
    firstDate: dates[0] ?? "",
    lastDate: dates.at(-1) ?? "",
    comparedFromDate: compared?.from ?? "",
    comparedToDate: compared?.to ?? "",
  };
}
