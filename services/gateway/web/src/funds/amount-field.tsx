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
  placeholder?: string;
  disabled?: boolean;
  onChange: (text: string) => void;
}

export function AmountField({ name, label, currency, value, problem = "", hint, placeholder, disabled = false, onChange }: Props) {
  return (
    <Field label={label} problem={problem} {...(hint && { hint })}>
      <Input
        name={name}
        inputMode="decimal"
        autoComplete="off"
        prefix={currencySymbol(currency)}
        disabled={disabled}
        {...(placeholder && { placeholder })}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
