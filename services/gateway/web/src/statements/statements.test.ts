import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import "../i18n/both-languages";
import { FundsAccount } from "../gen/qudao/order/v1/funds_query_service_pb";
import { StatementAct, StatementSchema, StatementStatus } from "../gen/qudao/order/v1/statement_query_service_pb";
import { DisputeVerdict } from "../gen/qudao/order/v1/statement_service_pb";
import { translate } from "../i18n/i18n";
import { statementsSheet } from "../tables/sheets/statements";
import { isAsked, isDisputed, isDraft, isOpen, isOwed, lastMonthEnd, statusesFor } from "./rules";
import { ACTS, STATUSES, VERDICTS } from "./words";

const of = (status: StatementStatus, account = FundsAccount.PREPAID) => create(StatementSchema, { status, account });

const values = (enumeration: object) => Object.values(enumeration).filter((value): value is number => typeof value === "number" && value > 0);

describe("statements", () => {
  it("have a word for everything that the contract knows", () => {
    expect(Object.values(STATUSES).sort()).toEqual(values(StatementStatus).sort());
    expect(Object.values(ACTS).sort()).toEqual(values(StatementAct).sort());
    expect(Object.values(VERDICTS).sort()).toEqual(values(DisputeVerdict).sort());
  });

  it("are agreed to or disputed while the dealer is asked", () => {
    const asked = values(StatementStatus).filter((status) => isAsked(of(status)));
    expect(asked).toEqual([StatementStatus.SENT, StatementStatus.CORRECTING]);
    expect(isDisputed(of(StatementStatus.DISPUTED))).toBe(true);
    expect(isDraft(of(StatementStatus.SENT))).toBe(false);
    expect(values(StatementStatus).filter((status) => isOpen(of(status)))).toHaveLength(3);
  });

  it("are no drafts to a dealer", () => {
    expect(statusesFor(true)).toEqual(["sent", "disputed", "correcting", "agreed", "replaced"]);
    expect(statusesFor(false)).toHaveLength(7);
  });

  it("end with a month", () => {
    expect(lastMonthEnd("2026-11-27")).toBe("2026-10-31");
    expect(lastMonthEnd("2026-01-05")).toBe("2025-12-31");
    expect(lastMonthEnd("2028-03-31")).toBe("2028-02-29");
  });

  it("of credit say what is owed", () => {
    expect(isOwed(of(StatementStatus.SENT, FundsAccount.CREDIT))).toBe(true);
    expect(isOwed(of(StatementStatus.SENT))).toBe(false);
  });

  it("are taken along with exact amounts", () => {
    const columns = statementsSheet.columns({ t: (key, holes) => translate("en", key, holes), time: (text) => text });
    const one = create(StatementSchema, { currencyCode: "CNY", closingMinor: 123_456n, status: StatementStatus.AGREED, account: FundsAccount.REBATE });
    const told = new Map(columns.map(({ title, cell }) => [title, cell(one)]));
    expect(told.get("Closing balance")).toEqual({ minor: 123_456n, currency: "CNY" });
    expect(told.get("Status")).toBe("Agreed");
    expect(told.get("Account")).toBe("Rebates");
  });
});
