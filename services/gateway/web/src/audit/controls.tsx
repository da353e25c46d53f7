// Filters that the searches of the audit share.
import { DatePicker, Input, Select } from "antd";
import dayjs from "dayjs";
import { usePhone } from "../ui/media";
import { useUrlParams } from "../ui/url-state";
import { FIRST_PAGE, listOf } from "./state";

interface Choice {
  /** The parameter of the URL. */
  name: string;
  label: string;
  values: string[];
  nameOf: (value: string) => string;
  /** Whether values that are not offered can be typed. */
  open?: boolean;
}

/** Several values of one kind. */
export function Several({ name, label, values, nameOf, open = true }: Choice) {
  const [params, change] = useUrlParams();
  return (
    <Select
      mode={open ? "tags" : "multiple"}
      className={`pick-${name}`}
      aria-label={label}
      placeholder={label}
      allowClear
      maxTagCount="responsive"
      popupMatchSelectWidth={false}
      showSearch={{ optionFilterProp: "label" }}
      value={listOf(params, name)}
      options={values.map((value) => ({ value, label: nameOf(value) }))}
      onChange={(chosen: string[]) => change({ [name]: chosen.join(","), ...FIRST_PAGE })}
    />
  );
}

const WALL = "YYYY-MM-DDTHH:mm";

/** A time as the clocks of the company show it. */
export function Moment({ name, label }: { name: "from" | "to"; label: string }) {
  const [params, change] = useUrlParams();
  const phone = usePhone();
  const value = params.get(name);
  const choose = (moment: string) => change({ [name]: moment, ...FIRST_PAGE });
  // A phone has its own way to choose a time; two panels side by side have no room there.
  if (phone) {
    return (
      <Input
        type="datetime-local"
        className="moment"
        aria-label={label}
        prefix={<span className="soft">{label}</span>}
        value={value ?? ""}
        onChange={(event) => choose(event.target.value)}
      />
    );
  }
  return (
    <DatePicker
      aria-label={label}
      placeholder={label}
      showTime={{ format: "HH:mm" }}
      format="YYYY-MM-DD HH:mm"
      inputReadOnly
      value={value ? dayjs(value) : null}
      onChange={(moment) => choose(moment?.format(WALL) ?? "")}
    />
  );
}
