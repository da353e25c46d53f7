// Credit and money of the made-up brand: a dealer in every situation that a page has to show.
import { create } from "@bufbuild/protobuf";
import {
  CreditSchema, FundsAccount, FundsEntryKind, FundsEntrySchema, PurseSchema, ReceivableSchema, RemittanceSchema, RemittanceStatus,
  type Credit, type FundsEntry, type Purse, type Receivable, type Remittance,
} from "../gen/qudao/order/v1/funds_query_service_pb";
import { OrderRulesSchema, type OrderRules } from "../gen/qudao/order/v1/order_rules_service_pb";
import { RemittancePurpose } from "../gen/qudao/order/v1/remittance_service_pb";
import type { World } from "./world";

export const CURRENCY = "USD";
const DAY_MS = 86_400_000;

export interface DemoFunds {
  credit: Map<string, Credit>;
  /** Whose credit a dealer draws on, where it is not its own. */
  shared: Map<string, string>;
  prepaid: Map<string, Purse>;
  rebate: Map<string, Purse>;
  entries: Map<string, FundsEntry[]>;
  receivables: Map<string, Receivable[]>;
  remittances: Remittance[];
  rules: OrderRules;
  rulesVersion: bigint;
}

export const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

export function available(credit: Credit): bigint {
  const left = credit.limitMinor + credit.temporaryMinor - credit.receivableMinor - credit.reservedMinor;
  return left > 0n && credit.blockedReason === "" ? left : 0n;
}

export function purse(balanceMinor: bigint, heldMinor = 0n): Purse {
  const left = balanceMinor - heldMinor;
  return create(PurseSchema, { balanceMinor, heldMinor, availableMinor: left > 0n ? left : 0n });
}

export function demoFundsWorld(world: World): DemoFunds {
  const funds: DemoFunds = {
    credit: new Map(), shared: new Map([["dealer-7", "dealer-2"]]), prepaid: new Map(), rebate: new Map(), entries: new Map(),
    receivables: new Map(), remittances: [], rulesVersion: 3n,
    rules: create(OrderRulesSchema, { settledHere: true, reviewed: true, rebateSharePercent: 30, overdueGraceDays: 7, stockChecked: true }),
  };
  world.dealers.forEach(({ dealerId }, i) => {
    if (i % 4 !== 3) credited(funds, world, dealerId, i);
    if (i % 2 === 0) funds.prepaid.set(dealerId, purse(BigInt(250_000 + i * 12_345), i % 3 === 0 ? 40_000n : 0n));
    if (i % 3 === 0) funds.rebate.set(dealerId, purse(i === 6 ? -35_000n : BigInt(80_000 + i * 1_000)));
    funds.entries.set(dealerId, entriesOf(world, dealerId));
  });
  funds.remittances = world.dealers.slice(0, 9).map(({ dealerId, name }, i) => remittance(dealerId, name, i));
  return funds;
}

function credited({ credit, receivables }: DemoFunds, world: World, dealerId: string, i: number) {
  const owed = world.orders.filter((order) => order.dealerId === dealerId).slice(0, 1 + (i % 4));
  const open = owed.map((order, at) =>
    create(ReceivableSchema, {
      orderId: order.orderId, dealerId, currencyCode: CURRENCY, amountMinor: BigInt(400_000 + at * 130_000),
      openMinor: BigInt(400_000 + at * 130_000 - (at === 0 ? 150_000 : 0)), dueOn: inDays(-12 + i * 3 + at * 9),
      overdueDays: Math.max(0, 12 - i * 3 - at * 9),
    }),
  );
  receivables.set(dealerId, open);
  const sum = (of: Receivable[]) => of.reduce((total, one) => total + one.openMinor, 0n);
  const late = open.filter((one) => one.overdueDays > 0);
  const temporary = i === 0 ? [{ amountMinor: 500_000n, until: inDays(20) }] : [];
  const one = create(CreditSchema, {
    currencyCode: CURRENCY, limitMinor: BigInt(1_000_000 + i * 200_000), temporaryMinor: i === 0 ? 500_000n : 0n, temporary,
    reservedMinor: BigInt((i % 3) * 260_000), receivableMinor: sum(open), overdueMinor: sum(late),
    overdueDays: Math.max(0, ...late.map((row) => row.overdueDays)), paymentDays: 30, version: 4n,
    blockedReason: i === 4 ? "两次未按约定付款" : "",
  });
  credit.set(dealerId, Object.assign(one, { availableMinor: available(one) }));
}

function entriesOf(world: World, dealerId: string): FundsEntry[] {
  const orders = world.orders.filter((order) => order.dealerId === dealerId);
  const id = (at: number) => orders[at % Math.max(1, orders.length)]?.orderId ?? "S-10001";
  const { CREDIT, PREPAID, REBATE } = FundsAccount;
  const { TOP_UP, GRANT, HOLD, CAPTURE, REPAYMENT, LIMIT, TEMPORARY, RELEASE } = FundsEntryKind;
  const rows: [FundsAccount, FundsEntryKind, number, number, number, number, object][] = [
    [CREDIT, REPAYMENT, -250_000, 0, 910_000, 260_000, { remittanceId: "R-2004", reason: "202611180099" }],
    [CREDIT, CAPTURE, 430_000, -430_000, 1_160_000, 260_000, { orderId: id(0) }],
    [PREPAID, CAPTURE, -120_000, -120_000, 250_000, 0, { orderId: id(0) }],
    [CREDIT, HOLD, 0, 690_000, 730_000, 690_000, { orderId: id(1) }],
    [PREPAID, HOLD, 0, 120_000, 370_000, 120_000, { orderId: id(1) }],
    [REBATE, RELEASE, 0, -30_000, 80_000, 0, { orderId: id(2) }],
    [PREPAID, TOP_UP, 370_000, 0, 370_000, 0, { remittanceId: "R-2001", reason: "202611020017" }],
    [REBATE, GRANT, 80_000, 0, 80_000, 0, { reason: "三季度销量返利" }],
    [CREDIT, TEMPORARY, 0, 0, 0, 0, { limitMinor: 500_000n, reason: "双十一备货" }],
    [CREDIT, LIMIT, 0, 0, 0, 0, { limitMinor: 1_000_000n, reason: "年度授信" }],
  ];
  return rows.map(([account, kind, change, held, balance, kept, rest], i) =>
    create(FundsEntrySchema, {
      position: BigInt(1_600 - i * 7), account, kind, currencyCode: CURRENCY, changeMinor: BigInt(change),
      heldChangeMinor: BigInt(held), ...(balance !== 0 && { balanceMinor: BigInt(balance), heldMinor: BigInt(kept) }), occurredAt: `${inDays(-i * 3)}T02:15:00Z`, ...rest,
    }),
  );
}

function remittance(dealerId: string, dealerName: string, i: number): Remittance {
  const status = [RemittanceStatus.REPORTED, RemittanceStatus.CONFIRMED, RemittanceStatus.REPORTED, RemittanceStatus.REJECTED][i % 4];
  const amountMinor = BigInt(300_000 + i * 55_500);
  return create(RemittanceSchema, {
    remittanceId: `R-${2001 + i}`, dealerId, dealerName, currencyCode: CURRENCY, amountMinor, paidOn: inDays(-i), version: 1n,
    purpose: i % 3 === 1 ? RemittancePurpose.REPAYMENT : RemittancePurpose.TOP_UP, bankReference: `2026112${i}00${17 + i}`,
    note: i === 2 ? "从招商银行转出，分两笔到账" : "", reportedBy: i === 0 ? "dealer" : "wang.fang", reportedAt: `${inDays(-i)}T03:20:00Z`,
    ...(status !== undefined && { status }),
    ...(status === RemittanceStatus.CONFIRMED && { receivedMinor: i === 5 ? amountMinor - 1_500n : amountMinor, decidedBy: "lin", decidedAt: `${inDays(-i)}T08:00:00Z` }),
    ...(status === RemittanceStatus.REJECTED && { reason: "银行没有这笔入账", decidedBy: "lin", decidedAt: `${inDays(-i)}T08:00:00Z` }),
  });
}
