// Statements of account between the brand and its dealers.
import { ACCOUNTS, nameOf } from "../../funds/words";
import type { Statement } from "../../gen/qudao/order/v1/statement_query_service_pb";
import { statusName } from "../../statements/rules";
import { money, whole, type Sheet } from "../cells";

export const statementsSheet: Sheet<Statement> = {
  columns: ({ t, time }) => {
    const amount = (minor: (one: Statement) => bigint) => (one: Statement) => money(minor(one), one.currencyCode);
    return [
      { title: t("stm.number"), cell: (one) => one.statementId },
      { title: t("sheet.dealerId"), cell: (one) => one.dealerId },
      { title: t("sheet.dealerName"), cell: (one) => one.dealerName },
      {
        title: t("stm.account"),
        cell: ({ account }) => {
          const name = nameOf(ACCOUNTS, account);
          return name && t(`funds.account.${name}`);
        },
      },
      { title: t("currency.label"), cell: (one) => one.currencyCode },
      { title: t("stm.from"), cell: (one) => one.fromDate },
      { title: t("stm.until"), cell: (one) => one.untilDate },
      {
        title: t("order.status"),
        cell: ({ status }) => {
          const name = statusName(status);
          return t(name ? `stm.status.${name}` : "status.unknown");
        },
      },
      { title: t("stm.opening"), cell: amount((one) => one.openingMinor) },
      { title: t("stm.closing"), cell: amount((one) => one.closingMinor) },
      { title: t("stm.held"), cell: amount((one) => one.closingHeldMinor) },
      { title: t("stm.overdue"), cell: amount((one) => one.overdueMinor) },
      { title: t("sheet.overdueDays"), cell: (one) => whole(one.overdueDays) },
      { title: t("stm.lines"), cell: (one) => whole(one.lineCount) },
      { title: t("stm.waitingSince"), cell: (one) => time(one.waitingSince) },
      { title: t("stm.digest"), cell: (one) => one.digest },
    ];
  },
};
