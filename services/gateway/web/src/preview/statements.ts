// Statements of the made-up brand: what moved on accounts of its dealers, each in another status.
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { FundsAccount, type FundsEntry } from "../gen/qudao/order/v1/funds_query_service_pb";
import {
  AccountToStateSchema, StatementAct, StatementQueryService, StatementSchema, StatementStatus, StatementStepSchema, StatementSumSchema, type Statement,
} from "../gen/qudao/order/v1/statement_query_service_pb";
import { DisputeVerdict, StatementService } from "../gen/qudao/order/v1/statement_service_pb";
import type { DemoFunds } from "./funds-world";
import { ago } from "./online-world";
import { paged } from "./rows";
import type { World } from "./world";

const { DRAFT, SENT, DISPUTED, CORRECTING, AGREED, REPLACED, DISCARDED } = StatementStatus;
const CHANGING = [SENT, AGREED, DRAFT, DISPUTED, SENT, CORRECTING];
const DAY = 24 * 60;

interface Kept {
  statement: Statement;
  lines: FundsEntry[];
}

const sumOf = (lines: FundsEntry[], minor: (line: FundsEntry) => bigint) => lines.reduce((all, line) => all + minor(line), 0n);

function keptOf(world: World, dealerId: string, lines: FundsEntry[], n: number): Kept {
  const [first, last] = [lines[0], lines.at(-1)];
  const status = CHANGING[n % CHANGING.length] ?? SENT;
  const closing = { there: last?.balanceMinor ?? 0n, held: last?.heldMinor ?? 0n };
  const kinds = [...new Set(lines.map(({ kind }) => kind))];
  const waits = status === SENT || status === DISPUTED || status === CORRECTING;
  const statement = create(StatementSchema, {
    statementId: `ST-20261101-7K2M0Q${String(n).padStart(2, "0")}`, dealerId, status,
    dealerName: world.dealers.find((one) => one.dealerId === dealerId)?.name ?? "",
    account: first?.account ?? FundsAccount.PREPAID, currencyCode: first?.currencyCode ?? "CNY",
    fromDate: "2026-10-01", untilDate: "2026-10-31", lineCount: lines.length,
    openingMinor: closing.there - sumOf(lines, (line) => line.changeMinor), openingHeldMinor: closing.held - sumOf(lines, (line) => line.heldChangeMinor),
    closingMinor: closing.there, closingHeldMinor: closing.held,
    sums: kinds.map((kind) => {
      const own = lines.filter((line) => line.kind === kind);
      return create(StatementSumSchema, {
        kind, count: own.length, changeMinor: sumOf(own, (line) => line.changeMinor), heldChangeMinor: sumOf(own, (line) => line.heldChangeMinor),
      });
    }),
    digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    afterPosition: 100n, uptoPosition: 400n, version: 2n,
    ...(first?.account === FundsAccount.CREDIT && closing.there > 0n && { overdueMinor: closing.there, overdueDays: 12 }),
    ...(waits && { waitingSince: ago(DAY * (n + 2)), waitingDays: n + 2 }),
    ...(status === DISPUTED && { disputed: [{ reason: "这批货少收 2 箱", position: first?.position ?? 1n }] }),
    steps: [
      { act: StatementAct.MADE, actorId: "lin", doneAt: ago(DAY * 9) },
      ...(status === DRAFT ? [] : [{ act: StatementAct.SENT, actorId: "lin", doneAt: ago(DAY * 8) }]),
      ...(status === AGREED ? [{ act: StatementAct.AGREED, actorId: "zhao", doneAt: ago(DAY * 6) }] : []),
    ].map((step) => create(StatementStepSchema, step)),
  });
  return { statement, lines };
}

function allOf(world: World, funds: DemoFunds): Kept[] {
  const accounts = [FundsAccount.PREPAID, FundsAccount.CREDIT, FundsAccount.REBATE];
  const all: Kept[] = [];
  for (const [dealerId, entries] of funds.entries) {
    for (const account of accounts) {
      const lines = entries.filter((entry) => entry.account === account && entry.balanceMinor !== undefined).reverse();
      if (lines.length > 0) all.push(keptOf(world, dealerId, lines, all.length));
    }
  }
  return all;
}

export function demoStatements(world: World, funds: DemoFunds, fresh: () => object, wake: () => void) {
  const all = allOf(world, funds);
  const find = (id: string) => {
    const found = all.find(({ statement }) => statement.statementId === id);
    if (!found) throw new ConnectError("no such statement", Code.NotFound);
    return found;
  };
  const change = (id: string, act: StatementAct, status: StatementStatus, text = "") => {
    const { statement } = find(id);
    statement.steps.push(create(StatementStepSchema, { act, actorId: "lin", doneAt: ago(0), text }));
    const waits = status === SENT || status === DISPUTED || status === CORRECTING;
    Object.assign(statement, { status, version: statement.version + 1n, waitingSince: waits ? ago(0) : "", waitingDays: 0 });
    world.position += 1n;
    world.movedAt = new Date().toISOString();
    wake();
    return { receipt: { objectId: id, version: statement.version, position: world.position } };
  };
  return ({ service }: ConnectRouter) => {
    service(StatementQueryService, {
      getStatement: ({ statementId }) => ({ statement: find(statementId).statement, freshness: fresh() }),
      listStatements: ({ search, accounts, statuses, waitingDays, page }) => {
        const rows = all
          .map(({ statement }) => statement)
          .filter((one) => (accounts.length === 0 || accounts.includes(one.account)) && (statuses.length === 0 || statuses.includes(one.status)))
          .filter((one) => one.waitingDays >= waitingDays && `${one.statementId} ${one.dealerName}`.toLowerCase().includes(search.toLowerCase()));
        return { ...paged("statements", rows, page), freshness: fresh() };
      },
      listStatementLines: ({ statementId, page }) => ({ ...paged("lines", find(statementId).lines, page), freshness: fresh() }),
      listAccountsToState: ({ page }) => {
        const { dealerId, name: dealerName } = world.dealers.at(-1) ?? { dealerId: "", name: "" };
        const account = create(AccountToStateSchema, { dealerId, dealerName, account: FundsAccount.REBATE, currencyCode: "CNY", fromDate: "2026-11-01" });
        return { ...paged("accounts", dealerId ? [account] : [], page), freshness: fresh() };
      },
    });
    service(StatementService, {
      sendStatement: ({ statementId }) => change(statementId, StatementAct.SENT, SENT),
      discardStatement: ({ statementId, reason }) => change(statementId, StatementAct.DISCARDED, DISCARDED, reason),
      agreeStatement: ({ statementId }) => change(statementId, StatementAct.AGREED, AGREED),
      disputeStatement: ({ statementId, points }) => {
        find(statementId).statement.disputed = points;
        return change(statementId, StatementAct.DISPUTED, DISPUTED, points.map(({ reason }) => reason).join("\n"));
      },
      answerDispute: ({ statementId, verdict, answer }) =>
        verdict === DisputeVerdict.ACCEPTED
          ? change(statementId, StatementAct.ACCEPTED, CORRECTING, answer)
          : change(statementId, StatementAct.REJECTED, SENT, answer),
      reviseStatement: ({ statementId, reason }) => change(statementId, StatementAct.REPLACED, REPLACED, reason),
    });
  };
}
