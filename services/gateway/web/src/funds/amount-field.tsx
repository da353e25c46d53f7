import { Input } from "antd";
import { currencySymbol } from "../format/money";
import { Field } from "../ui/field-problems";

interface Props {
  /** Of the input, for whoever looks for it. */
  name: string;
  label: string;
  currency: string;
  /** What was typed. */
  value: string;
  problem?: string;
  hint?: string;
  disabled?: boolean;
  onChange: (text: string) => void;
}

export function AmountField({ name, label, currency, value, problem = "", hint, disabled = false, onChange }: Props) {
  return (
    <Field label={label} problem={problem} {...(hint && { hint })}>
      <Input
        name={name}
        inputMode="decimal"
        autoComplete="off"
        prefix={currencySymbol(currency)}
        disabled={disabled}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
