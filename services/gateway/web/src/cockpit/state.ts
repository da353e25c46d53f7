// The whole state of the cockpit is its URL. The order of the parameters is the order in which
// the person went down, and so the order of the breadcrumb.
import { SalesDimension, SalesMeasure } from "../gen/qudao/bi/v1/sales_query_service_pb";
import { periodDates, type Dates } from "../format/period";

export const STEPS = {
  region: SalesDimension.REGION,
  category: SalesDimension.CATEGORY,
  product: SalesDimension.PRODUCT,
  dealer: SalesDimension.DEALER,
} as const;

export type StepKind = keyof typeof STEPS;

export interface Step {
  kind: StepKind;
  id: string;
}

export const MEASURES = {
  gross: SalesMeasure.GROSS,
  orders: SalesMeasure.ORDERS,
  average: SalesMeasure.AVERAGE_ORDER,
  quantity: SalesMeasure.QUANTITY,
} as const;

export type Measure = keyof typeof MEASURES;

export interface CockpitState {
  period: string;
  /** Undefined: all time. */
  dates: Dates | undefined;
  measure: Measure;
  steps: Step[];
}

function isStep(name: string): name is StepKind {
  return Object.hasOwn(STEPS, name);
}

export function readState(params: URLSearchParams): CockpitState {
  const steps: Step[] = [];
  for (const [name, id] of params) {
    if (isStep(name) && id && !steps.some((step) => step.kind === name)) steps.push({ kind: name, id });
  }
  const period = params.get("period") ?? "all";
  const measure = params.get("measure") ?? "";
  return {
    period,
    dates: periodDates(period),
    measure: Object.hasOwn(MEASURES, measure) ? (measure as Measure) : "gross",
    steps,
  };
}

/** One step further down; a step of the same kind is replaced where it stands. */
export function stepInto(params: URLSearchParams, step: Step): URLSearchParams {
  const next = new URLSearchParams(params);
  next.set(step.kind, step.id);
  return next;
}

/** Back up to the first `keep` steps. */
export function stepsUpTo(params: URLSearchParams, steps: Step[], keep: number): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const step of steps.slice(keep)) next.delete(step.kind);
  return next;
}

export function filtersOf(steps: Step[]) {
  return steps.map(({ kind, id }) => ({ dimension: STEPS[kind], ids: [id] }));
}

export function idOf(steps: Step[], kind: StepKind): string {
  return steps.find((step) => step.kind === kind)?.id ?? "";
}

/** The order list with the same filters. */
export function ordersSearch(state: CockpitState): string {
  const params = new URLSearchParams();
  for (const kind of ["region", "product", "dealer"] as const) {
    const id = idOf(state.steps, kind);
    if (id) params.set(kind, id);
  }
  if (state.dates) {
    params.set("from", state.dates.from);
    params.set("to", state.dates.to);
  }
  const text = params.toString();
  return text && `?${text}`;
}
