// What the form itself can say about a promotion before the server is asked; the names of fields are
// those of the contract.
import { currencyDigits } from "../format/money";
import { Measure } from "../gen/qudao/order/v1/promotion_service_pb";
import type { Key } from "../i18n/i18n";
import { parseDecimal } from "../format/decimal";
import { fromDigits, PERCENT_DIGITS, type PromotionForm, type TierForm } from "./form";

const WHOLE = 10_000n;
const ID = /^(?!new$)[a-z0-9-]{1,64}$/;

export type Problems = Map<string, Key>;

export function problemsOf(form: PromotionForm): Problems {
  const found: Problems = new Map();
  const wrong = (field: string, when: boolean, words: Key) => {
    if (when && !found.has(field)) found.set(field, words);
  };
  wrong("promotion_id", !ID.test(form.id), "promo.id.hint");
  wrong("terms.name", form.name.trim() === "", "promo.needed");
  wrong("terms.from", form.from === "", "promo.needed");
  wrong("terms.until", form.until !== "" && form.until < form.from, "promo.until.bad");
  wrong("terms.group_name", form.groupName.trim() === "", "promo.needed");
  const { quotaTotal, quotaPerDealer } = form;
  wrong("terms.quota_per_dealer", quotaTotal > 0 && quotaPerDealer > quotaTotal, "promo.quota.bad");
  if (form.measure === Measure.SETS) partProblems(form, wrong);
  tierProblems(form, wrong);
  return found;
}

type Wrong = (field: string, when: boolean, words: Key) => void;

function partProblems({ parts }: PromotionForm, wrong: Wrong) {
  wrong("terms.parts", parts.length === 0, "promo.parts.needed");
  parts.forEach(({ productId, quantity }, i) => {
    const twice = parts.findIndex((other) => other.productId === productId) < i;
    wrong(`terms.parts[${i}].product_id`, productId === "", "promo.product.needed");
    wrong(`terms.parts[${i}].product_id`, twice, "promo.parts.twice");
    wrong(`terms.parts[${i}].quantity`, quantity < 1, "promo.needed");
  });
}

function tierProblems(form: PromotionForm, wrong: Wrong) {
  let before = 0n;
  form.tiers.forEach((tier, i) => {
    const field = `terms.tiers[${i}]`;
    const from = parseDecimal(tier.from, fromDigits(form));
    const bad = form.measure === Measure.AMOUNT ? "number.bad" : "promo.whole.bad";
    wrong(`${field}.from`, from === undefined || from < 1n, bad);
    wrong(`${field}.from`, from !== undefined && from <= before, "promo.tiers.rising");
    before = from ?? before;
    rewardProblems(tier, field, currencyDigits(form.currencyCode), wrong);
  });
}

function rewardProblems(tier: TierForm, field: string, money: number, wrong: Wrong) {
  switch (tier.reward) {
    case "percent": {
      const share = parseDecimal(tier.percent, PERCENT_DIGITS);
      wrong(`${field}.percent_basis_points`, share === undefined || share < 1n || share > WHOLE, "promo.percent.bad");
      return;
    }
    case "off":
      wrong(`${field}.off_minor`, (parseDecimal(tier.off, money) ?? 0n) < 1n, "number.bad");
      return;
    case "setPrice":
      wrong(`${field}.set_price_minor`, parseDecimal(tier.setPrice, money) === undefined, "promo.price.bad");
      return;
    case "gifts":
      wrong(`${field}.gifts`, tier.gifts.length === 0, "promo.gifts.needed");
      tier.gifts.forEach(({ productId, quantity }, i) => {
        wrong(`${field}.gifts.gifts[${i}].product_id`, productId === "", "promo.product.needed");
        wrong(`${field}.gifts.gifts[${i}].quantity`, quantity < 1, "promo.needed");
      });
  }
}
