import { DatePicker } from "antd";
import dayjs from "dayjs";
import { Field } from "./field-problems";

export const DAY = "YYYY-MM-DD";

interface Props {
  label: string;
  value: string;
  problem?: string;
  hint?: string;
  /** Earlier days can not be chosen, and later ones neither. */
  first?: string;
  last?: string;
  onChange: (day: string) => void;
}

/** A day, `YYYY-MM-DD`; empty while none is chosen. */
export function DayField({ label, value, problem = "", hint, first, last, onChange }: Props) {
  return (
    <Field label={label} problem={problem} {...(hint && { hint })}>
      <DatePicker
        aria-label={label}
        format={DAY}
        {...(first && { minDate: dayjs(first) })}
        {...(last && { maxDate: dayjs(last) })}
        value={value ? dayjs(value) : null}
        onChange={(day) => onChange(day?.format(DAY) ?? "")}
      />
    </Field>
  );
}
