// A bank's statement: money that came in. What went out is passed over.
import { createClient, type Transport } from "@connectrpc/connect";
import { parseAmount } from "../funds/amounts";
import { BankLineService } from "../gen/qudao/order/v1/bank_line_service_pb";
import { ReconciliationQueryService, type KnownBankLine } from "../gen/qudao/order/v1/reconciliation_query_service_pb";
import { decimalOf } from "../tables/cells";
import { dayOf, narrow, plainNumber, type Cells } from "./fields";
import type { ImportColumn, ImportKind, Step } from "./kind";

/** Banks call their columns as they like: the first of these names that a file has is the column. */
const COLUMNS: ImportColumn[] = [
  { key: "bank_reference", title: "recon.reference", needed: true, ranked: true, also: ["交易流水号", "流水号", "银行流水号", "交易流水", "业务流水号", "凭证号", "参考号", "reference", "transaction id"], example: "EB20261123001" },
  { key: "amount", title: "recon.amount", needed: true, ranked: true, also: ["收入金额", "贷方发生额", "贷方金额", "收入", "贷方", "转入金额", "交易金额", "金额", "credit amount", "credit", "amount"], example: "12340.50" },
  { key: "booked_on", title: "recon.day", needed: true, ranked: true, also: ["交易日期", "记账日期", "入账日期", "日期", "交易时间", "booking date", "date"], example: "2026-11-23" },
  { key: "payer_name", title: "recon.payer", needed: false, ranked: true, also: ["对方户名", "对方名称", "付款人名称", "付款人", "对方单位", "payer name", "payer"], example: "恒通商贸" },
  { key: "payer_account", title: "recon.payerAccount", needed: false, ranked: true, also: ["对方账号", "对方帐号", "付款人账号", "付款账号"], example: "62281234" },
  { key: "memo", title: "recon.memo", needed: false, ranked: true, also: ["摘要", "交易摘要", "附言", "用途", "备注", "remark", "description"], example: "货款" },
  { key: "currency", title: "currency.label", needed: false, also: ["币种", "货币", "currency_code"], example: "" },
];

const [LEAST_REFERENCE, MOST_REFERENCE, MOST_NAME, MOST_ACCOUNT, MOST_MEMO] = [4, 64, 200, 64, 500];
const CURRENCIES: Record<string, string> = { 人民币: "CNY", 人民币元: "CNY", RMB: "CNY", 美元: "USD", 港币: "HKD", 欧元: "EUR" };

export interface BankItem {
  bankReference: string;
  /** Empty: money that went out. */
  amount: string;
  bookedOn: string;
  payerName: string;
  payerAccount: string;
  memo: string;
  currency: string;
}

/** A day as banks write it, also with a time behind it or without any sign between. */
export function bankDay(text: string): string {
  const first = narrow(text).split(/[ T]/)[0] ?? "";
  const packed = /^(\d{4})(\d{2})(\d{2})\d*$/.exec(first);
  return dayOf(packed ? `${packed[1]}-${packed[2]}-${packed[3]}` : first);
}

/** Digits of what came in; empty of what went out, undefined of what is no amount. */
export function incoming(text: string): string | undefined {
  const plain = narrow(text).replace(/^\+/, "");
  if (plain === "" || plain.startsWith("-")) return "";
  const digits = plainNumber(plain);
  return digits !== undefined && /^0+(\.0*)?$/.test(digits) ? "" : digits;
}

function read(cells: Cells): BankItem {
  const amount = incoming(cells.raw("amount"));
  const said = cells.raw("currency");
  const item = {
    bankReference: cells.text("bank_reference", "recon.reference", MOST_REFERENCE, 0),
    amount: amount ?? "",
    bookedOn: bankDay(cells.raw("booked_on")),
    payerName: cells.text("payer_name", "recon.payer", MOST_NAME, 0),
    payerAccount: cells.text("payer_account", "recon.payerAccount", MOST_ACCOUNT, 0),
    memo: cells.text("memo", "recon.memo", MOST_MEMO, 0),
    currency: CURRENCIES[said] ?? cells.currency("currency", "currency.label"),
  };
  // Of what is passed over, nothing is wrong: sums at the end, money that went out.
  if (amount === "" || item.bankReference === "") return { ...item, amount: "" };
  if (amount === undefined) cells.wrong("import.bad.amount", { field: "recon.amount" });
  if (item.bookedOn === "") cells.wrong("import.bad.day", { field: "recon.day" });
  if (item.bankReference.length < LEAST_REFERENCE) cells.wrong("recon.bad.reference");
  return item;
}

export function lineStep(item: BankItem, known: KnownBankLine | undefined, account: string, usual: string, lines: { importBankLine: (body: object) => ReturnType<Extract<Step, { kind: "send" }>["send"]> }): Step {
  if (item.amount === "") return { kind: "same" };
  const currencyCode = item.currency || usual;
  const amountMinor = parseAmount(item.amount, currencyCode);
  if (amountMinor === undefined) return { kind: "bad", problems: [{ words: "import.bad.amount", field: "recon.amount" }] };
  if (known) {
    if (known.amountMinor === amountMinor && known.currencyCode === currencyCode && known.bookedOn === item.bookedOn) return { kind: "same" };
    const there = `${known.currencyCode} ${decimalOf(known.amountMinor, known.currencyCode)}`;
    return { kind: "bad", problems: [{ words: "recon.bad.another", values: { amount: there, day: known.bookedOn } }] };
  }
  const { bankReference, bookedOn, payerName, payerAccount, memo } = item;
  const body = { bankAccount: account, bankReference, bookedOn, currencyCode, amountMinor, payerName, payerAccount, memo };
  return {
    kind: "send",
    words: "recon.will.import",
    values: { amount: `${currencyCode} ${decimalOf(amountMinor, currencyCode)}` },
    body,
    send: (requestId) => lines.importBankLine({ ...body, requestId }),
  };
}

const AT_ONCE = 500;

/** The first row that has a header's columns: banks write titles above it. */
const MOST_TITLES = 30;

export function bankLinesImport(transport: Transport, account: string, usual: string): ImportKind<BankItem> {
  const lists = createClient(ReconciliationQueryService, transport);
  const lines = createClient(BankLineService, transport);
  return {
    title: "import.bankLines",
    note: "import.bankLines.note",
    columns: COLUMNS,
    titles: MOST_TITLES,
    read,
    once: ({ bankReference, amount }) => (amount === "" ? crypto.randomUUID() : bankReference),
    look: async (items, signal) => {
      const references = items.filter(({ amount }) => amount !== "").map(({ bankReference }) => bankReference);
      const known = new Map<string, KnownBankLine>();
      let position = 0n;
      for (let from = 0; from < references.length; from += AT_ONCE) {
        const part = await lists.lookUpBankLines({ bankAccount: account, bankReferences: references.slice(from, from + AT_ONCE) }, { signal });
        for (const line of part.lines) known.set(line.bankReference, line);
        position = part.freshness?.position ?? position;
      }
      return { position, stepOf: (item) => lineStep(item, known.get(item.bankReference), account, usual, lines) };
    },
  };
}
