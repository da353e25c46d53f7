// What can be done with the price lists of the made-up brand.
import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { PriceListPlacementSchema } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import type { PriceListService } from "../gen/qudao/order/v1/price_list_service_pb";
import type { DemoPrices } from "./price-chain";
import type { DemoList, DemoPrice } from "./price-lists";

type Receipt = { receipt: { objectId: string; version: bigint; position: bigint } };

function change(list: DemoList, productId: string, to: (before: DemoPrice) => DemoPrice) {
  list.prices.set(productId, to(list.prices.get(productId) ?? { announced: [] }));
}

export function priceCommands(
  { lists, find }: DemoPrices,
  today: () => string,
  done: (objectId: string) => Receipt,
): Omit<ServiceImpl<typeof PriceListService>, "explainPrice"> {
  return {
    createPriceList: ({ priceListId, name, currencyCode }) => {
      lists.push({ priceListId, name, currencyCode, prices: new Map() });
      return done(priceListId);
    },
    setBasePrices: ({ priceListId, prices, effectiveOn }) => {
      const later = effectiveOn > today();
      for (const { productId, ...next } of prices) {
        const tariff = { unitPriceMinor: next.unitPriceMinor, breaks: next.breaks };
        const others = (price: DemoPrice) => price.announced.filter((one) => one.effectiveOn !== effectiveOn);
        change(find(priceListId), productId, (before) =>
          later ? { ...before, announced: [...others(before), { ...tariff, effectiveOn }] } : { ...before, now: tariff },
        );
      }
      return done(priceListId);
    },
    setFloorPrices: ({ priceListId, floors }) => {
      for (const { productId, floorPriceMinor } of floors) {
        change(find(priceListId), productId, ({ floorPriceMinor: _, ...rest }) => ({
          ...rest,
          ...(floorPriceMinor > 0n && { floorPriceMinor }),
        }));
      }
      return done(priceListId);
    },
    withdrawPrices: ({ priceListId, productIds }) => {
      for (const id of productIds) find(priceListId).prices.delete(id);
      return done(priceListId);
    },
    placePriceList: ({ priceListId, from, until, rank, audience }) => {
      find(priceListId).placement = create(PriceListPlacementSchema, { from, until, rank, ...(audience && { audience }) });
      return done(priceListId);
    },
    takeOutPriceList: ({ priceListId }) => {
      delete find(priceListId).placement;
      return done(priceListId);
    },
  };
}
