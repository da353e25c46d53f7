import { InputNumber, Segmented } from "antd";
import { BackOrderRule } from "../gen/qudao/order/v1/order_rules_service_pb";
import { useI18n } from "../i18n/i18n";
import { Row } from "./rules-row";
import { HOURS, MOST_HOURS, type HoursName, type RulesForm } from "./rules-form";

const RULES = { off: BackOrderRule.UNSPECIFIED, ask: BackOrderRule.ASK, always: BackOrderRule.ALWAYS } as const;
const NAMES = Object.keys(RULES) as (keyof typeof RULES)[];

interface Props {
  form: RulesForm;
  onChange: (change: Partial<RulesForm>) => void;
}

/** How long orders may wait, and for what. */
export function WaitingFields({ form, onChange }: Props) {
  const { t } = useI18n();
  const chosen = NAMES.find((name) => RULES[name] === form.backOrders) ?? "off";
  return (
    <>
      {form.stockChecked && (
        <Row title={t("rules.backOrders")} note={t(`rules.backOrders.${chosen}.note`)}>
          <Segmented
            aria-label={t("rules.backOrders")}
            data-rule="backOrders"
            value={chosen}
            options={NAMES.map((value) => ({ value, label: t(`rules.backOrders.${value}`) }))}
            onChange={(name) => onChange({ backOrders: RULES[name] })}
          />
        </Row>
      )}
      {HOURS.map((name) => (
        <Row key={name} title={t(`rules.${name}`)} note={t(`rules.${name}.note`)}>
          <Hours name={name} value={form[name]} onChange={(hours) => onChange({ [name]: hours })} />
        </Row>
      ))}
    </>
  );
}

interface HoursProps {
  name: HoursName;
  value: number | undefined;
  onChange: (hours: number | undefined) => void;
}

function Hours({ name, value, onChange }: HoursProps) {
  const { t } = useI18n();
  return (
    <InputNumber
      name={name}
      aria-label={t(`rules.${name}`)}
      placeholder={t("rules.hours.none")}
      inputMode="numeric"
      precision={0}
      min={1}
      max={MOST_HOURS}
      suffix={t("rules.hours.unit")}
      value={value ?? null}
      onChange={(hours) => onChange(hours ?? undefined)}
    />
  );
}
