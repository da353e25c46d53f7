import { describe, expect, it } from "vitest";
import { Code, ConnectError } from "@connectrpc/connect";
import { patiently } from "../api/patiently";
import { translate } from "../i18n/i18n";
import { csvText, decimalOf, money, whole } from "./cells";
import { asWritten, decodeText, harmless, parseCsv, writeCsv } from "./csv";
import { everyRow } from "./every-row";
import { breaksText, productsSheet } from "./sheets/goods";
import { cellsOf } from "./use-export";
import { readXlsx, writeXlsx } from "./xlsx";

const bytes = (...all: number[]) => Uint8Array.from(all);
const utf8 = (text: string) => new TextEncoder().encode(text);

describe("a CSV file", () => {
  it("begins with a mark, ends its lines as the standard says, and quotes what has to be quoted", () => {
    expect(writeCsv([["a", 'say "hi"'], ["1,5", "two\nlines"]])).toBe('\ufeffa,"say ""hi"""\r\n"1,5","two\nlines"\r\n');
  });

  it("is read as it was written", () => {
    const rows = [["编号", "说明", ""], ["a-1", 'one "two", three', "\r\nfour"], ["", " five ", "；"]];
    expect(parseCsv(writeCsv(rows))).toEqual(rows);
  });

  it("may have any line ends, semicolons or tabs, and empty lines that keep their number", () => {
    expect(parseCsv("a;b\r1;2,5\n\n3;\n")).toEqual([["a", "b"], ["1", "2,5"], [""], ["3", ""]]);
    expect(parseCsv("a\tb\n1\t2")).toEqual([["a", "b"], ["1", "2"]]);
    expect(parseCsv('"a,b;c",d\n1,2,')).toEqual([["a,b;c", "d"], ["1", "2", ""]]);
    expect(parseCsv("")).toEqual([[""]]);
  });

  it("with a quote that has no end is none", () => {
    expect(parseCsv('a,b\n"1,2\n3,4')).toBeUndefined();
    expect(parseCsv('a\n"1"2')).toEqual([["a"], ["12"]]);
  });

  it("of ten thousand rows is read at once", () => {
    const rows = Array.from({ length: 10_001 }, (_, i) => [`id-${i}`, `商品“${i}”, 大`, String(i * 7)]);
    const text = writeCsv(rows);
    const began = Date.now();
    expect(parseCsv(text)).toEqual(rows);
    expect(Date.now() - began).toBeLessThan(2_000);
  });
});

describe("formulas", () => {
  it("are text, in narrow and wide letters", () => {
    for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＠a"]) expect(harmless(text)).toBe(`'${text}`);
    for (const text of ["a=b", "1-2", "", "'=1", "商品"]) expect(harmless(text)).toBe(text);
    expect(asWritten("'=1+1")).toBe("=1+1");
    expect(asWritten("'tis")).toBe("'tis");
  });

  it("are not what numbers below zero are", () => {
    expect(csvText(money(-1250n, "CNY"))).toBe("-12.50");
    expect(csvText("-12.50")).toBe("'-12.50");
  });
});

describe("text of a file", () => {
  it("is UTF-8, with or without its mark", () => {
    expect(decodeText(utf8("编号"))).toBe("编号");
    expect(parseCsv(decodeText(utf8("\ufeff编号,b")) ?? "")).toEqual([["编号", "b"]]);
  });

  it("is GB18030 where it is no UTF-8, with its characters of four bytes", () => {
    expect(decodeText(bytes(0xc9, 0xcc, 0xc6, 0xb7, 0xb1, 0xe0, 0xba, 0xc5))).toBe("商品编号");
    expect(decodeText(bytes(0xc9, 0xcc, 0x2c, 0x95, 0x32, 0x82, 0x36))).toBe("商,𠀀");
  });

  it("is UTF-16 with a mark, as Excel writes Unicode text", () => {
    expect(decodeText(bytes(0xff, 0xfe, 0x16, 0x7f, 0xf7, 0x53))).toBe("编号");
    expect(decodeText(bytes(0xfe, 0xff, 0x7f, 0x16))).toBe("编");
  });

  it("is no picture", () => {
    expect(decodeText(bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d))).toBeUndefined();
  });
});

describe("cells", () => {
  it("have money as exact decimals, by the digits of the currency", () => {
    expect(decimalOf(123_450n, "CNY")).toBe("1234.50");
    expect(decimalOf(5n, "USD")).toBe("0.05");
    expect(decimalOf(-7n, "USD")).toBe("-0.07");
    expect(decimalOf(1200n, "JPY")).toBe("1200");
    expect(decimalOf(1234n, "KWD")).toBe("1.234");
    expect(decimalOf(900_719_925_474_099_312n, "CNY")).toBe("9007199254740993.12");
  });

  it("have whole numbers without anything between the digits, and nothing of nothing", () => {
    expect(csvText(whole(1_234_567n))).toBe("1234567");
    expect(csvText(whole(undefined))).toBe("");
    expect(csvText(money(undefined, "CNY"))).toBe("");
    expect(breaksText([{ fromQuantity: 10, unitPriceMinor: 340n }, { fromQuantity: 50, unitPriceMinor: 330n }], "CNY")).toBe("10=3.40; 50=3.30");
  });
});

describe("a workbook", () => {
  it("is read as it was written", async () => {
    const cells = [
      ["编号", "名称", "金额", "数量"],
      ["a-1", '=1+1 <&> "x"', money(1234n, "USD"), whole(-3n)],
      ["0012", "two\nlines", money(9_007_199_254_740_993_12n, "USD"), undefined],
    ];
    const blob = writeXlsx("订单/2026", cells);
    expect(await readXlsx(new Uint8Array(await blob.arrayBuffer()))).toEqual([
      ["编号", "名称", "金额", "数量"],
      ["a-1", '=1+1 <&> "x"', "12.34", "-3"],
      ["0012", "two\nlines", "9007199254740993.12", ""],
    ]);
  });

  it("of ten thousand rows goes both ways", async () => {
    const rows = Array.from({ length: 10_001 }, (_, i) => [`id-${i}`, `商品 ${i}`, whole(i)]);
    const blob = writeXlsx("large", rows);
    const read = await readXlsx(new Uint8Array(await blob.arrayBuffer()));
    expect(read.length).toBe(10_001);
    expect(read[10_000]).toEqual(["id-10000", "商品 10000", "10000"]);
  }, 20_000);

  it("that is none is an error", async () => {
    await expect(readXlsx(utf8("PK no zip at all"))).rejects.toThrow();
  });
});

const signal = new AbortController().signal;

describe("all rows of a list", () => {
  const list = async ({ size, token }: { size: number; token: string }) => {
    const from = Number(token || "0");
    const rows = Array.from({ length: Math.min(size, 450 - from) }, (_, i) => from + i);
    return { rows, page: { nextToken: from + size < 450 ? String(from + size) : "", total: 450n } };
  };

  it("are asked for page by page", async () => {
    const seen: [number, number | undefined][] = [];
    const { rows, cut } = await everyRow(list, (part) => part.rows, { signal, onProgress: (have, total) => seen.push([have, total]) });
    expect(rows).toEqual(Array.from({ length: 450 }, (_, i) => i));
    expect(cut).toBe(false);
    expect(seen).toEqual([[200, 450], [400, 450], [450, 450]]);
  });

  it("end where nobody could take more along, and say so", async () => {
    const { rows, cut } = await everyRow(list, (part) => part.rows, { signal, most: 300 });
    expect([rows.length, cut]).toEqual([300, true]);
  });

  it("end when somebody stops", async () => {
    const abort = new AbortController();
    const asked: string[] = [];
    const ask = async (page: { size: number; token: string }) => {
      asked.push(page.token);
      if (asked.length === 2) abort.abort();
      return list(page);
    };
    await expect(everyRow(ask, (part) => part.rows, { signal: abort.signal })).rejects.toThrow();
    expect(asked).toEqual(["", "200"]);
  });

  it("do not go round in circles", async () => {
    const ask = async () => ({ rows: [1], page: { nextToken: "again" } });
    expect((await everyRow(ask, (part) => part.rows, { signal })).rows).toEqual([1, 1]);
  });
});

describe("patience", () => {
  it("tries again what fails for now, and nothing else", async () => {
    const waited: number[] = [];
    const wait = async (seconds: number) => void waited.push(seconds);
    let times = 0;
    const busy = async () => {
      times += 1;
      if (times < 3) throw new ConnectError("busy", Code.ResourceExhausted);
      return "done";
    };
    expect(await patiently(busy, signal, wait)).toBe("done");
    expect(waited).toEqual([2, 4]);
    const refused = async () => Promise.reject(new ConnectError("no", Code.FailedPrecondition));
    await expect(patiently(refused, signal, wait)).rejects.toThrow("no");
    const down = async () => Promise.reject(new ConnectError("down", Code.Unavailable));
    await expect(patiently(down, signal, wait)).rejects.toThrow("down");
    expect(waited.length).toBe(2 + 4);
  });
});

describe("the file of products", () => {
  const words = (locale: "zh-CN" | "en") => ({ t: (...args: [Parameters<typeof translate>[1]]) => translate(locale, ...args), time: () => "" });
  it("has headers in the language of the reader, and no floors for a dealer", () => {
    expect(cellsOf([], productsSheet(false), words("en"))[0]).toContain("Floor price");
    const told = cellsOf([], productsSheet(true), words("zh-CN"))[0];
    expect(told).toContain("商品编号");
    expect(told).not.toContain("底价");
  });
});
