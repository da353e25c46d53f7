import { create } from "@bufbuild/protobuf";
import { createClient, Code, ConnectError, createRouterTransport, type Transport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { DealerClasses } from "../dealers/use-dealer-classes";
import { ListedPriceSchema, PriceListSchema } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { CreditService } from "../gen/qudao/order/v1/credit_service_pb";
import { DealerFundsSchema, FundsQueryService } from "../gen/qudao/order/v1/funds_query_service_pb";
import { OrderQueryService, ProductSchema } from "../gen/qudao/order/v1/order_query_service_pb";
import { PriceListService } from "../gen/qudao/order/v1/price_list_service_pb";
import { ProductService } from "../gen/qudao/order/v1/product_service_pb";
import { RegionSchema } from "../gen/qudao/partner/v1/partner_query_service_pb";
import { translate } from "../i18n/i18n";
import { parseCsv } from "../tables/csv";
import { dealerFundsSheet } from "../tables/sheets/funds";
import { pricesSheet, productsSheet } from "../tables/sheets/goods";
import { dealersSheet } from "../tables/sheets/partners";
import { cellsOf } from "../tables/use-export";
import { writeXlsx } from "../tables/xlsx";
import { creditImport } from "./credit";
import { regionOf } from "./dealers";
import { Cells, dayOf, pairsOf, pathOf, plainNumber } from "./fields";
import { failedCsv, templateRow } from "./files";
import type { ImportKind } from "./kind";
import { kindOf, type What } from "./kinds";
import { priceStep, pricesImport } from "./prices";
import { productsImport, productStep } from "./products";
import { FileProblem, readTable } from "./read-file";
import { countOf, mapHeader, planRows, readRows, requestName, type ImportRow } from "./rows";
import { runRows } from "./run";
import { stockImport } from "./stock";
import { uuidOf } from "./uuid";
import { problemWords, rowWords } from "./words";

const LIST = create(PriceListSchema, { priceListId: "base", name: "Base", currencyCode: "CNY" });
const zh = (...args: [Parameters<typeof translate>[1], Parameters<typeof translate>[2]?]) => translate("zh-CN", ...args);
const signal = new AbortController().signal;
const nowhere = createRouterTransport(() => undefined);
const pricing = createClient(PriceListService, nowhere);

/** What is read of a file, with its header. */
function readOf<Item>(kind: ImportKind<Item>, rows: string[][]) {
  return readRows(rows, mapHeader(rows[0] ?? [], kind.columns), kind);
}
const wordsOf = <Item,>(kind: ImportKind<Item>, rows: string[][]) => readOf(kind, rows).map(({ problems }) => problems.map(({ words }) => words));

describe("headers", () => {
  const { columns } = productsImport(nowhere);
  it("are known in both languages, by their names in the contract, in wide letters and with notes", () => {
    for (const header of [["商品编号", "商品名称", "品类"], ["Product ID", "PRODUCT NAME*", "category"], ["product_id", "name", "Category（必填）"], [" ＳＫＵ ", "品名", "分类"]]) {
      const { places, missing, ignored } = mapHeader(header, columns);
      expect([...places]).toEqual([["product_id", 0], ["name", 1], ["category", 2]]);
      expect([missing, ignored]).toEqual([[], []]);
    }
  });

  it("that are missing, twice or of something else are told", () => {
    const { missing, twice, ignored } = mapHeader(["商品编号", "product_id", "price", ""], columns);
    expect([missing, twice, ignored]).toEqual([["sheet.productName"], ["sheet.productId"], ["product_id", "price"]]);
  });

  it("of lists that were exported are understood, with their ids and not with the names beside them", () => {
    const classes: DealerClasses = { levels: [], channels: [], levelName: String, channelName: String, told: true, loading: false, error: undefined };
    const all: [What, ReturnType<typeof cellsOf>][] = [];
    for (const locale of ["zh-CN", "en"] as const) {
      const words = { t: (...args: Parameters<typeof zh>) => translate(locale, ...args), time: () => "" };
      all.push([{ of: "products" }, cellsOf([], productsSheet(false), words)]);
      all.push([{ of: "prices", list: LIST }, cellsOf([], pricesSheet("CNY"), words)]);
      all.push([{ of: "dealers" }, cellsOf([], dealersSheet(classes), words)]);
      all.push([{ of: "credit", currency: "CNY" }, cellsOf([], dealerFundsSheet, words)]);
    }
    for (const [what, [header = []]] of all) {
      kindOf(what, nowhere, "2026-11-23", (kind) => {
        const { places, missing, twice } = mapHeader(header.map(String), kind.columns);
        expect([missing, twice], what.of).toEqual([[], []]);
        for (const { key, title } of kind.columns) {
          const place = places.get(key);
          if (place !== undefined) expect([translate("zh-CN", title), translate("en", title)], what.of).toContain(header[place]);
        }
      });
    }
  });

  it("of every template are understood in both languages", () => {
    const all: What[] = [{ of: "products" }, { of: "prices", list: LIST }, { of: "stock" }, { of: "dealers" }, { of: "credit", currency: "CNY" }, { of: "bankLines", account: "6222", currency: "CNY" }];
    for (const what of all) {
      kindOf(what, nowhere, "2026-11-23", (kind) => {
        for (const locale of ["zh-CN", "en"] as const) {
          const { places, ignored } = mapHeader(templateRow(kind.columns, (...args) => translate(locale, ...args)), kind.columns);
          expect(places.size, what.of).toBe(kind.columns.length);
          expect(ignored).toEqual([]);
        }
      });
    }
  });
});

describe("cells", () => {
  it("have numbers as people write them", () => {
    for (const [text, plain] of [["1234.50", "1234.50"], ["１，２３４．５０", "1234.50"], ["1,234,567", "1234567"], [" 12 345.6 ", "12345.6"], ["¥3.5", "3.5"], ["￥1,000", "1000"], ["0", "0"]]) {
      expect(plainNumber(text ?? ""), text).toBe(plain);
    }
    for (const text of ["", "12,5", "1,23,4", "-1", "1e5", "abc", "1.2.3", "1,234 567"]) expect(plainNumber(text), text).toBeUndefined();
  });

  it("have days as people write them", () => {
    expect(["2026-11-23", "2026/1/5", "2026年11月3日", "2026.02.28"].map(dayOf)).toEqual(["2026-11-23", "2026-01-05", "2026-11-03", "2026-02-28"]);
    expect(["2026-02-30", "23.11.2026", "", "20261123"].map(dayOf)).toEqual(["", "", "", ""]);
  });

  it("have lists of pairs, and paths", () => {
    expect(pairsOf("箱=24；提：6;")).toEqual([["箱", "24"], ["提", "6"]]);
    expect(pairsOf("")).toEqual([]);
    expect(pairsOf("箱24")).toBeUndefined();
    expect(pathOf("饮料 › 茶/咖啡")).toEqual(["饮料", "茶/咖啡"]);
    expect(pathOf("饮料/茶饮")).toEqual(["饮料", "茶饮"]);
  });

  it("keep to the limits of the contract, and count characters as it does", () => {
    const cells = new Cells(new Map([["id", "Ａbc"], ["ok", " ｔｅａ-1 "], ["name", "𠮷".repeat(100)], ["long", "x".repeat(101)], ["bell", "a\u0007"], ["n", "1,000"], ["half", "1.5"]]));
    expect(cells.id("ok", "sheet.productId")).toBe("tea-1");
    cells.text("name", "sheet.productName", 100);
    expect(cells.whole("n", "stock.counted", 0, 1000)).toBe(1000);
    expect(cells.problems).toEqual([]);
    cells.id("id", "sheet.productId");
    cells.text("long", "sheet.productName", 100);
    cells.text("bell", "sheet.productName", 100);
    cells.text("none", "sheet.productName", 100);
    cells.whole("half", "stock.counted", 0, 1000);
    expect(cells.problems.map(({ words }) => words)).toEqual(["import.bad.id", "import.bad.long", "import.bad.control", "import.bad.missing", "import.bad.whole"]);
    expect(problemWords(cells.problems[1] ?? { words: "import.and" }, zh)).toBe("商品名称最多 100 个字");
  });
});

describe("details of products", () => {
  const kind = productsImport(nowhere);
  const header = ["商品编号", "商品名称", "条码", "品牌", "保质期天数", "税率", "介绍"];

  it("are read, and what is wrong with them is told", () => {
    const rows = [header, ["a", "A", "瓶=2000000000008; 箱=12000000000005", "清泉", "365", "13%", "好茶"], ["b", "B", "瓶=2000000000009", "", "0", "x", ""]];
    const [right, wrong] = readOf(kind, rows);
    expect(right?.item).toMatchObject({
      barcodes: [
        { unit: "瓶", barcode: "2000000000008" },
        { unit: "箱", barcode: "12000000000005" },
      ],
      details: { brand: "清泉", shelfLifeDays: 365, description: "好茶" },
      tax: { ratePpm: 130_000, exempt: false },
    });
    expect(wrong?.problems.map(({ words }) => words).sort()).toEqual(["import.bad.gtin", "import.bad.tax", "import.bad.whole"]);
  });

  it("are sent where they differ from what is there", () => {
    const there = create(ProductSchema, {
      productId: "a",
      name: "A",
      categoryPath: ["x"],
      baseUnit: "瓶",
      brand: "清泉",
      barcodes: [{ unit: "瓶", barcode: "2000000000008" }],
      tax: { ratePpm: 130_000 },
    });
    const item = { productId: "a", name: "A", categoryPath: [], baseUnit: "", packagings: [] };
    const coded = { barcodes: [{ unit: "瓶", barcode: "2000000000008" }] };
    expect(productStep({ ...item, ...coded, details: { brand: "清泉" }, tax: { ratePpm: 130_000, exempt: false } }, there, nowhere)).toEqual({ kind: "same" });
    expect(productStep({ ...item, packagings: [{ unit: "箱", baseQuantity: 12 }], details: { brand: "新泉" }, tax: { ratePpm: 0, exempt: true } }, there, nowhere)).toMatchObject({
      kind: "send",
      words: "import.will.details",
      // The barcodes that are there stay.
      body: { package: coded, describe: { brand: "新泉" }, tax: { tax: { exempt: true } } },
    });
  });
});

describe("rows of products", () => {
  const kind = productsImport(nowhere);
  const HEADER = ["商品编号", "商品名称", "品类", "基本单位", "包装"];

  it("are read with what is wrong with each, and empty lines keep the numbers right", () => {
    const rows = [HEADER, ["tea-1", "茶", "饮料 › 茶", "瓶", "箱=24"], ["", "", "", "", ""], ["Tea 2", "", "a›b›c›d›e", "瓶", "箱=1"], ["tea-1", "茶二", "", "", ""]];
    const read = readOf(kind, rows);
    expect(read.map(({ line }) => line)).toEqual([2, 4, 5]);
    expect(read[0]?.item).toEqual({ productId: "tea-1", name: "茶", categoryPath: ["饮料", "茶"], baseUnit: "瓶", packagings: [{ unit: "箱", baseQuantity: 24 }] });
    expect(read[1]?.problems.map(({ words }) => words).sort()).toEqual(["import.bad.category", "import.bad.id", "import.bad.missing", "import.bad.packagings"]);
    expect(read[2]?.problems).toEqual([{ words: "import.bad.twice", values: { line: 2 } }]);
  });

  it("may not name a unit twice", () => {
    expect(wordsOf(kind, [HEADER, ["a", "A", "x", "箱", "箱=2"], ["b", "B", "x", "瓶", "箱=2; 箱=3"]])).toEqual([["import.bad.unitTwice"], ["import.bad.unitTwice"]]);
  });

  it("come to a new product, another name, nothing, or a problem", () => {
    const item = { productId: "a", name: "A", categoryPath: ["x"], baseUnit: "瓶", packagings: [] };
    const there = create(ProductSchema, { productId: "a", name: "A", categoryPath: ["x"], baseUnit: "瓶", packagings: [{ unit: "箱", baseQuantity: 24 }] });
    expect(productStep(item, undefined, nowhere)).toMatchObject({ kind: "send", words: "import.will.publish" });
    expect(productStep(item, there, nowhere)).toEqual({ kind: "same" });
    expect(productStep({ ...item, name: "B", baseUnit: "", categoryPath: [] }, there, nowhere)).toMatchObject({ kind: "send", words: "import.will.rename", values: { before: "A" } });
    expect(productStep({ ...item, baseUnit: "罐" }, there, nowhere)).toEqual({ kind: "bad", problems: [{ words: "import.bad.nameOnly" }] });
    expect(productStep({ ...item, baseUnit: "" }, undefined, nowhere)).toEqual({ kind: "bad", problems: [{ words: "import.bad.missing", field: "sheet.baseUnit" }] });
    expect(productStep(item, create(ProductSchema, { ...there, retired: true }), nowhere)).toMatchObject({ kind: "bad" });
  });

  it("of ten thousand lines are read at once", () => {
    const rows = [HEADER, ...Array.from({ length: 10_000 }, (_, i) => [`tea-${i}`, `茶 ${i}`, "饮料", "瓶", "箱=24"])];
    const began = Date.now();
    const read = readOf(kind, rows);
    expect(read.length).toBe(10_000);
    expect(read.every(({ problems }) => problems.length === 0)).toBe(true);
    expect(Date.now() - began).toBeLessThan(3_000);
  });
});

describe("rows of prices, counts and limits", () => {
  it("keep to what a price is", () => {
    const kind = pricesImport(nowhere, LIST, "2026-11-23");
    const header = ["编号", "单价", "数量价", "币种", "生效日期"];
    const words = wordsOf(kind, [
      header,
      ["a", "3.50", "10=3.40; 50=3.30", "cny", "2026/11/23"],
      ["b", "3.505", "", "", ""],
      ["c", "3.50", "50=3.30; 10=3.40", "", ""],
      ["d", "3.50", "", "USD", "2026-11-22"],
      ["a", "3.60", "", "", "2026-12-01"],
      ["a", "3.60", "", "", "2026-12-01"],
    ]);
    expect(words).toEqual([[], ["import.bad.amount"], ["import.bad.breaks"], ["import.bad.otherCurrency", "import.bad.dayOver"], [], ["import.bad.twice"]]);
  });

  it("keep the quantity prices that a file says nothing of, and take those away that it leaves empty", () => {
    const now = create(ListedPriceSchema, { productId: "a", unitPriceMinor: 350n, breaks: [{ fromQuantity: 10, unitPriceMinor: 340n }] });
    const item = { productId: "a", form: { productId: "a", price: "3.60", breaks: [], effectiveOn: "" }, keepBreaks: true };
    const kept = { prices: [{ unitPriceMinor: 360n, breaks: [{ fromQuantity: 10, unitPriceMinor: 340n }] }] };
    expect(priceStep(item, now, LIST, pricing)).toMatchObject({ kind: "send", values: { before: "3.50; 10=3.40", after: "3.60; 10=3.40" }, body: kept });
    expect(priceStep({ ...item, keepBreaks: false }, now, LIST, pricing)).toMatchObject({ body: { prices: [{ breaks: [] }] } });
    expect(priceStep({ ...item, form: { ...item.form, price: "3.5" } }, now, LIST, pricing)).toEqual({ kind: "same" });
  });

  it("count whole units, once in a warehouse", () => {
    const kind = stockImport(nowhere);
    const words = wordsOf(kind, [["仓库", "编号", "现存"], ["east", "a", "1,200"], ["east", "b", "1.5"], ["东仓", "c", ""], ["west", "a", "0"], ["east", "a", "3"]]);
    expect(words).toEqual([[], ["import.bad.whole"], ["import.bad.id", "import.bad.missing"], [], ["import.bad.twice"]]);
  });

  it("find a region by its id, or by a name that only it has", () => {
    const regions = [["east", "华东"], ["e2", "苏州"], ["e3", "苏州"]].map(([regionId, name]) => create(RegionSchema, { regionId: regionId ?? "", name: name ?? "" }));
    expect([regionOf("east", regions)?.regionId, regionOf("华东", regions)?.regionId, regionOf("苏州", regions), regionOf("北", regions)]).toEqual(["east", "east", undefined, undefined]);
  });

  it("look at the credit that there is", async () => {
    const dealers = [
      create(DealerFundsSchema, { dealerId: "a", credit: { currencyCode: "CNY", limitMinor: 100_000n, paymentDays: 30 } }),
      create(DealerFundsSchema, { dealerId: "b" }),
    ];
    const transport = createRouterTransport(({ service }) => service(FundsQueryService, { listDealerFunds: () => ({ dealers }) }));
    const kind = creditImport(transport, "CNY");
    const read = readOf(kind, [["经销商编号", "信用额度", "账期", "币种"], ["a", "１，０００", "", ""], ["b", "5000", "", ""], ["c", "1", "1", ""], ["a2", "x", "400", ""]]);
    const rows = planRows(read, await kind.look([], signal));
    expect(rows.map(({ state }) => (state.kind === "bad" ? state.problems[0]?.words : state.kind))).toEqual(["same", "import.bad.missing", "import.bad.noDealer", "import.bad.amount"]);
  });
});

describe("files", () => {
  it("are told apart by what is in them", async () => {
    const gbk = Uint8Array.from([0xb1, 0xe0, 0xba, 0xc5, 0x0a, 0x61]);
    expect((await readTable(new File([gbk], "a.csv"))).rows).toEqual([["编号"], ["a"]]);
    const book = writeXlsx("x", [["编号"], ["'=1"], ["b"]]);
    expect((await readTable(new File([book], "renamed.csv"))).rows).toEqual([["编号"], ["'=1"], ["b"]]);
    expect((await readTable(new File(["id\n'=1+1\n"], "a.csv"))).rows).toEqual([["id"], ["=1+1"]]);
  });

  it("that can not be read say why", async () => {
    const why = async (parts: BlobPart[]) => readTable(new File(parts, "a.csv")).catch((error: FileProblem) => error.words);
    expect(await why([Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0])])).toBe("import.file.old");
    expect(await why(["PK and no zip"])).toBe("import.file.broken");
    expect(await why(['id\n"a'])).toBe("import.file.quote");
    expect(await why([Array.from({ length: 10_002 }, (_, i) => `a${i}`).join("\n")])).toBe("import.file.rows");
    expect(await why([Uint8Array.from([0, 1, 2, 3])])).toBe("import.file.broken");
  });
});

describe("requests", () => {
  it("have ids that follow from the file, the row and what is asked, and nothing else", async () => {
    const id = await uuidOf(requestName("hash", 2, { a: 1n }));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await uuidOf(requestName("hash", 2, { a: 1n }))).toBe(id);
    for (const other of [requestName("hash", 3, { a: 1n }), requestName("hush", 2, { a: 1n }), requestName("hash", 2, { a: 2n })]) expect(await uuidOf(other)).not.toBe(id);
  });
});

/** A server that has one product, takes all but the id `no`, and answers a request once. */
function brand() {
  const ids: string[] = [];
  const answered = new Map<string, bigint>();
  const published = new Map([["old", { name: "Old", categoryPath: ["x"], baseUnit: "瓶" }]]);
  const answer = (requestId: string, productId: string, name: string, rest = { categoryPath: ["x"], baseUnit: "瓶" }) => {
    ids.push(requestId);
    if (productId === "no") throw new ConnectError("not this one", Code.FailedPrecondition);
    const position = answered.get(requestId) ?? BigInt(10 + answered.size + 1);
    answered.set(requestId, position);
    published.set(productId, { name, categoryPath: rest.categoryPath, baseUnit: rest.baseUnit });
    return { receipt: { objectId: productId, version: 1n, position } };
  };
  const transport = createRouterTransport(({ service }) => {
    service(OrderQueryService, {
      listProducts: ({ productIds }) => ({
        products: [...published].filter(([id]) => productIds.includes(id)).map(([productId, product]) => ({ productId, ...product })),
        freshness: { position: BigInt(10 + answered.size) },
      }),
    });
    service(ProductService, {
      publishProduct: ({ requestId, productId, name, ...rest }) => answer(requestId, productId, name, rest),
      renameProduct: ({ requestId, productId, name }) => answer(requestId, productId, name),
    });
    service(CreditService, {});
  });
  return { transport, ids, published };
}

const CSV = "商品编号,商品名称,品类,基本单位\r\nold,Old,,\r\nnew,=New,x,瓶\r\nno,No,x,瓶\r\nBad,Bad,x,瓶\r\nnewer,Newer,x,瓶\r\n";

async function planned(transport: Transport) {
  const kind = productsImport(transport);
  const read = readOf(kind, parseCsv(CSV) ?? []);
  const knowledge = await kind.look(read.flatMap(({ item }) => (item ? [item] : [])), signal);
  return { rows: planRows(read, knowledge), position: knowledge.position };
}
const kinds = (rows: ImportRow[]) => rows.map(({ state }) => state.kind);
const options = (position: bigint, stop = signal) => ({ hash: "h", position, signal: stop, onChange: () => undefined });

describe("a run", () => {
  it("sends what is right, one row after another, and keeps why the others were refused", async () => {
    const { transport, ids, published } = brand();
    const { rows, position } = await planned(transport);
    expect(kinds(rows)).toEqual(["same", "send", "send", "bad", "send"]);
    expect(ids).toEqual([]);
    expect(await runRows(rows, options(position))).toBe(12n);
    expect(kinds(rows)).toEqual(["same", "done", "refused", "bad", "done"]);
    expect(published.get("new")?.name).toBe("=New");
    expect(countOf(rows, "done", "refused")).toBe(3);
    const csv = failedCsv(["商品编号", "商品名称"], rows, (row) => rowWords(row, "zh-CN", zh), zh);
    const failed = parseCsv(csv) ?? [];
    expect(failed.map(([id]) => id)).toEqual(["商品编号", "no", "Bad"]);
    expect(failed[2]?.at(-1)).toContain("小写字母");
  });

  it("that is repeated changes nothing, and says so", async () => {
    const { transport, ids, published } = brand();
    const first = await planned(transport);
    await runRows(first.rows, options(first.position));
    // As if the lists had not heard of it yet.
    published.delete("newer");
    const again = await planned(transport);
    expect(kinds(again.rows)).toEqual(["same", "same", "send", "bad", "send"]);
    await runRows(again.rows, options(again.position));
    expect(kinds(again.rows)).toEqual(["same", "same", "refused", "bad", "before"]);
    expect(new Set(ids).size).toBe(3);
  });

  it("that is stopped goes on later with what is left", async () => {
    const { transport } = brand();
    const { rows, position } = await planned(transport);
    const abort = new AbortController();
    await runRows(rows, { ...options(position, abort.signal), onChange: () => abort.abort() });
    expect(kinds(rows)).toEqual(["same", "done", "send", "bad", "send"]);
    await runRows(rows, options(position));
    expect(kinds(rows)).toEqual(["same", "done", "refused", "bad", "done"]);
  });

  it("ends where every other row would meet the same", async () => {
    const transport = createRouterTransport(({ service }) => service(ProductService, { publishProduct: () => Promise.reject(new ConnectError("who?", Code.Unauthenticated)) }));
    const send = (line: number): ImportRow => ({ line, cells: [], state: productStep({ productId: `p${line}`, name: "P", categoryPath: ["x"], baseUnit: "瓶", packagings: [] }, undefined, transport) });
    const rows = [send(2), send(3)];
    await runRows(rows, options(0n));
    expect(kinds(rows)).toEqual(["refused", "send"]);
  });
});

/** A server on which somebody else gives a product a barcode and a storage while a file is looked at. */
function busy() {
  const state = { version: 3n, position: 20n, packagings: [{ unit: "箱", baseQuantity: 24 }], barcodes: [] as { unit: string; barcode: string }[], storage: "常温", brand: "" };
  const seen: { rpc: string; requestId?: string; expectedVersion?: bigint | undefined; minPosition?: bigint }[] = [];
  const product = () => ({ productId: "tea-1", name: "茶", categoryPath: ["茶"], baseUnit: "瓶", packagings: state.packagings, barcodes: state.barcodes, brand: state.brand });
  const change = (asked: { requestId: string; expectedVersion?: bigint }, rpc: string, to: Partial<typeof state>) => {
    seen.push({ rpc, requestId: asked.requestId, expectedVersion: asked.expectedVersion });
    if (asked.expectedVersion !== undefined && asked.expectedVersion !== state.version) throw new ConnectError("changed meanwhile", Code.Aborted);
    const news = Object.entries(to).some(([key, value]) => JSON.stringify(value) !== JSON.stringify(state[key as keyof typeof state]));
    Object.assign(state, to, news && { version: state.version + 1n, position: state.position + 1n });
    return { receipt: { objectId: "tea-1", version: state.version, position: state.position } };
  };
  const pairs = (all: { unit: string; barcode: string }[]) => all.map(({ unit, barcode }) => ({ unit, barcode }));
  const transport = createRouterTransport(({ service }) => {
    service(OrderQueryService, {
      listProducts: () => ({ products: [product()], freshness: { position: state.position } }),
      getProduct: ({ minPosition }) => {
        seen.push({ rpc: "get", minPosition });
        return { product: product(), storage: state.storage, version: state.version };
      },
    });
    service(ProductService, {
      packageProduct: (asked) =>
        change(asked, "package", { packagings: asked.packagings.map(({ unit, baseQuantity }) => ({ unit, baseQuantity })), barcodes: pairs(asked.barcodes) }),
      describeProduct: (asked) => change(asked, "describe", { storage: asked.storage, brand: asked.brand }),
    });
  });
  return { transport, state, seen };
}

describe("a product that others change, too", () => {
  const item = { productId: "tea-1", name: "茶", categoryPath: [], baseUnit: "", packagings: [{ unit: "箱", baseQuantity: 12 }], details: { brand: "清泉" } };
  const plan = async (transport: Transport) => {
    const { position, stepOf } = await productsImport(transport).look([item], signal);
    return { position, rows: [{ line: 2, cells: [], state: stepOf(item) }] satisfies ImportRow[] };
  };

  it("keeps what they said of what the file does not name, on the state that was read", async () => {
    const { transport, state, seen } = busy();
    const { position, rows } = await plan(transport);
    Object.assign(state, { version: 4n, position: 21n, barcodes: [{ unit: "瓶", barcode: "2000000000008" }], storage: "冷藏" });
    await runRows(rows, options(position));
    expect(kinds(rows)).toEqual(["done"]);
    expect(state).toMatchObject({ packagings: [{ unit: "箱", baseQuantity: 12 }], barcodes: [{ barcode: "2000000000008" }], storage: "冷藏", brand: "清泉" });
    expect(seen.map(({ rpc, expectedVersion, minPosition }) => [rpc, expectedVersion ?? minPosition])).toEqual([
      ["get", 0n],
      ["package", 4n],
      // What the row has done before is there when it reads again.
      ["get", 22n],
      ["describe", 5n],
    ]);
  });

  it("is another request in another state, and nothing is changed by a repeat", async () => {
    const { transport, state, seen } = busy();
    const { position, rows } = await plan(transport);
    const step = rows[0]?.state;
    await runRows(rows, options(position));
    const before = structuredClone(state);
    // As if its answer had been lost.
    if (step?.kind !== "send") throw new Error("nothing to send");
    const again: ImportRow[] = [{ line: 2, cells: [], state: step }];
    await runRows(again, options(position));
    expect(state).toEqual(before);
    expect(kinds(again)).toEqual(["done"]);
    const ids = seen.flatMap(({ requestId }) => requestId ?? []);
    expect(new Set(ids).size).toBe(4);
  });
});
