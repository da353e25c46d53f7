// Price lists of the made-up brand, and what there is on each.
import { create } from "@bufbuild/protobuf";
import { PriceListPlacementSchema, type PriceListPlacement } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { PriceBreakSchema, type PriceBreak } from "../gen/qudao/order/v1/price_list_service_pb";
import { productRows } from "./rows";
import type { World } from "./world";

export interface DemoTariff {
  unitPriceMinor: bigint;
  breaks: PriceBreak[];
}

export interface DemoPrice {
  now?: DemoTariff;
  announced: (DemoTariff & { effectiveOn: string })[];
  floorPriceMinor?: bigint;
}

export interface DemoList {
  priceListId: string;
  name: string;
  currencyCode: string;
  prices: Map<string, DemoPrice>;
  placement?: PriceListPlacement;
}

const off = (price: bigint, percent: bigint) => (price * (100n - percent)) / 100n;
const step = (fromQuantity: number, unitPriceMinor: bigint) => create(PriceBreakSchema, { fromQuantity, unitPriceMinor });

/** The price of a day, today or later. */
export function tariffOn(price: DemoPrice | undefined, day: string): DemoTariff | undefined {
  return price?.announced.filter(({ effectiveOn }) => effectiveOn <= day).at(-1) ?? price?.now;
}

export function priceOf({ unitPriceMinor, breaks }: DemoTariff, quantity: number): bigint {
  return breaks.findLast(({ fromQuantity }) => quantity >= fromQuantity)?.unitPriceMinor ?? unitPriceMinor;
}

export function beginning(world: World): DemoList[] {
  const priced = productRows(world, "").filter((row) => row.unitPriceMinor !== undefined);
  const list = (priceListId: string, name: string, rows: [string, DemoPrice][], placement?: DemoList["placement"]): DemoList => ({
    priceListId, name, currencyCode: "USD", prices: new Map(rows), ...(placement && { placement }),
  });
  const base = priced.map((row, i): [string, DemoPrice] => {
    const price = row.unitPriceMinor ?? 0n;
    const breaks = i % 3 === 0 ? [step(10, off(price, 5n)), step(50, off(price, 8n))] : [];
    return [row.productId, { now: { unitPriceMinor: price, breaks }, announced: [], ...(i % 5 === 0 && { floorPriceMinor: off(price, 20n) }) }];
  });
  const gold = base.slice(0, 40).map(([id, { now }], i): [string, DemoPrice] => {
    const price = off(now?.unitPriceMinor ?? 0n, 10n);
    const later = { effectiveOn: "2027-01-01", unitPriceMinor: off(price, 2n), breaks: [step(20, off(price, 4n))] };
    if (i === 2) return [id, { announced: [later] }];
    return [id, { now: { unitPriceMinor: price, breaks: i % 4 === 0 ? [step(10, off(price, 3n))] : [] }, announced: i === 1 ? [later] : [] }];
  });
  const west = base.slice(10, 30).map(([id, { now }]): [string, DemoPrice] => [
    id, { now: { unitPriceMinor: off(now?.unitPriceMinor ?? 0n, 4n), breaks: [] }, announced: [] },
  ]);
  return [
    list("base", "基准价", base),
    list("gold", "金牌价", gold, create(PriceListPlacementSchema, { from: "2026-06-01", audience: { levelIds: ["gold"], deniedDealerIds: ["dealer-7"] } })),
    list("west", "西部促进价", west, create(PriceListPlacementSchema, { from: "2026-09-01", until: "2027-03-31", rank: 5, audience: { regionIds: ["us-west"] } })),
    list("autumn", "双十一价", west.slice(0, 5), create(PriceListPlacementSchema, { from: "2026-11-01", until: "2026-11-12", audience: { channelIds: ["online"] } })),
    list("trial", "新品试销价", []),
  ];
}
