import { DatePicker, Segmented, Select } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { periodDates, type Dates } from "../format/period";
import { useI18n } from "../i18n/i18n";
import { usePhone } from "../ui/media";

type Kind = "all" | "year" | "quarter" | "month" | "range";

const KINDS: Kind[] = ["all", "year", "quarter", "month", "range"];

export function kindOf(period: string): Kind {
  if (!periodDates(period)) return "all";
  if (period.includes("..")) return "range";
  if (period.includes("Q")) return "quarter";
  return period.includes("-") ? "month" : "year";
}

interface Props {
  period: string;
  extent: Dates | undefined;
  onChange: (period: string) => void;
}

/** The last period of a kind that has sales: a better start than an empty today. */
function lastPeriod(kind: Kind, extent: Dates | undefined): string {
  const last = dayjs(extent?.to);
  switch (kind) {
    case "year":
      return last.format("YYYY");
    case "quarter":
      return `${last.format("YYYY")}-Q${Math.floor(last.month() / 3) + 1}`;
    case "month":
      return last.format("YYYY-MM");
    default:
      return "all";
  }
}

export function PeriodChooser({ period, extent, onChange }: Props) {
  const { t } = useI18n();
  const phone = usePhone();
  const [ranging, setRanging] = useState(false);
  const kind = ranging ? "range" : kindOf(period);
  const choose = (next: Kind) => {
    setRanging(next === "range");
    if (next !== "range") onChange(lastPeriod(next, extent));
  };
  const kinds = KINDS.map((value) => ({ value, label: t(`period.${value}`) }));
  return (
    <div className="period">
      {phone ? (
        <Select aria-label={t("period.label")} value={kind} options={kinds} onChange={choose} />
      ) : (
        <Segmented aria-label={t("period.label")} value={kind} options={kinds} onChange={choose} />
      )}
      <Picker kind={kind} period={period} extent={extent} onChange={onChange} />
    </div>
  );
}

function Picker({ kind, period, extent, onChange }: Props & { kind: Kind }) {
  const { t } = useI18n();
  const dates = periodDates(period);
  const limits = extent && { minDate: dayjs(extent.from), maxDate: dayjs(extent.to) };
  if (kind === "all") {
    return extent ? <span className="soft period-extent">{`${extent.from} – ${extent.to}`}</span> : null;
  }
  if (kind === "range") {
    return (
      <DatePicker.RangePicker
        {...limits}
        aria-label={t("period.range")}
        allowClear={false}
        inputReadOnly
        value={dates ? [dayjs(dates.from), dayjs(dates.to)] : null}
        onChange={(range) => {
          if (range?.[0] && range[1]) {
            onChange(`${range[0].format("YYYY-MM-DD")}..${range[1].format("YYYY-MM-DD")}`);
          }
        }}
      />
    );
  }
  return (
    <DatePicker
      {...limits}
      aria-label={t(`period.${kind}`)}
      picker={kind}
      allowClear={false}
      inputReadOnly
      value={dates ? dayjs(dates.from) : null}
      onChange={(day) => {
        if (!day) return;
        const year = day.format("YYYY");
        if (kind === "year") onChange(year);
        else if (kind === "month") onChange(day.format("YYYY-MM"));
        else onChange(`${year}-Q${Math.floor(day.month() / 3) + 1}`);
      }}
    />
  );
}
