// Products: those that are new are published, those that are there get the name of the file.
import { createClient } from "@connectrpc/connect";
import type { Clients } from "../api/clients";
import { OrderQueryService, type Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { ProductService } from "../gen/qudao/order/v1/product_service_pb";
import type { Key } from "../i18n/i18n";
import { detailsForm } from "../products/details-form";
import { knownProducts } from "../products/find-products";
import { gtinProblem, plainGtin } from "../products/gtin";
import { taxOf } from "../products/tax-words";
import { pairsOf, pathOf, plainNumber, type Cells, type Problem } from "./fields";
import type { ImportColumn, ImportKind, Step } from "./kind";
import { uuidOf } from "./uuid";

const COLUMNS: ImportColumn[] = [
  { key: "product_id", title: "sheet.productId", needed: true, also: ["编号", "货号", "SKU", "id"], example: "tea-500" },
  { key: "name", title: "sheet.productName", needed: true, also: ["名称", "商品", "品名", "product"], example: "冰红茶 500ml" },
  { key: "category", title: "sheet.category", needed: "new", also: ["分类", "类别", "category_path"], example: "饮料 › 茶饮" },
  { key: "base_unit", title: "sheet.baseUnit", needed: "new", also: ["单位", "unit"], example: "瓶" },
  { key: "packagings", title: "sheet.packagings", needed: false, also: ["包装规格", "packaging"], example: "提=6; 箱=24" },
  { key: "barcodes", title: "sheet.barcodes", needed: false, also: ["商品条码", "EAN", "GTIN", "barcode"], example: "瓶=2000000000015; 箱=12000000000012" },
  { key: "brand", title: "sheet.brand", needed: false, also: ["brand"], example: "清泉" },
  { key: "series", title: "sheet.series", needed: false, also: ["series"], example: "茶饮" },
  { key: "shelf_life", title: "sheet.shelfLife", needed: false, also: ["保质期", "shelf_life_days"], example: "365" },
  { key: "storage", title: "sheet.storage", needed: false, also: ["储存", "storage"], example: "阴凉干燥处" },
  { key: "description", title: "sheet.description", needed: false, also: ["商品介绍", "description"], example: "柠檬红茶" },
  { key: "tax", title: "sheet.tax", needed: false, also: ["税率%", "VAT", "tax"], example: "13%" },
];

const [MOST_BRAND, MOST_DAYS, MOST_STORAGE, MOST_DESCRIPTION] = [50, 36_500, 200, 2_000];
const [MOST_NAME, MOST_UNIT, MOST_CATEGORY, MOST_DEPTH, MOST_PACKAGINGS, MOST_IN_ONE] = [100, 20, 50, 4, 10, 1_000_000];

interface Packaging {
  unit: string;
  baseQuantity: number;
}

export interface ProductItem {
  productId: string;
  name: string;
  /** Empty: the file says nothing about it. */
  categoryPath: string[];
  baseUnit: string;
  packagings: Packaging[];
  /** Of which units the file names a barcode. */
  barcodes?: UnitBarcode[];
  details?: Details;
  tax?: { ratePpm: number; exempt: boolean };
}

interface UnitBarcode {
  unit: string;
  barcode: string;
}

/** What the file says of it besides; what is not there stays. */
interface Details {
  brand?: string;
  series?: string;
  shelfLifeDays?: number;
  storage?: string;
  description?: string;
}

function barcodesOf(cells: Cells): UnitBarcode[] {
  const pairs = pairsOf(cells.raw("barcodes"));
  if (!pairs) cells.wrong("import.bad.barcodes");
  const codes = (pairs ?? []).map(([unit, code]) => ({ unit, barcode: plainGtin(code) }));
  for (const { barcode } of codes) {
    if (barcode === "" || gtinProblem(barcode)) cells.wrong("import.bad.gtin", { values: { code: barcode } });
  }
  return codes;
}

function detailsOf(cells: Cells): Details | undefined {
  const text = (column: string, field: Key, most: number) => cells.text(column, field, most, 0) || undefined;
  const told = {
    brand: text("brand", "sheet.brand", MOST_BRAND),
    series: text("series", "sheet.series", MOST_BRAND),
    shelfLifeDays: cells.whole("shelf_life", "sheet.shelfLife", 1, MOST_DAYS),
    storage: text("storage", "sheet.storage", MOST_STORAGE),
    description: text("description", "sheet.description", MOST_DESCRIPTION),
  };
  const known = Object.entries(told).filter(([, value]) => value !== undefined);
  return known.length > 0 ? Object.fromEntries(known) : undefined;
}

function packagingsOf(cells: Cells): Packaging[] {
  const pairs = pairsOf(cells.raw("packagings"));
  const packagings = (pairs ?? []).map(([unit, count]) => ({ unit, baseQuantity: Number(plainNumber(count) ?? Number.NaN) }));
  const bad = packagings.some(
    ({ unit, baseQuantity }) => [...unit].length > MOST_UNIT || !Number.isInteger(baseQuantity) || baseQuantity < 2 || baseQuantity > MOST_IN_ONE,
  );
  const names = new Set([cells.raw("base_unit"), ...packagings.map(({ unit }) => unit)]);
  if (!pairs || bad || packagings.length > MOST_PACKAGINGS) cells.wrong("import.bad.packagings");
  else if (names.size <= packagings.length) cells.wrong("import.bad.unitTwice");
  return packagings;
}

function read(cells: Cells): ProductItem {
  const categoryPath = pathOf(cells.raw("category"));
  if (categoryPath.length > MOST_DEPTH || categoryPath.some((name) => [...name].length > MOST_CATEGORY)) cells.wrong("import.bad.category");
  const details = detailsOf(cells);
  const tax = cells.raw("tax") === "" ? undefined : taxOf(cells.raw("tax"));
  if (cells.raw("tax") !== "" && !tax) cells.wrong("import.bad.tax");
  return {
    productId: cells.id("product_id", "sheet.productId"),
    name: cells.text("name", "sheet.productName", MOST_NAME),
    categoryPath,
    baseUnit: cells.text("base_unit", "sheet.baseUnit", MOST_UNIT, 0),
    packagings: packagingsOf(cells),
    ...(cells.raw("barcodes") !== "" && { barcodes: barcodesOf(cells) }),
    ...(details && { details }),
    ...(tax && { tax }),
  };
}

const same = (mine: unknown, theirs: unknown) => JSON.stringify(mine) === JSON.stringify(theirs);

const packs = (all: Packaging[]) =>
  all.map(({ unit, baseQuantity }) => `${unit}=${baseQuantity}`).sort();

const codes = (all: UnitBarcode[]) => all.map(({ unit, barcode }) => `${unit}=${barcode}`).sort();

/** What the file says of a product that is there, and no command can make so. */
function fixed(item: ProductItem, product: Product): Problem[] {
  const problems: Problem[] = [];
  if (product.retired) problems.push({ words: "import.bad.retired" });
  const category = item.categoryPath.length > 0 && !same(item.categoryPath, product.categoryPath);
  const unit = item.baseUnit !== "" && item.baseUnit !== product.baseUnit;
  if (category || unit) problems.push({ words: "import.bad.nameOnly" });
  return problems;
}

type Clientele = Pick<Clients, "transport">;
type Send = Extract<Step, { kind: "send" }>["send"];

/** A command, by a name that tells it from the others of its row. */
interface Part {
  name: string;
  body: object;
  send: Send;
}

/** How it is packed and marked, if the file says so and it is not so. */
function packing(item: ProductItem, before: { packagings: Packaging[]; barcodes: UnitBarcode[] }, clients: Clientele): Part[] {
  const packagings = item.packagings.length > 0 ? item.packagings : before.packagings.map(({ unit, baseQuantity }) => ({ unit, baseQuantity }));
  const told = item.barcodes ?? [];
  const barcodes = told.length > 0 ? told : before.barcodes.map(({ unit, barcode }) => ({ unit, barcode }));
  if (same(packs(packagings), packs(before.packagings)) && same(codes(barcodes), codes(before.barcodes))) return [];
  const body = { productId: item.productId, packagings, barcodes };
  const service = createClient(ProductService, clients.transport);
  return [{ name: "package", body, send: (requestId) => service.packageProduct({ ...body, requestId }) }];
}

/** What else is told of it; texts that lists do not tell are told again, which changes nothing. */
function describing(item: ProductItem, before: Product | undefined, clients: Clientele): Part[] {
  const { description, ...told } = item.details ?? {};
  const known = before && { brand: before.brand, series: before.series, shelfLifeDays: before.shelfLifeDays };
  const news = Object.entries(told).some(([key, value]) => key === "storage" || value !== known?.[key as keyof typeof known]);
  if (!news && description === undefined) return [];
  const texts = description === undefined ? {} : /\p{Script=Han}/u.test(description) ? { descriptionZh: description } : { descriptionEn: description };
  const send: Send = async (requestId) => {
    const lists = createClient(OrderQueryService, clients.transport);
    const service = createClient(ProductService, clients.transport);
    const there = before ? detailsForm(await lists.getProduct({ productId: item.productId })) : {};
    return service.describeProduct({ ...there, ...told, ...texts, productId: item.productId, requestId });
  };
  return [{ name: "describe", body: { ...told, ...texts }, send }];
}

function taxing({ productId, tax }: ProductItem, before: Product | undefined, clients: Clientele): Part[] {
  const now = before?.tax && { ratePpm: before.tax.ratePpm, exempt: before.tax.exempt };
  if (!tax || same(tax, now)) return [];
  const service = createClient(ProductService, clients.transport);
  const body = { productId, tax };
  return [{ name: "tax", body, send: (requestId) => service.setProductTax({ ...body, requestId }) }];
}

/** One after the other; the answer is that of the last one. */
function all(parts: Part[]): Send {
  return async (requestId) => {
    let told: Awaited<ReturnType<Send>> = {};
    for (const [index, { name, send }] of parts.entries()) {
      told = await send(index === 0 ? requestId : await uuidOf(`${requestId}/${name}`));
    }
    return told;
  };
}

export function productStep(item: ProductItem, product: Product | undefined, clients: Clientele): Step {
  const { productId, name, categoryPath, baseUnit, packagings } = item;
  const service = createClient(ProductService, clients.transport);
  const problems = product ? fixed(item, product) : missing(item);
  if (problems.length > 0) return { kind: "bad", problems };
  const rest = [...packing(item, product ?? { packagings, barcodes: [] }, clients), ...describing(item, product, clients), ...taxing(item, product, clients)];
  if (!product) {
    const body = { productId, name, categoryPath, baseUnit, packagings };
    const publish = { name: "publish", body, send: (requestId: string) => service.publishProduct({ ...body, requestId }) };
    return { kind: "send", words: "import.will.publish", body: { publish: item }, send: all([publish, ...rest]) };
  }
  const body = { productId, name };
  const rename = { name: "rename", body, send: (requestId: string) => service.renameProduct({ ...body, requestId }) };
  const parts = product.name === name ? rest : [rename, ...rest];
  if (parts.length === 0) return { kind: "same" };
  const bodies = Object.fromEntries(parts.map((part) => [part.name, part.body]));
  if (product.name === name) return { kind: "send", words: "import.will.details", body: bodies, send: all(parts) };
  return { kind: "send", words: "import.will.rename", values: { before: product.name }, body: bodies, send: all(parts) };
}

/** What a new product needs. */
function missing({ categoryPath, baseUnit }: ProductItem): Problem[] {
  const problems: Problem[] = [];
  if (categoryPath.length === 0) problems.push({ words: "import.bad.missing", field: "sheet.category" });
  if (baseUnit === "") problems.push({ words: "import.bad.missing", field: "sheet.baseUnit" });
  return problems;
}

export function productsImport(clients: Clients): ImportKind<ProductItem> {
  return {
    title: "import.products",
    note: "import.products.note",
    columns: COLUMNS,
    read,
    once: ({ productId }) => productId,
    look: async (items, signal) => {
      const { products, position } = await knownProducts(clients.orders, items.map(({ productId }) => productId), signal);
      return { position, stepOf: (item) => productStep(item, products.get(item.productId), clients) };
    },
  };
}
