import { DatePicker } from "antd";
import dayjs from "dayjs";
import { DAY } from "../ui/day-field";
import { useUrlParams } from "../ui/url-state";

/** Days from and until, as part of the address. */
export function DateRange({ label }: { label: string }) {
  const [params, change] = useUrlParams();
  const day = (name: string) => {
    const value = params.get(name);
    return value ? dayjs(value) : null;
  };
  return (
    <DatePicker.RangePicker
      aria-label={label}
      allowEmpty={[true, true]}
      inputReadOnly
      value={[day("from"), day("to")]}
      onChange={(range) =>
        change({ from: range?.[0]?.format(DAY) ?? "", to: range?.[1]?.format(DAY) ?? "", page: "", token: "" })
      }
    />
  );
}
