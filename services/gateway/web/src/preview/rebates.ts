// Rebate plans of the made-up brand: one of each state. What dealers have reached is worked out as far
// as it takes to look at the pages; the real engine is the server's.
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { RebateNotCounted, RebatePlanStatus, RebateQueryService } from "../gen/qudao/order/v1/rebate_query_service_pb";
import {
  RebateBasis,
  RebateCycle,
  RebateLadder,
  RebateService,
  RebateTermsSchema,
  type RebateTerms,
} from "../gen/qudao/order/v1/rebate_service_pb";
import { sum } from "../format/number";
import { paged } from "./rows";
import type { DemoDealer, World } from "./world";

interface DemoPlan {
  planId: string;
  status: RebatePlanStatus;
  approvedVersion: number;
  draftVersion: number;
  reason: string;
  changedAt: string;
  version: bigint;
  terms: RebateTerms;
}

const PPM = 1_000_000n;

function beginning(): DemoPlan[] {
  const { DRAFT, ENDED, RUNNING } = RebatePlanStatus;
  const rates = (...tiers: [bigint, number][]) => tiers.map(([from, value]) => ({ from, reward: { case: "ratePpm", value } as const }));
  const usual = { currencyCode: "USD", from: "2026-01-01", cycle: RebateCycle.MONTH, basis: RebateBasis.AMOUNT, ladder: RebateLadder.WHOLE };
  const one = (planId: string, status: RebatePlanStatus, terms: RebateTerms, reason = ""): DemoPlan => ({
    planId,
    status,
    approvedVersion: status === DRAFT ? 0 : 1,
    draftVersion: status === DRAFT ? 1 : 0,
    reason,
    changedAt: "2026-06-02T03:00:00Z",
    version: 2n,
    terms,
  });
  return [
    one("monthly-2026", RUNNING, create(RebateTermsSchema, { ...usual, name: "月度返利", tiers: rates([0n, 5_000], [2_000_000n, 12_500], [9_000_000n, 20_000]) })),
    one("quarterly-units", DRAFT, create(RebateTermsSchema, {
      ...usual, name: "季度销量返利", from: "2026-10-01", cycle: RebateCycle.QUARTER, basis: RebateBasis.UNITS, ladder: RebateLadder.BRACKET,
      tiers: [{ from: 100n, reward: { case: "perUnitMinor", value: 500n } }, { from: 500n, reward: { case: "perUnitMinor", value: 900n } }],
      scope: { categories: [{ path: ["Mountain"] }] },
    })),
    one("yearly-2025", ENDED, create(RebateTermsSchema, { ...usual, name: "2025 年度返利", from: "2025-01-01", until: "2025-12-31", cycle: RebateCycle.YEAR, tiers: rates([0n, 10_000]) }), "年度已结清"),
  ];
}

/** The months up to the one that runs, the newest first. */
function months(): string[] {
  const now = new Date();
  return [0, 1, 2].map((back) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7));
}

export function demoRebates(world: World, fresh: () => object) {
  const all = beginning();
  const given = new Map<string, bigint>();
  const find = (id: string) => {
    const one = all.find(({ planId }) => planId === id);
    if (!one) throw new ConnectError("no such rebate plan", Code.NotFound);
    return one;
  };
  const row = ({ terms, ...rest }: DemoPlan) => ({
    ...rest, name: terms.name, cycle: terms.cycle, currencyCode: terms.currencyCode, from: terms.from, until: terms.until,
  });
  const moved = (objectId: string, version: bigint) => ({ receipt: { objectId, version, position: world.position } });
  const changed = (one: DemoPlan, change: Partial<DemoPlan>) => {
    Object.assign(one, change, { version: one.version + 1n, changedAt: new Date().toISOString() });
    return moved(one.planId, one.version);
  };
  const accrual = ({ planId, terms }: DemoPlan, period: string, dealer: DemoDealer) => {
    const theirs = world.orders.filter((order) => order.dealerId === dealer.dealerId);
    const netMinor = sum(theirs.flatMap(({ lines }) => lines.map((line) => line.priceMinor * BigInt(line.quantity))));
    const at = terms.tiers.findLastIndex((tier) => tier.from <= netMinor);
    const { reward } = terms.tiers[at] ?? {};
    const next = terms.tiers[at + 1];
    const accruedMinor = reward?.case === "ratePpm" ? (netMinor * BigInt(reward.value)) / PPM : 0n;
    const settledMinor = given.get(`${planId}/${period}/${dealer.dealerId}`) ?? 0n;
    return {
      planId, planName: terms.name, planVersion: 1, period, dealerId: dealer.dealerId, dealerName: dealer.name,
      currencyCode: terms.currencyCode, basis: terms.basis, netMinor, units: BigInt(theirs.length * 3), tierNo: at + 1, accruedMinor, settledMinor,
      nextTierNo: next ? at + 2 : 0, missing: next ? next.from - netMinor : 0n, ...(next && { nextTier: next }),
      settlementVersion: settledMinor ? 1n : 0n,
      orders: theirs.map(({ orderId, date }, i) => ({
        orderId, businessDate: date, netMinor: netMinor / BigInt(theirs.length), units: 3n,
        notCounted: i === 3 ? RebateNotCounted.NO_GOODS : RebateNotCounted.UNSPECIFIED,
      })),
    };
  };
  const over = (period: string) => period !== months()[0];
  const lastDay = (period: string) => `${period}-28`;
  const one = (planId: string, period: string, dealerId: string) => {
    const dealer = world.dealers.find((it) => it.dealerId === dealerId) ?? world.dealers[0];
    if (!dealer) throw new ConnectError("no such dealer", Code.NotFound);
    return accrual(find(planId), period, dealer);
  };
  return ({ service }: ConnectRouter) => {
    service(RebateQueryService, {
      listRebatePlans: ({ search, status, page }) => {
        const rows = all.map(row).filter((plan) => (!status || plan.status === status) && `${plan.name}${plan.planId}`.includes(search));
        return { ...paged("plans", rows, page), freshness: fresh() };
      },
      getRebatePlan: ({ planId }) => {
        const plan = find(planId);
        const version = { number: 1, terms: plan.terms, draftedBy: "li.lei", approvedBy: plan.approvedVersion ? "wang.fang" : "" };
        return { plan: row(plan), versions: [version], periods: plan.approvedVersion ? months() : [], freshness: fresh() };
      },
      listRebateAccruals: ({ planId, period, page }) => {
        const rows = world.dealers.map((dealer) => accrual(find(planId), period, dealer)).filter((it) => it.netMinor > 0n);
        rows.sort((a, b) => Number(b.accruedMinor - a.accruedMinor));
        return {
          ...paged("accruals", rows, page), accruedMinor: sum(rows.map((it) => it.accruedMinor)), settledMinor: sum(rows.map((it) => it.settledMinor)),
          lastDay: lastDay(period), over: over(period), freshness: fresh(),
        };
      },
      getRebateAccrual: ({ planId, period, dealerId }) => {
        const found = one(planId, period, dealerId);
        const parts = found.tierNo ? [{ tierNo: found.tierNo, of: found.netMinor, amountMinor: found.accruedMinor }] : [];
        const entry = { settledAt: "2026-11-02T02:00:00Z", settledBy: "wang.fang", planVersion: 1, tierNo: found.tierNo, accruedMinor: found.settledMinor, givenMinor: found.settledMinor, position: 7n };
        return {
          accrual: found, parts, orders: found.orders, settlements: found.settledMinor ? [entry] : [],
          terms: find(planId).terms, lastDay: lastDay(period), over: over(period), freshness: fresh(),
        };
      },
      listDealerRebates: ({ dealerId }) => ({ accruals: months().slice(0, 2).map((period) => one("monthly-2026", period, dealerId)), freshness: fresh() }),
    });
    service(RebateService, {
      draftRebatePlan: ({ planId, terms = create(RebateTermsSchema) }) => {
        const plan = { planId, status: RebatePlanStatus.DRAFT, approvedVersion: 0, draftVersion: 1, reason: "", changedAt: "", version: 0n, terms };
        all.unshift(plan);
        return changed(plan, {});
      },
      reviseRebatePlan: ({ planId, terms }) => changed(find(planId), terms ? { terms } : {}),
      approveRebatePlan: ({ planId }) => changed(find(planId), { status: RebatePlanStatus.RUNNING, approvedVersion: 1, draftVersion: 0 }),
      endRebatePlan: ({ planId, reason }) => changed(find(planId), { status: RebatePlanStatus.ENDED, reason }),
      settleRebate: ({ planId, period, dealerId }) => {
        given.set(`${planId}/${period}/${dealerId}`, one(planId, period, dealerId).accruedMinor);
        return moved(planId, 1n);
      },
    });
  };
}
