// Products, price lists, prices and stock. What can be imported has the headers that an import knows.
import { daysWords } from "../../audience/words";
import type { ListedPrice, PriceList } from "../../gen/qudao/order/v1/catalogue_query_service_pb";
import type { Product } from "../../gen/qudao/order/v1/order_query_service_pb";
import type { PriceBreak } from "../../gen/qudao/order/v1/price_list_service_pb";
import type { StockItem, WarehouseStock } from "../../gen/qudao/order/v1/stock_query_service_pb";
import { BASE } from "../../prices/words";
import { taxWords } from "../../products/tax-words";
import { decimalOf, money, whole, type Sheet, type SheetWords } from "../cells";

/** `10=11.11; 50=10.50`, as it is typed into a file. */
export function breaksText(breaks: Pick<PriceBreak, "fromQuantity" | "unitPriceMinor">[], currency: string): string {
  return breaks.map(({ fromQuantity, unitPriceMinor }) => `${fromQuantity}=${decimalOf(unitPriceMinor, currency)}`).join("; ");
}

const yes = (is: boolean, { t }: SheetWords) => (is ? t("sheet.yes") : "");

/** `dealer`: to people of a dealer, who are told neither floors nor more than they can order. */
export const productsSheet = (dealer: boolean): Sheet<Product> => ({
  columns: (words) => [
    { title: words.t("sheet.productId"), cell: (p) => p.productId },
    { title: words.t("sheet.productName"), cell: (p) => p.name },
    { title: words.t("sheet.category"), cell: (p) => p.categoryPath.join(" › ") },
    { title: words.t("sheet.baseUnit"), cell: (p) => p.baseUnit },
    { title: words.t("sheet.packagings"), cell: (p) => p.packagings.map(({ unit, baseQuantity }) => `${unit}=${baseQuantity}`).join("; ") },
    { title: words.t("sheet.barcodes"), cell: (p) => p.barcodes.map(({ unit, barcode }) => `${unit}=${barcode}`).join("; ") },
    { title: words.t("sheet.brand"), cell: (p) => p.brand },
    { title: words.t("sheet.series"), cell: (p) => p.series },
    { title: words.t("sheet.shelfLife"), cell: (p) => whole(p.shelfLifeDays || undefined) },
    { title: words.t("sheet.tax"), cell: (p) => taxWords(p.tax, words.t) },
    { title: words.t("sheet.unitPrice"), cell: (p) => money(p.unitPriceMinor, p.currencyCode) },
    { title: words.t("sheet.breaks"), cell: (p) => breaksText(p.breaks, p.currencyCode) },
    ...(dealer ? [] : [{ title: words.t("products.floor"), cell: (p: Product) => money(p.floorPriceMinor, p.currencyCode) }]),
    { title: words.t("currency.label"), cell: (p) => p.currencyCode },
    { title: words.t("products.available"), cell: (p) => whole(p.available) },
    ...(dealer ? [] : [{ title: words.t("products.retired"), cell: (p: Product) => yes(p.retired, words) }]),
  ],
});

export const priceListsSheet: Sheet<PriceList> = {
  columns: ({ t }) => [
    { title: t("prices.id"), cell: (list) => list.priceListId },
    { title: t("prices.name"), cell: (list) => list.name },
    { title: t("currency.label"), cell: (list) => list.currencyCode },
    { title: t("prices.products"), cell: (list) => whole(list.productCount) },
    {
      title: t("days.title"),
      cell: ({ priceListId, placement }) => {
        if (priceListId === BASE) return t("prices.base.days");
        return placement ? daysWords(placement, t) : t("prices.notPlaced");
      },
    },
  ],
};

/** Of one list, which has one currency. */
export const pricesSheet = (currency: string): Sheet<ListedPrice> => ({
  columns: ({ t }) => [
    { title: t("sheet.productId"), cell: (p) => p.productId },
    { title: t("sheet.productName"), cell: (p) => p.productName },
    { title: t("sheet.baseUnit"), cell: (p) => p.baseUnit },
    { title: t("sheet.unitPrice"), cell: (p) => money(p.unitPriceMinor, currency) },
    { title: t("sheet.breaks"), cell: (p) => breaksText(p.breaks, currency) },
    { title: t("currency.label"), cell: () => currency },
    {
      title: t("prices.announced"),
      cell: (p) => p.announced.map((one) => t("prices.announced.on", { day: one.effectiveOn, price: decimalOf(one.unitPriceMinor, currency) })).join("; "),
    },
    { title: t("products.floor"), cell: (p) => money(p.floorPriceMinor, currency) },
  ],
});

interface StockLine {
  item: StockItem;
  there: WarehouseStock;
}

/** A row for each warehouse, so that it can be counted and brought back. */
export const stockSheet: Sheet<StockItem, StockLine> = {
  lines: (item) => item.warehouses.map((there) => ({ item, there })),
  columns: (words) => [
    { title: words.t("sheet.warehouseId"), cell: ({ there }) => there.warehouseId },
    { title: words.t("sheet.productId"), cell: ({ item }) => item.productId },
    { title: words.t("sheet.productName"), cell: ({ item }) => item.productName },
    { title: words.t("sheet.baseUnit"), cell: ({ item }) => item.baseUnit },
    { title: words.t("stock.onHand"), cell: ({ there }) => whole(there.onHand) },
    { title: words.t("stock.reserved"), cell: ({ there }) => whole(there.reserved) },
    { title: words.t("sheet.availableOfAll"), cell: ({ item }) => whole(item.available) },
    { title: words.t("stock.changed"), cell: ({ item }) => words.time(item.changedAt) },
  ],
};
