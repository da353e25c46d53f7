import { InputNumber } from "antd";
import { Field } from "../ui/field-problems";

interface Props {
  name: string;
  label: string;
  least: number;
  unit: string;
  value: number | undefined;
  problem: string;
  hint?: string;
  onChange: (value: number | undefined) => void;
}

const MOST = 1_000_000_000;

export function QuantityField({ name, label, least, unit, value, problem, hint = "", onChange }: Props) {
  return (
    <Field label={label} problem={problem} hint={hint}>
      <InputNumber
        className="stock-quantity"
        name={name}
        aria-label={label}
        inputMode="numeric"
        precision={0}
        min={least}
        max={MOST}
        {...(unit && { suffix: unit })}
        value={value ?? null}
        onChange={(next) => onChange(next ?? undefined)}
      />
    </Field>
  );
}
