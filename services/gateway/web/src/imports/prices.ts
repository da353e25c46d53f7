// Base prices of one list.
import { createClient, type Client, type Transport } from "@connectrpc/connect";
import { CatalogueQueryService, type ListedPrice, type PriceList } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { PriceListService } from "../gen/qudao/order/v1/price_list_service_pb";
import { basePriceOf, MOST_BREAKS, parsePrice, priceProblems, type PriceForm } from "../prices/price-form";
import { knownProducts } from "../products/find-products";
import { decimalOf } from "../tables/cells";
import { everyRow } from "../tables/every-row";
import { breaksText } from "../tables/sheets/goods";
import { pairsOf, plainNumber, type Cells } from "./fields";
import type { ImportColumn, ImportKind, Step } from "./kind";

const COLUMNS: ImportColumn[] = [
  { key: "product_id", title: "sheet.productId", needed: true, also: ["编号", "货号", "SKU", "id"], example: "tea-500" },
  { key: "unit_price", title: "sheet.unitPrice", needed: true, also: ["价格", "price"], example: "3.50" },
  { key: "breaks", title: "sheet.breaks", needed: false, also: ["阶梯价", "price breaks"], example: "10=3.40; 50=3.30" },
  { key: "currency", title: "currency.label", needed: false, also: ["货币", "currency_code"], example: "" },
  { key: "effective_on", title: "sheet.effectiveOn", needed: false, also: ["生效日", "effective date"], example: "2027-01-01" },
];

export interface PriceItem {
  productId: string;
  /** As a price is typed, with digits and a point alone. */
  form: PriceForm;
  /** The file has no column for other prices of larger quantities: those that are there stay. */
  keepBreaks: boolean;
}

const reader = (currency: string, today: string) => (cells: Cells): PriceItem => {
  const productId = cells.id("product_id", "sheet.productId");
  const price = plainNumber(cells.raw("unit_price")) ?? "";
  const pairs = pairsOf(cells.raw("breaks"));
  const breaks = (pairs ?? []).map(([from, at]) => ({ from: plainNumber(from) ?? "", price: plainNumber(at) ?? "" }));
  const effectiveOn = cells.day("effective_on", "sheet.effectiveOn");
  const told = cells.currency("currency", "currency.label");
  const form = { productId, price, breaks, effectiveOn };
  if (parsePrice(price, currency) === undefined) cells.wrong("import.bad.amount", { field: "sheet.unitPrice" });
  else if (!pairs || breaks.length > MOST_BREAKS || priceProblems(form, currency).size > (productId === "" ? 1 : 0)) cells.wrong("import.bad.breaks");
  if (told !== "" && told !== currency) cells.wrong("import.bad.otherCurrency", { values: { currency } });
  if (effectiveOn !== "" && effectiveOn < today) cells.wrong("import.bad.dayOver");
  return { productId, form, keepBreaks: !cells.has("breaks") };
};

interface Told {
  unitPriceMinor?: bigint;
  breaks: { fromQuantity: number; unitPriceMinor: bigint }[];
}

export function priceStep(item: PriceItem, now: ListedPrice | undefined, { priceListId, currencyCode }: PriceList, pricing: Client<typeof PriceListService>): Step {
  const sent = basePriceOf(item.form, currencyCode);
  const price = item.keepBreaks && now ? { ...sent, breaks: now.breaks.map(({ fromQuantity, unitPriceMinor }) => ({ fromQuantity, unitPriceMinor })) } : sent;
  const { effectiveOn } = item.form;
  const words = ({ unitPriceMinor, breaks }: Told) =>
    unitPriceMinor === undefined ? "" : [decimalOf(unitPriceMinor, currencyCode), breaksText(breaks, currencyCode)].filter(Boolean).join("; ");
  const [before, after] = [now ? words(now) : "", words(price)];
  if (before === after && effectiveOn === "") return { kind: "same" };
  const body = { priceListId, prices: [price], effectiveOn };
  const shown = effectiveOn ? `${after} (${effectiveOn})` : after;
  return {
    kind: "send",
    words: before ? "import.will.change" : "import.will.set",
    values: { before, after: shown },
    body,
    send: (requestId) => pricing.setBasePrices({ ...body, requestId }),
  };
}

export function pricesImport(transport: Transport, list: PriceList, today: string): ImportKind<PriceItem> {
  const catalogue = createClient(CatalogueQueryService, transport);
  const orders = createClient(OrderQueryService, transport);
  const pricing = createClient(PriceListService, transport);
  const { priceListId, currencyCode } = list;
  return {
    title: "import.prices",
    note: "import.prices.note",
    columns: COLUMNS,
    read: reader(currencyCode, today),
    // A product can have a price of today and announced ones.
    once: ({ productId, form }) => `${productId}/${form.effectiveOn}`,
    look: async (items, signal) => {
      const { products } = await knownProducts(orders, items.map(({ productId }) => productId), signal);
      const { rows, first } = await everyRow(
        (page, stop) => catalogue.listPrices({ priceListId, page }, { signal: stop }),
        ({ prices }) => prices,
        { signal, most: Infinity },
      );
      const listed = new Map(rows.map((price) => [price.productId, price]));
      return {
        position: first.freshness?.position ?? 0n,
        stepOf: (item) =>
          products.has(item.productId)
            ? priceStep(item, listed.get(item.productId), list, pricing)
            : { kind: "bad", problems: [{ words: "import.bad.noProduct", values: { id: item.productId } }] },
      };
    },
  };
}
