// A made-up brand for looking at the pages without a gateway: the same numbers on every start.
import { fromDay, toDay } from "../format/period";
import type { OrderPayment } from "../gen/qudao/order/v1/order_service_pb";

export interface DemoLine {
  productId: string;
  quantity: number;
  priceMinor: bigint;
  shipped: number;
  received: number;
  /** Of the quantity: will not come. */
  closed?: number;
  /** Did not arrive as they were shipped. */
  disputed?: number;
  /** In open after-sale cases, and settled by others. */
  claimed?: number;
  settled?: number;
}

export interface DemoEvent {
  type: string;
  zh: string;
  en: string;
  at: string;
  payload: string;
  changes: { path: string; beforeJson: string; afterJson: string }[];
}

export interface DemoOrder {
  /** Else what the brand sells in. */
  currency?: string;
  orderId: string;
  dealerId: string;
  date: string;
  submittedAt: string;
  lines: DemoLine[];
  confirmed: boolean;
  cancelled: string;
  /** Why its rest does not come. */
  closedShort?: string;
  rating?: { goods: number; service: number; comment: string };
  note: string;
  /** Absent of orders that were paid elsewhere. */
  payment?: OrderPayment;
  events: DemoEvent[];
}

export interface DemoProduct {
  productId: string;
  name: string;
  category: string[];
  priceMinor: bigint;
}

export interface DemoDealer {
  dealerId: string;
  name: string;
  regionId: string;
  city: string;
  levelId: string;
  channelId: string;
  announced: { effectiveOn: string; levelId: string; channelId: string }[];
}

export interface DemoLevel {
  levelId: string;
  name: string;
}

export interface DemoChannel {
  channelId: string;
  name: string;
}

export interface DemoRegion {
  regionId: string;
  name: string;
  parentId: string;
}

export interface World {
  regions: DemoRegion[];
  dealers: DemoDealer[];
  levels: DemoLevel[];
  channels: DemoChannel[];
  products: DemoProduct[];
  orders: DemoOrder[];
  position: bigint;
  movedAt: string;
}

const TREE: Record<string, string[]> = {
  West: ["California", "Washington", "Oregon", "Nevada"],
  South: ["Texas", "Florida", "Georgia"],
  Midwest: ["Ohio", "Illinois", "Michigan"],
  Northeast: ["New York", "Pennsylvania", "Massachusetts"],
};

/** A small generator with a seed; Math.random would draw another picture every time. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}

function regionsOf(): DemoRegion[] {
  const regions = [{ regionId: "root", name: "全国", parentId: "" }];
  for (const [name, states] of Object.entries(TREE)) {
    const regionId = `us-${slug(name)}`;
    regions.push({ regionId, name, parentId: "root" });
    for (const state of states) regions.push({ regionId: `us-${slug(state)}`, name: state, parentId: regionId });
  }
  return regions;
}

export function demoWorld(): World {
  const roll = dice(2011);
  const regions = regionsOf();
  const states = regions.filter((region) => region.parentId !== "" && region.parentId !== "root");
  const dealers = Array.from({ length: 30 }, (_, i) => {
    const state = states[i % states.length] ?? { regionId: "root", name: "" };
    const name = `${["Ridge", "Valley", "Summit", "River", "Harbor"][i % 5]} Bicycles ${i + 1}`;
    // The first two are something, the others by turns, and some are nothing.
    const levelId = ["gold", "silver", ""][i % 3] ?? "";
    const channelId = ["shops", "online", "", ""][i % 4] ?? "";
    const announced = i === 1 ? [{ effectiveOn: "2027-01-01", levelId: "gold", channelId }] : [];
    return { dealerId: `dealer-${i + 1}`, name, regionId: state.regionId, city: `${state.name} City`, levelId, channelId, announced };
  });
  const levels = [{ levelId: "gold", name: "金牌" }, { levelId: "silver", name: "银牌" }];
  const channels = [{ channelId: "shops", name: "门店" }, { channelId: "online", name: "电商" }];
  const products = Array.from({ length: 97 }, (_, i) => {
    const mountain = i % 2 === 0;
    const name = `${["Jekyll", "Trigger", "Synapse", "Bad Habit", "Slice"][i % 5]} ${["Carbon", "Alloy"][i % 2]} ${(i % 7) + 1}-${i}`;
    return {
      productId: slug(name),
      name,
      category: mountain ? ["Mountain", "Trail"] : ["Road", "Endurance"],
      priceMinor: BigInt(41_500 + roll(900) * 1_000),
    };
  });
  const orders = Array.from({ length: 322 }, (_, i): DemoOrder => {
    const date = fromDay(toDay("2011-01-07") + Math.floor((i / 321) * 355));
    const lines = Array.from({ length: 1 + roll(5) }, (): DemoLine => {
      const product = products[Math.floor((roll(97) * (40 + roll(60))) / 100)];
      const quantity = 1 + roll(9);
      return {
        productId: product?.productId ?? "",
        quantity,
        priceMinor: product?.priceMinor ?? 0n,
        shipped: quantity,
        received: i < 300 ? quantity : 0,
      };
    });
    const unique = [...new Map(lines.map((line) => [line.productId, line])).values()];
    const order: DemoOrder = {
      orderId: `S-${10_001 + i}`,
      dealerId: dealers[Math.floor((roll(30) * (30 + roll(70))) / 100)]?.dealerId ?? "",
      date,
      submittedAt: `${date}T09:12:00Z`,
      lines: unique,
      confirmed: true,
      cancelled: "",
      note: i % 40 === 0 ? "Deliver before noon, please." : "",
      events: [],
    };
    record(order, "OrderSubmitted", `${order.dealerId} 提交了订单 ${order.orderId}，${unique.length} 个商品`, `${order.dealerId} submitted order ${order.orderId} with ${unique.length} products`, order.submittedAt);
    record(order, "OrderConfirmed", "订单审核通过", "The order was confirmed", order.submittedAt);
    return order;
  });
  return { regions, dealers, levels, channels, products, orders, position: 1_612n, movedAt: new Date().toISOString() };
}

export function record(order: DemoOrder, type: string, zh: string, en: string, at: string) {
  const lines = order.lines.map(({ productId, quantity, priceMinor }) => ({
    product_id: productId,
    quantity,
    unit_price_minor: Number(priceMinor),
  }));
  order.events.push({
    type,
    zh,
    en,
    at,
    payload: JSON.stringify({ type, order_id: order.orderId, dealer_id: order.dealerId, lines }),
    changes: [
      { path: "/status", beforeJson: order.events.length > 0 ? '"submitted"' : "", afterJson: `"${type.slice(5).toLowerCase()}"` },
      { path: "/version", beforeJson: String(order.events.length), afterJson: String(order.events.length + 1) },
    ],
  });
}
