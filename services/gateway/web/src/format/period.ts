// Business dates are plain calendar days; they are counted in UTC so that no time zone of the
// reader can move them.
import { Grain } from "../gen/qudao/bi/v1/sales_query_service_pb";

export interface Dates {
  from: string;
  to: string;
}

/** `all`, `2011`, `2011-Q3`, `2011-07` or `2011-07-04..2011-08-15`, as it stands in the URL. */
export type PeriodText = string;

const DAY = 86_400_000;

export function toDay(date: string): number {
  return Math.round(Date.parse(`${date}T00:00:00Z`) / DAY);
}

export function fromDay(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}

function pad(n: number): string {
  return n.toString().padStart(2, "0");
}

function monthEnd(year: number, month: number): string {
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

/** The dates of a period; undefined means all time, which is also the answer to nonsense. */
export function periodDates(text: PeriodText): Dates | undefined {
  const range = /^(.+)\.\.(.+)$/.exec(text);
  if (range?.[1] && range[2] && isDate(range[1]) && isDate(range[2])) {
    return range[1] <= range[2]
      ? { from: range[1], to: range[2] }
      : { from: range[2], to: range[1] };
  }
  const parts = /^(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?$/.exec(text);
  if (!parts?.[1]) return undefined;
  const year = Number(parts[1]);
  if (parts[2]) {
    const first = (Number(parts[2]) - 1) * 3 + 1;
    return { from: `${year}-${pad(first)}-01`, to: monthEnd(year, first + 2) };
  }
  if (parts[3]) return { from: `${year}-${parts[3]}-01`, to: monthEnd(year, Number(parts[3])) };
  return { from: `${year}-01-01`, to: `${year}-12-31` };
}

/** The month of a date and the one before it. */
export function monthOf(date: string): Dates {
  const dates = periodDates(date.slice(0, 7));
  return dates ?? { from: date, to: date };
}

/** A grain that draws between about 4 and 60 points. */
export function grainFor(dates: Dates): Grain {
  const days = toDay(dates.to) - toDay(dates.from) + 1;
  if (days <= 45) return Grain.DAY;
  if (days <= 200) return Grain.WEEK;
  if (days <= 1_100) return Grain.MONTH;
  if (days <= 7_400) return Grain.QUARTER;
  return Grain.YEAR;
}

/** All time is drawn by months up to two decades: its long silences are folded. */
export function longGrain(dates: Dates | undefined): Grain {
  const grain = dates ? grainFor(dates) : Grain.MONTH;
  return grain === Grain.QUARTER ? Grain.MONTH : grain;
}

/** The first day of the period a date falls in. */
export function periodStart(date: string, grain: Grain): string {
  const [year = "", month = ""] = date.split("-");
  switch (grain) {
    case Grain.WEEK: {
      const day = toDay(date);
      // 1970-01-01 was a Thursday, three days after a Monday.
      return fromDay(day - ((day + 3) % 7));
    }
    case Grain.MONTH:
      return `${year}-${month}-01`;
    case Grain.QUARTER:
      return `${year}-${pad(Math.floor((Number(month) - 1) / 3) * 3 + 1)}-01`;
    case Grain.YEAR:
      return `${year}-01-01`;
    default:
      return date;
  }
}

function nextStart(start: string, grain: Grain): string {
  const [year = 0, month = 1] = start.split("-").map(Number);
  switch (grain) {
    case Grain.WEEK:
      return fromDay(toDay(start) + 7);
    case Grain.MONTH:
      return fromDay(toDay(monthEnd(year, month)) + 1);
    case Grain.QUARTER:
      return fromDay(toDay(monthEnd(year, month + 2)) + 1);
    case Grain.YEAR:
      return `${year + 1}-01-01`;
    default:
      return fromDay(toDay(start) + 1);
  }
}

/** The starts of all periods that touch the dates; a gap in a series is a zero, not nothing. */
export function periodStarts(dates: Dates, grain: Grain, most = 750): string[] {
  const starts: string[] = [];
  let start = periodStart(dates.from, grain);
  while (start <= dates.to && starts.length < most) {
    starts.push(start);
    start = nextStart(start, grain);
  }
  return starts;
}

/** What the period that begins here is called: `2011-07`, `2011-Q3`, `2011`, `2011-07-04`. */
export function periodName(start: string, grain: Grain): string {
  switch (grain) {
    case Grain.MONTH:
      return start.slice(0, 7);
    case Grain.QUARTER:
      return `${start.slice(0, 4)}-Q${Math.floor((Number(start.slice(5, 7)) - 1) / 3) + 1}`;
    case Grain.YEAR:
      return start.slice(0, 4);
    default:
      return start;
  }
}

/** The period as it goes into the URL, so that a click on a bar can drill into it. */
export function periodText(start: string, grain: Grain): PeriodText {
  if (grain === Grain.WEEK) return `${start}..${fromDay(toDay(start) + 6)}`;
  if (grain === Grain.DAY || grain === Grain.UNSPECIFIED) return `${start}..${start}`;
  return periodName(start, grain);
}

/** Whole years, quarters and months by their names, other dates as they are. */
export function datesName(from: string, to: string): string {
  for (const grain of [Grain.YEAR, Grain.QUARTER, Grain.MONTH]) {
    const name = periodName(periodStart(from, grain), grain);
    const whole = periodDates(name);
    if (whole?.from === from && whole.to === to) return name;
  }
  return from === to ? from : `${from} – ${to}`;
}
