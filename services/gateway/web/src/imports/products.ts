// Products: those that are new are published, those that are there get the name of the file.
import { createClient, type Transport } from "@connectrpc/connect";
import { OrderQueryService, type GetProductResponse, type Product } from "../gen/qudao/order/v1/order_query_service_pb";
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

type Send = Extract<Step, { kind: "send" }>["send"];
type Answer = Awaited<ReturnType<Send>>;

/** A command, by a name that tells it from the others of its row. */
interface Part {
  name: string;
  body: object;
  /** What the row has done before was recorded up to a position. */
  send: (requestId: string, after: bigint) => Promise<Answer>;
}

/** What an answer was made of, and what goes out with a command that rests on it. */
interface Read {
  told: GetProductResponse;
  asked: { productId: string; expectedVersion: bigint; requestId: string };
}

/**
 * Reads a product right before the command that says all of something of it: what somebody else said
 * meanwhile stays, or the command is refused. Another state is another request, so a repeat is answered
 * as such however often the product has changed.
 */
async function onWhatIsThere(productId: string, [requestId, after]: Parameters<Part["send"]>, transport: Transport): Promise<Read> {
  const told = await createClient(OrderQueryService, transport).getProduct({ productId, minPosition: after });
  return { told, asked: { productId, expectedVersion: told.version, requestId: await uuidOf(`${requestId}/${told.version}`) } };
}

interface Packed {
  packagings: Packaging[];
  barcodes: UnitBarcode[];
}

/** How it is to be packed and marked: of what the file does not say, what is there stays. */
function packed(item: ProductItem, before: Packed): Packed {
  const told = item.barcodes ?? [];
  return {
    packagings: item.packagings.length > 0 ? item.packagings : before.packagings.map(({ unit, baseQuantity }) => ({ unit, baseQuantity })),
    barcodes: told.length > 0 ? told : before.barcodes.map(({ unit, barcode }) => ({ unit, barcode })),
  };
}

/** How it is packed and marked, if the file says so and it is not so. */
function packing(item: ProductItem, before: Product | undefined, transport: Transport): Part[] {
  const known: Packed = before ?? { packagings: item.packagings, barcodes: [] };
  const wanted = packed(item, known);
  if (same(packs(wanted.packagings), packs(known.packagings)) && same(codes(wanted.barcodes), codes(known.barcodes))) return [];
  const { productId } = item;
  const service = createClient(ProductService, transport);
  const send: Part["send"] = async (...way) => {
    if (!before) return service.packageProduct({ ...wanted, productId, requestId: way[0] });
    const { told, asked } = await onWhatIsThere(productId, way, transport);
    return service.packageProduct({ ...packed(item, told.product ?? before), ...asked });
  };
  return [{ name: "package", body: { productId, ...wanted }, send }];
}

/** What else is told of it; texts that lists do not tell are told again, which changes nothing. */
function describing(item: ProductItem, before: Product | undefined, transport: Transport): Part[] {
  const { description, ...told } = item.details ?? {};
  const known = before && { brand: before.brand, series: before.series, shelfLifeDays: before.shelfLifeDays };
  const news = Object.entries(told).some(([key, value]) => key === "storage" || value !== known?.[key as keyof typeof known]);
  if (!news && description === undefined) return [];
  const texts = description === undefined ? {} : /\p{Script=Han}/u.test(description) ? { descriptionZh: description } : { descriptionEn: description };
  const { productId } = item;
  const service = createClient(ProductService, transport);
  const send: Part["send"] = async (...way) => {
    if (!before) return service.describeProduct({ ...told, ...texts, productId, requestId: way[0] });
    const there = await onWhatIsThere(productId, way, transport);
    return service.describeProduct({ ...detailsForm(there.told), ...told, ...texts, ...there.asked });
  };
  return [{ name: "describe", body: { ...told, ...texts }, send }];
}

function taxing({ productId, tax }: ProductItem, before: Product | undefined, transport: Transport): Part[] {
  const now = before?.tax && { ratePpm: before.tax.ratePpm, exempt: before.tax.exempt };
  if (!tax || same(tax, now)) return [];
  const service = createClient(ProductService, transport);
  const body = { productId, tax };
  return [{ name: "tax", body, send: (requestId) => service.setProductTax({ ...body, requestId }) }];
}

/** One after the other; the answer is that of the last one. */
function all(parts: Part[]): Send {
  return async (requestId) => {
    let told: Answer = {};
    for (const [index, { name, send }] of parts.entries()) {
      told = await send(index === 0 ? requestId : await uuidOf(`${requestId}/${name}`), told.receipt?.position ?? 0n);
    }
    return told;
  };
}

export function productStep(item: ProductItem, product: Product | undefined, transport: Transport): Step {
  const { productId, name, categoryPath, baseUnit, packagings } = item;
  const service = createClient(ProductService, transport);
  const problems = product ? fixed(item, product) : missing(item);
  if (problems.length > 0) return { kind: "bad", problems };
  const rest = [...packing(item, product, transport), ...describing(item, product, transport), ...taxing(item, product, transport)];
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

export function productsImport(transport: Transport): ImportKind<ProductItem> {
  return {
    title: "import.products",
    note: "import.products.note",
    columns: COLUMNS,
    read,
    once: ({ productId }) => productId,
    look: async (items, signal) => {
      const { products, position } = await knownProducts(createClient(OrderQueryService, transport), items.map(({ productId }) => productId), signal);
      return { position, stepOf: (item) => productStep(item, products.get(item.productId), transport) };
    },
  };
}
