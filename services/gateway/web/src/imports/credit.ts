// How much credit dealers have, and how long they may take to pay.
import { createClient, type Client, type Transport } from "@connectrpc/connect";
import { ownCredit, parseAmount } from "../funds/amounts";
import { CreditService } from "../gen/qudao/order/v1/credit_service_pb";
import { FundsQueryService, type DealerFunds } from "../gen/qudao/order/v1/funds_query_service_pb";
import { decimalOf } from "../tables/cells";
import { everyRow } from "../tables/every-row";
import { plainNumber, type Cells, type Problem } from "./fields";
import type { ImportColumn, ImportKind, Step } from "./kind";

const COLUMNS: ImportColumn[] = [
  { key: "dealer_id", title: "sheet.dealerId", needed: true, also: ["编号", "id", "dealer"], example: "hengtong" },
  { key: "limit", title: "funds.limit", needed: true, also: ["额度", "授信额度", "limit"], example: "500000" },
  { key: "payment_days", title: "sheet.paymentDays", needed: "new", also: ["账期", "days", "payment days"], example: "30" },
  { key: "currency", title: "currency.label", needed: false, also: ["货币", "currency_code"], example: "" },
  { key: "reason", title: "sheet.reason", needed: false, also: ["备注", "note"], example: "年度授信" },
];

const [MOST_DAYS, MOST_REASON] = [365, 200];

export interface LimitItem {
  dealerId: string;
  limit: string;
  /** As it is, where the file does not say. */
  paymentDays: number | undefined;
  currency: string;
  reason: string;
}

function read(cells: Cells): LimitItem {
  const dealerId = cells.id("dealer_id", "sheet.dealerId");
  const limit = plainNumber(cells.raw("limit"));
  if (limit === undefined) cells.wrong("import.bad.amount", { field: "funds.limit" });
  return {
    dealerId,
    limit: limit ?? "",
    paymentDays: cells.whole("payment_days", "sheet.paymentDays", 0, MOST_DAYS),
    currency: cells.currency("currency", "currency.label"),
    reason: cells.text("reason", "sheet.reason", MOST_REASON, 0),
  };
}

export function limitStep(item: LimitItem, funds: DealerFunds | undefined, usual: string, credit: Client<typeof CreditService>): Step {
  const { dealerId, reason } = item;
  const bad = (problem: Problem): Step => ({ kind: "bad", problems: [problem] });
  if (!funds) return bad({ words: "import.bad.noDealer", values: { id: dealerId } });
  const own = ownCredit(funds);
  const currencyCode = own?.currencyCode || item.currency || usual;
  if (item.currency !== "" && item.currency !== currencyCode) return bad({ words: "import.bad.otherCurrency", values: { currency: currencyCode } });
  const limitMinor = parseAmount(item.limit, currencyCode, 0n);
  if (limitMinor === undefined) return bad({ words: "import.bad.amount", field: "funds.limit" });
  const paymentDays = item.paymentDays ?? own?.paymentDays;
  if (paymentDays === undefined) return bad({ words: "import.bad.missing", field: "sheet.paymentDays" });
  if (own && own.limitMinor === limitMinor && own.paymentDays === paymentDays) return { kind: "same" };
  const said = (minor: bigint, days: number) => `${currencyCode} ${decimalOf(minor, currencyCode)} / ${days}`;
  const body = { dealerId, currencyCode, limitMinor, paymentDays, reason };
  return {
    kind: "send",
    words: own ? "import.will.change" : "import.will.set",
    values: { before: own ? said(own.limitMinor, own.paymentDays) : "", after: said(limitMinor, paymentDays) },
    body,
    send: (requestId) => credit.setCreditLimit({ ...body, requestId }),
  };
}

/** `usual`: what the brand sells in, for a dealer that has no credit yet. */
export function creditImport(transport: Transport, usual: string): ImportKind<LimitItem> {
  const funds = createClient(FundsQueryService, transport);
  const credit = createClient(CreditService, transport);
  return {
    title: "import.credit",
    note: "import.credit.note",
    columns: COLUMNS,
    read,
    once: ({ dealerId }) => dealerId,
    look: async (_, signal) => {
      const { rows, first } = await everyRow((page, stop) => funds.listDealerFunds({ page }, { signal: stop }), (part) => part.dealers, { signal, most: Infinity });
      const known = new Map(rows.map((one) => [one.dealerId, one]));
      return { position: first.freshness?.position ?? 0n, stepOf: (item) => limitStep(item, known.get(item.dealerId), usual, credit) };
    },
  };
}
