// Products: those that are new are published, those that are there get the name of the file.
import { createClient } from "@connectrpc/connect";
import type { Clients } from "../api/clients";
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { ProductService } from "../gen/qudao/order/v1/product_service_pb";
import { knownProducts } from "../products/find-products";
import { pairsOf, pathOf, plainNumber, type Cells, type Problem } from "./fields";
import type { ImportColumn, ImportKind, Step } from "./kind";

const COLUMNS: ImportColumn[] = [
  { key: "product_id", title: "sheet.productId", needed: true, also: ["编号", "货号", "SKU", "id"], example: "tea-500" },
  { key: "name", title: "sheet.productName", needed: true, also: ["名称", "商品", "品名", "product"], example: "冰红茶 500ml" },
  { key: "category", title: "sheet.category", needed: "new", also: ["分类", "类别", "category_path"], example: "饮料 › 茶饮" },
  { key: "base_unit", title: "sheet.baseUnit", needed: "new", also: ["单位", "unit"], example: "瓶" },
  { key: "packagings", title: "sheet.packagings", needed: false, also: ["包装规格", "packaging"], example: "提=6; 箱=24" },
];

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
  return {
    productId: cells.id("product_id", "sheet.productId"),
    name: cells.text("name", "sheet.productName", MOST_NAME),
    categoryPath,
    baseUnit: cells.text("base_unit", "sheet.baseUnit", MOST_UNIT, 0),
    packagings: packagingsOf(cells),
  };
}

const same = (mine: unknown, theirs: unknown) => JSON.stringify(mine) === JSON.stringify(theirs);

const packs = (all: Packaging[]) =>
  all.map(({ unit, baseQuantity }) => `${unit}=${baseQuantity}`).sort();

/** What the file says of a product that is there, and no command can make so. */
function fixed(item: ProductItem, product: Product): Problem[] {
  const problems: Problem[] = [];
  if (product.retired) problems.push({ words: "import.bad.retired" });
  const category = item.categoryPath.length > 0 && !same(item.categoryPath, product.categoryPath);
  const unit = item.baseUnit !== "" && item.baseUnit !== product.baseUnit;
  const larger = item.packagings.length > 0 && !same(packs(item.packagings), packs(product.packagings));
  if (category || unit || larger) problems.push({ words: "import.bad.nameOnly" });
  return problems;
}

export function productStep(item: ProductItem, product: Product | undefined, clients: Pick<Clients, "transport">): Step {
  const { productId, name } = item;
  const service = createClient(ProductService, clients.transport);
  if (product) {
    const problems = fixed(item, product);
    if (problems.length > 0) return { kind: "bad", problems };
    if (product.name === name) return { kind: "same" };
    const body = { productId, name };
    const send = (requestId: string) => service.renameProduct({ ...body, requestId });
    return { kind: "send", words: "import.will.rename", values: { before: product.name }, body: { rename: body }, send };
  }
  const problems: Problem[] = [];
  if (item.categoryPath.length === 0) problems.push({ words: "import.bad.missing", field: "sheet.category" });
  if (item.baseUnit === "") problems.push({ words: "import.bad.missing", field: "sheet.baseUnit" });
  if (problems.length > 0) return { kind: "bad", problems };
  return {
    kind: "send",
    words: "import.will.publish",
    body: { publish: item },
    send: (requestId) => service.publishProduct({ ...item, requestId }),
  };
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
