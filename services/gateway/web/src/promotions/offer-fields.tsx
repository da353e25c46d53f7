import { PlusOutlined } from "@ant-design/icons";
import { Button, Segmented } from "antd";
import type { ProblemOf } from "../audience/form";
import { Measure } from "../gen/qudao/order/v1/promotion_service_pb";
import { useI18n } from "../i18n/i18n";
import { emptyTier, NO_PART, type PromotionForm, type TierForm } from "./form";
import { GoodsRow } from "./goods-row";
import { hasTiers, mayRepeat, MEASURES } from "./kinds";
import { TierFields } from "./tier-fields";

export interface FieldsProps {
  form: PromotionForm;
  set: (change: Partial<PromotionForm>) => void;
  problem: ProblemOf;
}

const MOST = 20;

/** What is given for what: only what the kind needs. */
export function OfferFields(props: FieldsProps) {
  const { form, set } = props;
  const { t } = useI18n();
  const change = (at: number, tier: TierForm) => set({ tiers: form.tiers.map((one, i) => (i === at ? tier : one)) });
  const add = () => {
    const last = form.tiers.at(-1);
    set({ tiers: [...form.tiers, emptyTier(last?.reward ?? "off")], repeats: false });
  };
  return (
    <div className="form-fields">
      {MEASURES[form.kind].length > 1 && <MeasureChoice {...props} />}
      {form.measure === Measure.SETS && <Parts {...props} />}
      {mayRepeat(form.kind, form.tiers.length) && <RepeatChoice {...props} />}
      {form.tiers.map((tier, i) => (
        <TierFields
          key={i}
          {...props}
          at={i}
          tier={tier}
          onChange={(next) => change(i, next)}
          onRemove={form.tiers.length > 1 ? () => set({ tiers: form.tiers.filter((_, other) => other !== i) }) : undefined}
        />
      ))}
      {hasTiers(form.kind) && form.tiers.length < MOST && (
        <Button icon={<PlusOutlined />} onClick={add}>
          {t("promo.tier.add")}
        </Button>
      )}
    </div>
  );
}

function MeasureChoice({ form, set }: FieldsProps) {
  const { t } = useI18n();
  return (
    <div className="field">
      <span>{t("promo.measure")}</span>
      <Segmented
        aria-label={t("promo.measure")}
        value={form.measure}
        options={[
          { value: Measure.AMOUNT, label: t("promo.measure.amount") },
          { value: Measure.QUANTITY, label: t("promo.measure.quantity") },
        ]}
        onChange={(measure) => set({ measure })}
      />
    </div>
  );
}

function RepeatChoice({ form, set }: FieldsProps) {
  const { t } = useI18n();
  return (
    <div className="field">
      <span>{t("promo.repeats")}</span>
      <Segmented
        aria-label={t("promo.repeats")}
        value={form.repeats ? "each" : "once"}
        options={[
          { value: "once", label: t("promo.repeats.once") },
          { value: "each", label: t("promo.repeats.each") },
        ]}
        onChange={(value) => set({ repeats: value === "each" })}
      />
    </div>
  );
}

function Parts({ form, set, problem }: FieldsProps) {
  const { t } = useI18n();
  const { parts } = form;
  return (
    <fieldset className="field">
      <legend>{t("promo.parts")}</legend>
      <ul className="goods-rows">
        {parts.map((part, i) => (
          <GoodsRow
            key={i}
            goods={part}
            problem={problem(`terms.parts[${i}].product_id`) || problem(`terms.parts[${i}].quantity`)}
            onChange={(next) => set({ parts: parts.map((one, other) => (other === i ? next : one)) })}
            onRemove={parts.length > 1 ? () => set({ parts: parts.filter((_, other) => other !== i) }) : undefined}
          />
        ))}
      </ul>
      {parts.length < MOST && (
        <Button icon={<PlusOutlined />} onClick={() => set({ parts: [...parts, NO_PART] })}>
          {t("promo.addProduct")}
        </Button>
      )}
      <Told words={problem("terms.parts")} />
    </fieldset>
  );
}

/** What is wrong with a group of fields as a whole. */
export function Told({ words }: { words: string }) {
  if (!words) return null;
  return (
    <span className="field-error" role="alert">
      {words}
    </span>
  );
}

