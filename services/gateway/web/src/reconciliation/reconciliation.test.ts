import { createRouterTransport } from "@connectrpc/connect";
import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { bankDay, bankLinesImport, incoming, lineStep, type BankItem } from "../imports/bank-lines";
import { belowTitles, mapHeader, planRows, readRows } from "../imports/rows";
import { KnownBankLineSchema } from "../gen/qudao/order/v1/reconciliation_query_service_pb";
import { namesOf } from "../funds/words";
import { actsOn, LINES, OPEN_LINES } from "./words";

const kind = bankLinesImport(createRouterTransport(() => undefined), "6222", "CNY");
const sent: object[] = [];
const lines = {
  importBankLine: (body: object) => {
    sent.push(body);
    return Promise.resolve({});
  },
};

const FILE = [
  ["账户明细查询"],
  ["账号：6222 0200", "", ""],
  ["交易日期", "交易时间", "交易流水号", "借方发生额（元）", "贷方发生额（元）", "对方户名", "对方账号", "摘要"],
  ["20261123", "10:12:01", "EB001", "", "12,340.50", "恒通商贸", "6228", "货款"],
  ["20261123", "11:00:00", "EB002", "80.00", "", "", "", "手续费"],
  ["2026-11-24", "11:00:00", "EB003", "", "三元", "", "", "利息"],
  ["合计", "", "", "80.00", "12,340.50", "", "", ""],
];

describe("a bank's file", () => {
  const rows = belowTitles(FILE, kind.columns, kind.titles);
  const header = mapHeader(rows[0] ?? [], kind.columns);

  it("is read below its titles, by whatever the bank calls its columns", () => {
    expect(header.missing).toEqual([]);
    expect(header.twice).toEqual([]);
    const read = readRows(rows, header, kind);
    expect(read.map(({ line, item }) => [line, item?.bankReference, item?.amount])).toEqual([
      [4, "EB001", "12340.50"],
      [5, "EB002", ""],
      [6, undefined, undefined],
      [7, "", ""],
    ]);
    expect(read[0]?.item).toMatchObject({ bookedOn: "2026-11-23", payerName: "恒通商贸", memo: "货款" });
    const plan = planRows(read, { position: 0n, stepOf: (item: BankItem) => lineStep(item, undefined, "6222", "CNY", lines) });
    expect(plan.map(({ state }) => state.kind)).toEqual(["send", "same", "bad", "same"]);
  });

  it("keeps its rows where nothing stands above the header", () => {
    expect(belowTitles(FILE.slice(2), kind.columns, kind.titles)[0]).toEqual(FILE[2]);
    expect(belowTitles([["a"], ["b"]], kind.columns, kind.titles)).toEqual([["a"], ["b"]]);
  });

  it("has days and amounts in many forms", () => {
    expect(["2026-11-23 10:12:01", "20261123", "2026/11/3", "20261123101201", "gestern"].map(bankDay)).toEqual(["2026-11-23", "2026-11-23", "2026-11-03", "2026-11-23", ""]);
    expect(["¥1,234.50", "+7.5", "-80.00", "0.00", "", "三元"].map(incoming)).toEqual(["1234.50", "7.5", "", "", "", undefined]);
  });
});

describe("a line of a bank", () => {
  const item: BankItem = { bankReference: "EB001", amount: "12340.50", bookedOn: "2026-11-23", payerName: "", payerAccount: "", memo: "", currency: "" };
  const known = (amountMinor: bigint) => create(KnownBankLineSchema, { bankReference: "EB001", bookedOn: "2026-11-23", currencyCode: "CNY", amountMinor });

  it("is imported once, and not with another amount", () => {
    const step = lineStep(item, undefined, "6222", "CNY", lines);
    expect(step).toMatchObject({ kind: "send", body: { bankAccount: "6222", amountMinor: 1234050n, currencyCode: "CNY" } });
    expect(lineStep(item, known(1234050n), "6222", "CNY", lines)).toEqual({ kind: "same" });
    expect(lineStep(item, known(1234051n), "6222", "CNY", lines)).toMatchObject({ kind: "bad", problems: [{ words: "recon.bad.another" }] });
  });

  it("can be acted on by what it is", () => {
    const acts = Object.fromEntries(namesOf(LINES).map((name) => [name, actsOn(name)]));
    expect(acts).toMatchObject({ matched: [], setAside: ["reopen"], proposed: ["confirm", "reopen"] });
    expect(acts["open"]).toEqual(acts["differs"]);
    expect(OPEN_LINES.every((name) => actsOn(name).length > 0)).toBe(true);
  });
});
