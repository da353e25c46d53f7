// Credit and money of dealers, and payments through providers.
import { creditTotal, creditUsed } from "../../funds/amounts";
import { ACCOUNTS, kindKey, nameOf, PURPOSES, REMITTANCES } from "../../funds/words";
import type { DealerFunds, FundsEntry, Receivable, Remittance } from "../../gen/qudao/order/v1/funds_query_service_pb";
import type { Payment } from "../../gen/qudao/order/v1/payment_query_service_pb";
import { PROVIDERS, STATUSES } from "../../payments/words";
import { money, whole, type Cell, type Sheet } from "../cells";

export const dealerFundsSheet: Sheet<DealerFunds> = {
  columns: ({ t }) => {
    const credit = (amount: (one: NonNullable<DealerFunds["credit"]>) => bigint) => (one: DealerFunds): Cell =>
      one.credit && money(amount(one.credit), one.credit.currencyCode);
    const purse = (minor: (one: DealerFunds) => bigint | undefined) => (one: DealerFunds): Cell =>
      money(minor(one), one.currencyCode || one.credit?.currencyCode || "");
    return [
      { title: t("sheet.dealerId"), cell: (one) => one.dealerId },
      { title: t("sheet.dealerName"), cell: (one) => one.dealerName },
      { title: t("order.region"), cell: (one) => one.regionName },
      { title: t("currency.label"), cell: (one) => one.credit?.currencyCode || one.currencyCode },
      { title: t("funds.limit"), cell: credit((one) => one.limitMinor) },
      { title: t("sheet.paymentDays"), cell: ({ credit: one }) => whole(one?.paymentDays) },
      { title: t("sheet.creditTotal"), cell: credit(creditTotal) },
      { title: t("sheet.creditUsed"), cell: credit(creditUsed) },
      { title: t("funds.available"), cell: credit((one) => one.availableMinor) },
      { title: t("funds.overdue"), cell: credit((one) => one.overdueMinor) },
      { title: t("sheet.overdueDays"), cell: ({ credit: one }) => whole(one?.overdueDays) },
      { title: t("sheet.blocked"), cell: ({ credit: one }) => one?.blockedReason },
      { title: t("sheet.shared"), cell: ({ credit: one }) => one?.ofDealerName },
      { title: t("funds.prepaid"), cell: purse((one) => one.prepaid?.balanceMinor) },
      { title: t("funds.rebate"), cell: purse((one) => one.rebate?.balanceMinor) },
      { title: t("funds.reported"), cell: purse((one) => one.reportedMinor) },
    ];
  },
};

export const entriesSheet: Sheet<FundsEntry> = {
  columns: ({ t, time }) => [
    { title: t("funds.entry.time"), cell: (one) => time(one.occurredAt) },
    {
      title: t("funds.account"),
      cell: ({ account }) => {
        const name = nameOf(ACCOUNTS, account);
        return name && t(`funds.account.${name}`);
      },
    },
    { title: t("funds.entry.kind"), cell: (one) => t(kindKey(one.kind, one.account)) },
    { title: t("funds.entry.change"), cell: (one) => money(one.changeMinor, one.currencyCode) },
    { title: t("funds.entry.held"), cell: (one) => money(one.heldChangeMinor, one.currencyCode) },
    { title: t("funds.entry.balance"), cell: (one) => money(one.balanceMinor, one.currencyCode) },
    { title: t("funds.limit"), cell: (one) => money(one.limitMinor, one.currencyCode) },
    { title: t("currency.label"), cell: (one) => one.currencyCode },
    { title: t("order.number"), cell: (one) => one.orderId },
    { title: t("remit.number"), cell: (one) => one.remittanceId },
    { title: t("order.dealer"), cell: (one) => one.ofDealerName },
    { title: t("sheet.reason"), cell: (one) => one.reason },
  ],
};

export const receivablesSheet: Sheet<Receivable> = {
  columns: ({ t }) => [
    { title: t("order.number"), cell: (one) => one.orderId },
    { title: t("sheet.dealerId"), cell: (one) => one.dealerId },
    { title: t("sheet.dealerName"), cell: (one) => one.dealerName },
    { title: t("funds.dueOn"), cell: (one) => one.dueOn },
    { title: t("sheet.overdueDays"), cell: (one) => whole(one.overdueDays) },
    { title: t("funds.receivable"), cell: (one) => money(one.amountMinor, one.currencyCode) },
    { title: t("funds.unpaid"), cell: (one) => money(one.openMinor, one.currencyCode) },
    { title: t("currency.label"), cell: (one) => one.currencyCode },
  ],
};

export const remittancesSheet: Sheet<Remittance> = {
  columns: ({ t, time }) => [
    { title: t("remit.number"), cell: (one) => one.remittanceId },
    { title: t("sheet.dealerId"), cell: (one) => one.dealerId },
    { title: t("sheet.dealerName"), cell: (one) => one.dealerName },
    {
      title: t("order.status"),
      cell: ({ status }) => {
        const name = nameOf(REMITTANCES, status);
        return t(name ? `remit.status.${name}` : "status.unknown");
      },
    },
    {
      title: t("remit.purpose"),
      cell: ({ purpose }) => {
        const name = nameOf(PURPOSES, purpose);
        return name && t(`remit.purpose.${name}`);
      },
    },
    { title: t("remit.amount"), cell: (one) => money(one.amountMinor, one.currencyCode) },
    { title: t("remit.received"), cell: (one) => money(one.receivedMinor, one.currencyCode) },
    { title: t("currency.label"), cell: (one) => one.currencyCode },
    { title: t("remit.reference"), cell: (one) => one.bankReference },
    { title: t("remit.paidOn"), cell: (one) => one.paidOn },
    { title: t("sheet.note"), cell: (one) => one.note },
    { title: t("sheet.reportedBy"), cell: (one) => one.reportedBy },
    { title: t("sheet.reportedAt"), cell: (one) => time(one.reportedAt) },
    { title: t("sheet.decidedBy"), cell: (one) => one.decidedBy },
    { title: t("sheet.decidedAt"), cell: (one) => time(one.decidedAt) },
    { title: t("sheet.reason"), cell: (one) => one.reason },
  ],
};

export const paymentsSheet: Sheet<Payment> = {
  columns: ({ t, time }) => [
    { title: t("online.number"), cell: (one) => one.paymentId },
    { title: t("order.number"), cell: (one) => one.orderId },
    { title: t("sheet.dealerId"), cell: (one) => one.dealerId },
    { title: t("sheet.dealerName"), cell: (one) => one.dealerName },
    {
      title: t("order.status"),
      cell: ({ status }) => {
        const name = nameOf(STATUSES, status);
        return t(name ? `online.status.${name}` : "status.unknown");
      },
    },
    {
      title: t("online.provider"),
      cell: ({ provider }) => {
        const name = nameOf(PROVIDERS, provider);
        return name && t(`online.provider.${name}`);
      },
    },
    { title: t("online.amount"), cell: (one) => money(one.amountMinor, one.currencyCode) },
    { title: t("sheet.captured"), cell: (one) => money(one.capturedMinor, one.currencyCode) },
    { title: t("sheet.refunded"), cell: (one) => money(one.refundedMinor, one.currencyCode) },
    { title: t("currency.label"), cell: (one) => one.currencyCode },
    { title: t("online.transaction"), cell: (one) => one.transaction },
    { title: t("online.startedAt"), cell: (one) => time(one.startedAt) },
    { title: t("online.paidAt"), cell: (one) => time(one.paidAt) },
  ],
};
