// For whom and when a list counts, as people fill it in.
import { audienceForm, audienceOf, type AudienceForm } from "../audience/form";
import type { PriceListPlacement } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import type { Key } from "../i18n/i18n";

export interface PlacementForm extends AudienceForm {
  from: string;
  until: string;
  rank: number;
}

export const MOST_RANK = 1000;

/** The placement there is, or one that begins today. */
export function placementForm(placement: PriceListPlacement | undefined, today: string): PlacementForm {
  return {
    from: placement?.from ?? today,
    until: placement?.until ?? "",
    rank: placement?.rank ?? 0,
    ...audienceForm(placement?.audience),
  };
}

export function placementOf(form: PlacementForm) {
  const { from, until, rank } = form;
  return { from, until, rank, audience: audienceOf(form) };
}

interface Days {
  from: string;
  until: string;
}

/** What is wrong with the days of something. */
export function daysProblems({ from, until }: Days): Map<"from" | "until", Key> {
  const found = new Map<"from" | "until", Key>();
  if (from === "") found.set("from", "promo.needed");
  if (until !== "" && until < from) found.set("until", "days.until.bad");
  return found;
}
