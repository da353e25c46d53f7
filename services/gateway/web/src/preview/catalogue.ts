// Prices and the visible range of the made-up brand. What a dealer sees and pays is worked out as far
// as it takes to look at the pages; the real rules are the server's.
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { AssortmentService, AssortmentTermsSchema } from "../gen/qudao/order/v1/assortment_service_pb";
import { CatalogueQueryService } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import type { ListProductsRequest } from "../gen/qudao/order/v1/order_query_service_pb";
import { PriceListService, PriceListVerdict, Visibility, type ExplainPriceRequest } from "../gen/qudao/order/v1/price_list_service_pb";
import { pathOf } from "./cube";
import { demoPrices, type Looked } from "./price-chain";
import { priceCommands } from "./price-commands";
import { priceOf, tariffOn } from "./price-lists";
import { demoRange } from "./range";
import { paged, productRows } from "./rows";
import type { World } from "./world";

export type DemoCatalogue = ReturnType<typeof demoCatalogue>;

const CURRENCY = "USD";
const today = () => new Date().toISOString().slice(0, 10);
const has = (search: string, ...texts: string[]) => texts.join(" ").toLowerCase().includes(search.toLowerCase());

export function demoCatalogue(world: World, fresh: () => object, moved: () => void) {
  const prices = demoPrices(world);
  const range = demoRange(world);
  const dealerOf = (id: string) => world.dealers.find(({ dealerId }) => dealerId === id);
  const productOf = (id: string) => world.products.find(({ productId }) => productId === id);
  const done = (objectId: string) => {
    world.position += 1n;
    moved();
    return { receipt: { objectId, version: world.position, position: world.position } };
  };

  const products = ({ search, dealerId, productIds, names }: ListProductsRequest) => {
    const dealer = dealerOf(dealerId);
    const called = names.map((name) => name.toLowerCase());
    const isWanted = ({ productId, name }: { productId: string; name: string }) =>
      productIds.length + called.length === 0 || productIds.includes(productId) || called.includes(name.toLowerCase());
    const rows = productRows(world, search).filter(isWanted).map(({ unitPriceMinor: _, ...row }) => {
      const found = prices.priced(dealer, row.productId, today());
      const floor = prices.base().prices.get(row.productId)?.floorPriceMinor;
      return { ...row, ...found?.tariff, priceListId: found?.list.priceListId ?? "", ...(floor && { floorPriceMinor: floor }) };
    });
    if (!dealer) return rows;
    const sees = (id: string) => {
      const product = productOf(id);
      return product !== undefined && range.look(dealer, product, today()).visibility === Visibility.VISIBLE;
    };
    return rows.filter((row) => !row.retired && row.priceListId !== "" && sees(row.productId));
  };
  const priceAt = (dealerId: string, productId: string, quantity: number): bigint => {
    const found = prices.priced(dealerOf(dealerId), productId, today());
    return found ? priceOf(found.tariff, quantity) : 0n;
  };

  const explain = ({ dealerId, productId, quantity, onDate }: ExplainPriceRequest) => {
    const dealer = dealerOf(dealerId);
    const product = productOf(productId);
    if (!dealer || !product) throw new ConnectError("no such dealer or product", Code.NotFound);
    const day = onDate || today();
    const found = prices.priced(dealer, productId, day);
    const nextBreak = found?.tariff.breaks.find(({ fromQuantity }) => fromQuantity > quantity);
    const tried = ([list, not]: Looked) => {
      const own = tariffOn(list.prices.get(productId), day);
      const usual = own ? PriceListVerdict.LATER : PriceListVerdict.NO_PRICE;
      const verdict = not ?? (list === found?.list ? PriceListVerdict.USED : usual);
      return { priceListId: list.priceListId, name: list.name, verdict, ...(own && { unitPriceMinor: priceOf(own, quantity) }) };
    };
    return {
      ...range.look(dealer, product, day),
      currencyCode: CURRENCY,
      priceListId: found?.list.priceListId ?? "",
      priceLists: prices.looked(dealer, day).map(tried),
      levelId: dealer.levelId,
      channelId: dealer.channelId,
      regionIds: pathOf(world, dealer.regionId),
      ...(found && { unitPriceMinor: priceOf(found.tariff, quantity) }),
      ...(nextBreak && { nextBreak }),
    };
  };

  const serve = ({ service }: ConnectRouter) => {
    service(CatalogueQueryService, {
      listPriceLists: ({ search, page }) => {
        const found = prices.lists.filter((list) => has(search, list.name, list.priceListId));
        const told = found.map(({ prices: own, ...rest }) => ({ ...rest, productCount: own.size }));
        return { ...paged("priceLists", told, page), freshness: fresh() };
      },
      listPrices: ({ priceListId, search, page }) => {
        const rows = [...prices.find(priceListId).prices].map(([productId, { now, ...rest }]) => ({
          productId, productName: productOf(productId)?.name ?? "", baseUnit: "ea", ...now, ...rest,
        }));
        return { ...paged("prices", rows.filter((row) => has(search, row.productName, row.productId)), page), freshness: fresh() };
      },
      listAssortmentRules: ({ search, page }) => {
        const found = range.rules().filter(({ ruleId, terms }) => has(search, terms.name, ruleId));
        return { ...paged("rules", found, page), freshness: fresh() };
      },
    });
    service(AssortmentService, {
      setAssortmentRule: ({ ruleId, terms = create(AssortmentTermsSchema) }) => {
        range.set({ ruleId, terms });
        return done(ruleId);
      },
      removeAssortmentRule: ({ ruleId }) => {
        range.remove(ruleId);
        return done(ruleId);
      },
    });
    service(PriceListService, { ...priceCommands(prices, today, done), explainPrice: explain });
  };
  return { products, priceAt, serve };
}
