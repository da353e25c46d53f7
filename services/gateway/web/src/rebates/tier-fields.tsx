import { PlusOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { currencySymbol } from "../format/money";
import { RebateBasis } from "../gen/qudao/order/v1/rebate_service_pb";
import { useI18n } from "../i18n/i18n";
import { Field } from "../ui/field-problems";
import type { FieldsProps } from "./editor";
import { emptyTier, rewardsOf, type TierForm } from "./form";

const MOST = 20;

/** The steps of a plan, from the lowest. */
export function TierFields({ form, set, problem }: FieldsProps) {
  const { t } = useI18n();
  const change = (at: number, tier: TierForm) => set({ tiers: form.tiers.map((one, i) => (i === at ? tier : one)) });
  const remove = (at: number) => set({ tiers: form.tiers.filter((_, i) => i !== at) });
  const more = () => set({ tiers: [...form.tiers, emptyTier(form.tiers.at(-1)?.reward ?? "rate")] });
  return (
    <>
      {form.tiers.map((tier, at) => (
        <div key={at} className="tier tier-one-of" role="group" aria-label={t("rebate.tier", { n: at + 1 })}>
          <header className="card-line">
            <strong>{t("rebate.tier", { n: at + 1 })}</strong>
            {form.tiers.length > 1 && (
              <Button type="text" size="small" onClick={() => remove(at)}>
                {t("rebate.tier.remove")}
              </Button>
            )}
          </header>
          <Tier form={form} problem={problem} tier={tier} at={at} onChange={(next) => change(at, next)} />
        </div>
      ))}
      {form.tiers.length < MOST && (
        <Button icon={<PlusOutlined />} onClick={more}>
          {t("rebate.tier.add")}
        </Button>
      )}
    </>
  );
}

interface TierProps extends Pick<FieldsProps, "form" | "problem"> {
  tier: TierForm;
  at: number;
  onChange: (tier: TierForm) => void;
}

function Tier({ form, problem, tier, at, onChange }: TierProps) {
  const { t } = useI18n();
  const rewards = rewardsOf(form);
  const money = form.basis === RebateBasis.AMOUNT;
  const symbol = currencySymbol(form.currencyCode);
  return (
    <div className="tier-fields">
      <Field label={t("rebate.tiers.from")} problem={problem(`terms.tiers[${at}].from`)}>
        <Input
          name={`tier-${at}-from`}
          inputMode={money ? "decimal" : "numeric"}
          {...(money && { prefix: symbol })}
          value={tier.from}
          onChange={(event) => onChange({ ...tier, from: event.target.value })}
        />
      </Field>
      {rewards.length > 1 && (
        <Field label={t("rebate.reward")}>
          <Select<TierForm["reward"]>
            aria-label={t("rebate.reward")}
            value={tier.reward}
            options={rewards.map((value) => ({ value, label: t(`rebate.reward.${value}`) }))}
            onChange={(reward) => onChange({ ...tier, reward })}
          />
        </Field>
      )}
      {tier.reward === "rate" ? (
        <Field label={t("rebate.rate")} problem={problem(`terms.tiers[${at}].rate_ppm`)}>
          <Input
            name={`tier-${at}-rate`}
            inputMode="decimal"
            suffix="%"
            value={tier.rate}
            onChange={(event) => onChange({ ...tier, rate: event.target.value })}
          />
        </Field>
      ) : (
        <Field label={t("rebate.perUnit")} problem={problem(`terms.tiers[${at}].per_unit_minor`)}>
          <Input
            name={`tier-${at}-per-unit`}
            inputMode="decimal"
            prefix={symbol}
            value={tier.perUnit}
            onChange={(event) => onChange({ ...tier, perUnit: event.target.value })}
          />
        </Field>
      )}
    </div>
  );
}
