import { PlusOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { currencySymbol } from "../format/money";
import { Measure } from "../gen/qudao/order/v1/promotion_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { Field } from "../ui/field-problems";
import { parseDecimal, showDecimal } from "../format/decimal";
import { emptyTier, PERCENT_DIGITS, type TierForm } from "./form";
import { GoodsRow } from "./goods-row";
import { hasTiers, REWARDS, type RewardKind } from "./kinds";
import { Told, type FieldsProps } from "./offer-fields";
import { PickProducts } from "../ui/pick-product";

interface Props extends FieldsProps {
  tier: TierForm;
  at: number;
  onChange: (tier: TierForm) => void;
  onRemove: (() => void) | undefined;
}

/** From where on what is given. */
export function TierFields(props: Props) {
  const { form, tier, at, problem, onChange, onRemove } = props;
  const { t } = useI18n();
  const rewards = REWARDS[form.kind];
  return (
    <div className={hasTiers(form.kind) ? "tier tier-one-of" : "tier"} role="group" aria-label={t("promo.tier", { n: at + 1 })}>
      {hasTiers(form.kind) && (
        <header className="card-line">
          <strong>{t("promo.tier", { n: at + 1 })}</strong>
          {onRemove && (
            <Button type="text" size="small" onClick={onRemove}>
              {t("promo.tier.remove")}
            </Button>
          )}
        </header>
      )}
      <div className="tier-fields">
        <Threshold {...props} />
        {rewards.length > 1 && (
          <Field label={t("promo.reward")} problem={problem(`terms.tiers[${at}].reward`)}>
            <Select<RewardKind>
              aria-label={t("promo.reward")}
              value={tier.reward}
              options={rewards.map((value) => ({ value, label: t(`promo.reward.${value}`) }))}
              onChange={(reward) => onChange({ ...tier, reward })}
            />
          </Field>
        )}
        <Reward {...props} />
      </div>
      {tier.reward === "gifts" && <Gifts {...props} />}
    </div>
  );
}

const UNITS: Record<Measure, Key> = {
  [Measure.UNSPECIFIED]: "promo.unknown",
  [Measure.AMOUNT]: "promo.from.amount",
  [Measure.QUANTITY]: "promo.from.quantity",
  [Measure.SETS]: "promo.from.sets",
};

function Threshold({ form, tier, at, problem, onChange }: Props) {
  const { t } = useI18n();
  const money = form.measure === Measure.AMOUNT;
  return (
    <Field label={t(UNITS[form.measure])} problem={problem(`terms.tiers[${at}].from`)}>
      <Input
        key={form.measure}
        name={`tier-${at}-from`}
        inputMode={money ? "decimal" : "numeric"}
        {...(money && { prefix: currencySymbol(form.currencyCode) })}
        value={tier.from}
        onChange={(event) => onChange({ ...tier, from: event.target.value })}
      />
    </Field>
  );
}

function Reward(props: Props) {
  const { form, tier, at, problem, onChange } = props;
  const { t } = useI18n();
  const symbol = currencySymbol(form.currencyCode);
  const field = `terms.tiers[${at}]`;
  switch (tier.reward) {
    case "percent":
      return <Percent {...props} />;
    case "off":
      return (
        <Field label={t("promo.reward.off")} problem={problem(`${field}.off_minor`)}>
          <Input
            name={`tier-${at}-off`}
            inputMode="decimal"
            prefix={symbol}
            value={tier.off}
            onChange={(event) => onChange({ ...tier, off: event.target.value })}
          />
        </Field>
      );
    case "setPrice":
      return (
        <Field label={t("promo.reward.setPrice")} problem={problem(`${field}.set_price_minor`)}>
          <Input
            name={`tier-${at}-set-price`}
            inputMode="decimal"
            prefix={symbol}
            value={tier.setPrice}
            onChange={(event) => onChange({ ...tier, setPrice: event.target.value })}
          />
        </Field>
      );
    case "gifts":
      return null;
  }
}

const WHOLE = 10_000n;

function Percent({ tier, at, problem, onChange }: Props) {
  const { t } = useI18n();
  const share = parseDecimal(tier.percent, PERCENT_DIGITS);
  const rest = share !== undefined && share > 0n && share <= WHOLE ? showDecimal(WHOLE - share, PERCENT_DIGITS, true) : "";
  return (
    <Field
      label={t("promo.reward.percent")}
      problem={problem(`terms.tiers[${at}].percent_basis_points`)}
      {...(rest && { hint: t("promo.percent.hint", { percent: rest }) })}
    >
      <Input
        name={`tier-${at}-percent`}
        inputMode="decimal"
        suffix="%"
        value={tier.percent}
        onChange={(event) => onChange({ ...tier, percent: event.target.value })}
      />
    </Field>
  );
}

const MOST_GIFTS = 20;
const MOST_INSTEAD = 10;

function Gifts({ tier, at, problem, onChange }: Props) {
  const { t } = useI18n();
  const { gifts } = tier;
  const field = `terms.tiers[${at}].gifts`;
  const put = (next: TierForm["gifts"]) => onChange({ ...tier, gifts: next });
  return (
    <fieldset className="field">
      <legend>{t("promo.gifts.each")}</legend>
      <ul className="goods-rows">
        {gifts.map((gift, i) => (
          <GoodsRow
            key={i}
            goods={gift}
            problem={problem(`${field}.gifts[${i}].product_id`) || problem(`${field}.gifts[${i}].quantity`)}
            onChange={(next) => put(gifts.map((one, other) => (other === i ? next : one)))}
            onRemove={gifts.length > 1 ? () => put(gifts.filter((_, other) => other !== i)) : undefined}
          >
            <div className="goods-instead">
              <PickProducts
                label={t("promo.instead")}
                placeholder={t("promo.instead")}
                most={MOST_INSTEAD}
                value={gift.insteadIds}
                onChange={(insteadIds) => put(gifts.map((one, other) => (other === i ? { ...one, insteadIds } : one)))}
              />
              <Told words={problem(`${field}.gifts[${i}].instead_product_ids`)} />
            </div>
          </GoodsRow>
        ))}
      </ul>
      {gifts.length < MOST_GIFTS && (
        <Button icon={<PlusOutlined />} onClick={() => put([...gifts, ...emptyTier("gifts").gifts])}>
          {t("promo.gifts.add")}
        </Button>
      )}
      <Told words={problem(field)} />
    </fieldset>
  );
}
