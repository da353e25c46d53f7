// Which list of the made-up brand gives a dealer its price.
import { Code, ConnectError } from "@connectrpc/connect";
import { PriceListVerdict } from "../gen/qudao/order/v1/price_list_service_pb";
import { closeness, countsOn, notFor } from "./buyers";
import { beginning, tariffOn, type DemoList, type DemoTariff } from "./price-lists";
import type { DemoDealer, World } from "./world";

const BASE = "base";
/** More than any rank. */
const RANKS = 10_000;

export interface Found {
  list: DemoList;
  tariff: DemoTariff;
}

/** A list and why it does not count; undefined when it does. */
export type Looked = [DemoList, PriceListVerdict | undefined];

export function demoPrices(world: World) {
  const lists = beginning(world);
  const find = (id: string) => {
    const list = lists.find(({ priceListId }) => priceListId === id);
    if (!list) throw new ConnectError("no such price list", Code.NotFound);
    return list;
  };
  const why = ({ placement }: DemoList, dealer: DemoDealer | undefined, day: string) => {
    if (!placement || !countsOn(placement, day)) return PriceListVerdict.DAY;
    return dealer ? notFor(world, dealer, placement.audience) : PriceListVerdict.DEALER;
  };
  /** Lists in the order in which they are looked at. */
  const looked = (dealer: DemoDealer | undefined, day: string): Looked[] => {
    const place = ({ placement }: DemoList) => closeness(placement?.audience) * RANKS + (placement?.rank ?? 0);
    const placed = lists.filter(({ priceListId, placement }) => placement && priceListId !== BASE);
    const own = placed.sort((a, b) => place(a) - place(b)).map((list): Looked => [list, why(list, dealer, day)]);
    return [...own, [find(BASE), undefined]];
  };
  /** The first list that has a price. */
  const priced = (dealer: DemoDealer | undefined, productId: string, day: string): Found | undefined => {
    for (const [list, not] of looked(dealer, day)) {
      const tariff = tariffOn(list.prices.get(productId), day);
      if (not === undefined && tariff) return { list, tariff };
    }
    return undefined;
  };
  return { lists, find, looked, priced, base: () => find(BASE) };
}

export type DemoPrices = ReturnType<typeof demoPrices>;
