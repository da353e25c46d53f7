import { problemOf, type Problem } from "../api/errors";
import type { ProblemOf } from "../audience/form";
import { useI18n } from "../i18n/i18n";
import { problemsOf } from "./check";
import type { PromotionForm } from "./form";

/** Lists are one field of the form, whichever of their items is wrong. */
const LISTS = /^(terms\.(?:audience|scope)\.\w+|.*\.instead_product_ids)\[\d+\].*$/;

/** What the form shows beside a field; the rest is told below it. */
const SHOWN = [
  /^promotion_id$/,
  /^terms\.(name|from|until|group_name|group_rank|rank|stacking|quota_total|quota_per_dealer|parts)$/,
  /^terms\.(audience|scope)\.(region_ids|level_ids|channel_ids|dealer_ids|denied_dealer_ids|product_ids|categories|except_product_ids)$/,
  /^terms\.parts\[\d+\]\.(product_id|quantity)$/,
  /^terms\.tiers\[\d+\]\.(from|reward|percent_basis_points|off_minor|set_price_minor|gifts)$/,
  /^terms\.tiers\[\d+\]\.gifts\.gifts\[\d+\]\.(product_id|quantity|instead_product_ids)$/,
];

const fieldOf = (field: string) => field.replace(LISTS, "$1");

/** An id that is taken is a matter of its field. */
function fieldsOf({ reason, what, fields }: Problem): Problem["fields"] {
  return reason === "ALREADY_DRAFTED" ? [{ field: "promotion_id", description: what }] : fields;
}

interface Told {
  problem: ProblemOf;
  /** The failure, unless every part of it stands beside a field. */
  rest: unknown;
}

/** What is wrong with which field: what the form finds once it was to be saved, and what the server did. */
export function useProblems(form: PromotionForm, tried: boolean, error: unknown): Told {
  const { locale, t } = useI18n();
  const own = tried ? problemsOf(form) : undefined;
  const fields = error === undefined ? [] : fieldsOf(problemOf(error, locale, t));
  const problem = (field: string) => {
    const words = own?.get(field);
    return words ? t(words) : (fields.find((one) => fieldOf(one.field) === field)?.description ?? "");
  };
  const told = fields.length > 0 && fields.every(({ field }) => SHOWN.some((one) => one.test(fieldOf(field))));
  return { problem, rest: told ? undefined : error };
}
