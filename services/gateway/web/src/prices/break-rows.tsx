import { PlusOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import type { ProblemOf } from "../audience/form";
import { currencySymbol } from "../format/money";
import { useI18n } from "../i18n/i18n";
import { MOST_BREAKS, NO_BREAK, type BreakForm } from "./price-form";

interface Props {
  rows: BreakForm[];
  currency: string;
  problem: ProblemOf;
  onChange: (rows: BreakForm[]) => void;
}

/** Other prices of larger quantities, from the smallest. */
export function BreakRows({ rows, currency, problem, onChange }: Props) {
  const { t } = useI18n();
  return (
    <fieldset className="field">
      <legend>{t("prices.breaks")}</legend>
      <ul className="break-rows">
        {rows.map((row, i) => (
          <Row
            key={i}
            row={row}
            at={i}
            currency={currency}
            problem={problem(`breaks[${i}].from_quantity`) || problem(`breaks[${i}].unit_price_minor`)}
            onChange={(change) => onChange(rows.map((one, other) => (other === i ? { ...one, ...change } : one)))}
            onRemove={() => onChange(rows.filter((_, other) => other !== i))}
          />
        ))}
      </ul>
      {rows.length < MOST_BREAKS && (
        <Button icon={<PlusOutlined />} onClick={() => onChange([...rows, NO_BREAK])}>
          {t("prices.break.add")}
        </Button>
      )}
      <span className="soft field-hint">{t("prices.breaks.hint")}</span>
    </fieldset>
  );
}

interface RowProps {
  row: BreakForm;
  at: number;
  currency: string;
  problem: string;
  onChange: (change: Partial<BreakForm>) => void;
  onRemove: () => void;
}

function Row({ row, at, currency, problem, onChange, onRemove }: RowProps) {
  const { t } = useI18n();
  return (
    <li>
      <Input
        name={`break-${at}-from`}
        inputMode="numeric"
        aria-label={t("prices.break.from")}
        placeholder={t("prices.break.from")}
        value={row.from}
        onChange={(event) => onChange({ from: event.target.value })}
      />
      <Input
        name={`break-${at}-price`}
        inputMode="decimal"
        aria-label={t("order.price")}
        placeholder={t("order.price")}
        prefix={currencySymbol(currency)}
        value={row.price}
        onChange={(event) => onChange({ price: event.target.value })}
      />
      <Button type="text" aria-label={t("prices.break.remove")} onClick={onRemove}>
        ×
      </Button>
      {problem && (
        <span className="field-error" role="alert">
          {problem}
        </span>
      )}
    </li>
  );
}
