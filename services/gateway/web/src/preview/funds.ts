// What the pages ask about the funds of the made-up brand, and what can be done with them.
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { ErrorInfoSchema, LocalizedMessageSchema } from "../gen/google/rpc/error_details_pb";
import { CreditService } from "../gen/qudao/order/v1/credit_service_pb";
import { CreditSchema, FundsFilter, FundsQueryService, RemittanceSchema, RemittanceStatus, type Credit } from "../gen/qudao/order/v1/funds_query_service_pb";
import { OrderRulesService } from "../gen/qudao/order/v1/order_rules_service_pb";
import { RemittancePurpose, RemittanceService } from "../gen/qudao/order/v1/remittance_service_pb";
import { WalletService } from "../gen/qudao/order/v1/wallet_service_pb";
import { available, CURRENCY, purse, type DemoFunds } from "./funds-world";
import { paged } from "./rows";
import type { World } from "./world";

const has = (search: string, ...texts: string[]) => texts.join(" ").toLowerCase().includes(search.toLowerCase());

export function dealerFunds(world: World, funds: DemoFunds, dealerId: string) {
  const dealer = world.dealers.find((one) => one.dealerId === dealerId);
  const of = funds.shared.get(dealerId) ?? "";
  const credit = funds.credit.get(of || dealerId);
  const reported = funds.remittances.filter((one) => one.dealerId === dealerId && one.status === RemittanceStatus.REPORTED);
  const other = world.dealers.find((one) => one.dealerId === of);
  return {
    dealerId,
    dealerName: dealer?.name ?? dealerId,
    regionName: world.regions.find((region) => region.regionId === dealer?.regionId)?.name ?? "",
    currencyCode: CURRENCY,
    prepaid: funds.prepaid.get(dealerId) ?? purse(0n),
    rebate: funds.rebate.get(dealerId) ?? purse(0n),
    reportedMinor: reported.reduce((total, one) => total + one.amountMinor, 0n),
    reportedRemittances: reported.length,
    ...(credit && { credit: create(CreditSchema, { ...credit, ofDealerId: of, ofDealerName: other?.name ?? "" }) }),
  };
}

const FITS: Record<FundsFilter, (credit: Credit | undefined) => boolean> = {
  [FundsFilter.UNSPECIFIED]: () => true,
  [FundsFilter.WITH_CREDIT]: (credit) => credit !== undefined,
  [FundsFilter.OVERDUE]: (credit) => (credit?.overdueMinor ?? 0n) > 0n,
  [FundsFilter.BLOCKED]: (credit) => (credit?.blockedReason ?? "") !== "",
  [FundsFilter.NEARLY_USED]: (credit) => credit !== undefined && credit.availableMinor * 10n < credit.limitMinor,
};

export function demoFunds(world: World, funds: DemoFunds, fresh: () => object, wake: () => void) {
  const done = (objectId: string) => {
    world.position += 1n;
    world.movedAt = new Date().toISOString();
    wake();
    return { receipt: { objectId, version: world.position, position: world.position } };
  };
  const change = (dealerId: string, to: Partial<Credit>) => {
    const before = funds.credit.get(dealerId) ?? create(CreditSchema, { currencyCode: CURRENCY, paymentDays: 30 });
    const credit = create(CreditSchema, { ...before, ...to, version: before.version + 1n });
    funds.credit.set(dealerId, Object.assign(credit, { availableMinor: available(credit) }));
    return done(dealerId);
  };
  const move = (purses: DemoFunds["prepaid"], dealerId: string, by: bigint) => {
    const before = purses.get(dealerId) ?? purse(0n);
    purses.set(dealerId, purse(before.balanceMinor + by, before.heldMinor));
    return done(dealerId);
  };
  const sent = (id: string) => {
    const found = funds.remittances.find((one) => one.remittanceId === id);
    if (!found) throw new ConnectError("no such remittance", Code.NotFound);
    return found;
  };
  const temporary = (dealerId: string) => [...(funds.credit.get(dealerId)?.temporary ?? [])];

  return ({ service }: ConnectRouter) => {
    service(FundsQueryService, {
      listDealerFunds: ({ search, filter, page }) => {
        const rows = world.dealers.filter((one) => has(search, one.name, one.dealerId)).map((one) => dealerFunds(world, funds, one.dealerId));
        return { ...paged("dealers", rows.filter(({ credit }) => FITS[filter](credit)), page), freshness: fresh() };
      },
      getDealerFunds: ({ dealerId }) => ({ funds: dealerFunds(world, funds, dealerId), freshness: fresh() }),
      listFundsEntries: ({ dealerId, accounts, fromDate, toDate, page }) => {
        const rows = (funds.entries.get(dealerId) ?? []).filter(({ account, occurredAt }) => {
          const day = occurredAt.slice(0, 10);
          return (accounts.length === 0 || accounts.includes(account)) && (!fromDate || day >= fromDate) && (!toDate || day <= toDate);
        });
        return { ...paged("entries", rows, page), freshness: fresh() };
      },
      listReceivables: ({ dealerId, page }) => ({ ...paged("receivables", funds.receivables.get(dealerId) ?? [], page), freshness: fresh() }),
      listRemittances: ({ search, dealerId, statuses, page }) => {
        const rows = funds.remittances
          .filter((one) => !dealerId || one.dealerId === dealerId)
          .filter((one) => statuses.length === 0 || statuses.includes(one.status))
          .filter((one) => has(search, one.remittanceId, one.dealerName, one.bankReference));
        return { ...paged("remittances", rows, page), freshness: fresh() };
      },
      getOrderRules: () => ({ rules: funds.rules, version: funds.rulesVersion, freshness: fresh() }),
    });
    service(OrderRulesService, {
      setOrderRules: ({ rules }) => {
        if (rules) funds.rules = rules;
        funds.rulesVersion += 1n;
        return done("rules");
      },
    });
    service(CreditService, {
      setCreditLimit: ({ dealerId, limitMinor, paymentDays }) => change(dealerId, { limitMinor, paymentDays }),
      grantTemporaryCredit: ({ dealerId, amountMinor, until }) => {
        const all = [...temporary(dealerId), { $typeName: "qudao.order.v1.TemporaryCredit" as const, amountMinor, until }];
        return change(dealerId, { temporary: all, temporaryMinor: all.reduce((total, one) => total + one.amountMinor, 0n) });
      },
      endTemporaryCredit: ({ dealerId }) => change(dealerId, { temporary: [], temporaryMinor: 0n }),
      blockCredit: ({ dealerId, reason }) => change(dealerId, { blockedReason: reason }),
      unblockCredit: ({ dealerId }) => change(dealerId, { blockedReason: "" }),
      shareCredit: ({ dealerId, ofDealerId }) => {
        if (ofDealerId) funds.shared.set(dealerId, ofDealerId);
        else funds.shared.delete(dealerId);
        return done(dealerId);
      },
    });
    service(WalletService, {
      grantRebate: ({ dealerId, amountMinor }) => move(funds.rebate, dealerId, amountMinor),
      deductRebate: ({ dealerId, amountMinor }) => move(funds.rebate, dealerId, -amountMinor),
      payBackPrepaid: ({ dealerId, amountMinor }) => move(funds.prepaid, dealerId, -amountMinor),
    });
    service(RemittanceService, {
      reportRemittance: ({ dealerId, purpose, amountMinor, paidOn, bankReference, note }) => {
        const remittanceId = `R-${2001 + funds.remittances.length}`;
        const dealerName = world.dealers.find((one) => one.dealerId === dealerId)?.name ?? "";
        const reportedAt = new Date().toISOString();
        const status = RemittanceStatus.REPORTED;
        funds.remittances.unshift(create(RemittanceSchema, {
          remittanceId, dealerId, dealerName, purpose, amountMinor, paidOn, bankReference, note, status, currencyCode: CURRENCY, reportedBy: "dealer", reportedAt, version: 1n,
        }));
        return done(remittanceId);
      },
      confirmRemittance: ({ remittanceId, receivedMinor }) => {
        const one = sent(remittanceId);
        if (remittanceId === "R-2003") throw apart();
        const received = receivedMinor ?? one.amountMinor;
        Object.assign(one, { status: RemittanceStatus.CONFIRMED, receivedMinor: received, decidedBy: "lin", decidedAt: new Date().toISOString() });
        if (one.purpose === RemittancePurpose.TOP_UP) move(funds.prepaid, one.dealerId, received);
        return done(remittanceId);
      },
      rejectRemittance: ({ remittanceId, reason }) => {
        Object.assign(sent(remittanceId), { status: RemittanceStatus.REJECTED, reason, decidedBy: "lin", decidedAt: new Date().toISOString() });
        return done(remittanceId);
      },
    });
  };
}

function apart(): ConnectError {
  const info = { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { reason: "DUTIES_APART" }) };
  const words = { desc: LocalizedMessageSchema, value: create(LocalizedMessageSchema, { locale: "zh-CN", message: "职责分离：此前您已登记该汇款，请由另一人执行本操作" }) };
  return new ConnectError("duties are kept apart", Code.PermissionDenied, undefined, [info, words]);
}
