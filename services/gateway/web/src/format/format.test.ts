import { describe, expect, it } from "vitest";
import { Grain } from "../gen/qudao/bi/v1/sales_query_service_pb";
import { translate, type Translate } from "../i18n/i18n";
import { formatMoney } from "./money";
import { changePermille, formatCompact, formatPermille, formatShare, roundedDivision } from "./number";
import { datesName, grainFor, monthOf, periodDates, periodStart, periodStarts, periodText } from "./period";
import { formatAgo, formatDuration, formatTime, instantOf, lagMillis } from "./time";

const zh: Translate = (key, values) => translate("zh-CN", key, values);

describe("money", () => {
  it("keeps every digit of a sum no float could hold", () => {
    expect(formatMoney(9_007_199_254_740_993_07n, "USD", "en")).toBe("$9,007,199,254,740,993.07");
  });

  it("knows the digits of its currency", () => {
    expect(formatMoney(123_450n, "CNY", "zh-CN")).toBe("¥1,234.50");
    expect(formatMoney(1_234n, "JPY", "en")).toBe("¥1,234");
    expect(formatMoney(-5n, "USD", "en")).toBe("−$0.05");
  });
});

describe("numbers", () => {
  it("are cut for an axis as each language counts", () => {
    expect(formatCompact(11_292_885, "zh-CN")).toBe("1129万");
    expect(formatCompact(250_000_000, "zh-CN")).toBe("2.5亿");
    expect(formatCompact(11_292_885, "en")).toBe("11.3M");
    expect(formatCompact(950, "en")).toBe("950");
  });

  it("compare with sign, and not at all with nothing", () => {
    expect(changePermille(112n, 100n)).toBe(120n);
    expect(changePermille(5n, 0n)).toBeUndefined();
    expect(formatPermille(-530n)).toBe("−53.0%");
    expect(formatPermille(120n)).toBe("+12.0%");
    expect(formatShare(1n, 3n)).toBe("33.3%");
  });

  it("round half away from zero", () => {
    expect(roundedDivision(5n, 2n)).toBe(3n);
    expect(roundedDivision(-5n, 2n)).toBe(-3n);
  });
});

describe("periods", () => {
  it("are read from the URL, and nonsense is all time", () => {
    expect(periodDates("2011")).toEqual({ from: "2011-01-01", to: "2011-12-31" });
    expect(periodDates("2011-Q1")).toEqual({ from: "2011-01-01", to: "2011-03-31" });
    expect(periodDates("2012-02")).toEqual({ from: "2012-02-01", to: "2012-02-29" });
    expect(periodDates("2011-05-09..2011-05-02")).toEqual({ from: "2011-05-02", to: "2011-05-09" });
    for (const text of ["all", "", "2011-13", "2011-Q5", "x..y"]) expect(periodDates(text)).toBeUndefined();
  });

  it("start on Mondays, months, quarters and years", () => {
    expect(periodStart("2011-07-06", Grain.WEEK)).toBe("2011-07-04");
    expect(periodStart("2011-07-04", Grain.WEEK)).toBe("2011-07-04");
    expect(periodStart("2011-08-15", Grain.QUARTER)).toBe("2011-07-01");
    expect(monthOf("2011-12-28")).toEqual({ from: "2011-12-01", to: "2011-12-31" });
  });

  it("leave no gaps between first and last", () => {
    const year = { from: "2011-01-07", to: "2011-12-28" };
    expect(grainFor(year)).toBe(Grain.MONTH);
    expect(periodStarts(year, Grain.MONTH)).toHaveLength(12);
    expect(periodStarts({ from: "2011-01-07", to: "2026-11-23" }, Grain.QUARTER)).toHaveLength(64);
    expect(periodStarts({ from: "2011-01-01", to: "2011-01-31" }, Grain.WEEK)[0]).toBe("2010-12-27");
  });

  it("drill into what they show", () => {
    for (const [start, grain] of [["2011-07-01", Grain.MONTH], ["2011-07-01", Grain.QUARTER]] as const) {
      expect(periodDates(periodText(start, grain))?.from).toBe(start);
    }
    expect(periodDates(periodText("2011-07-04", Grain.WEEK))).toEqual({ from: "2011-07-04", to: "2011-07-10" });
  });

  it("are called by their names", () => {
    expect(datesName("2011-01-01", "2011-12-31")).toBe("2011");
    expect(datesName("2011-07-01", "2011-09-30")).toBe("2011-Q3");
    expect(datesName("2011-07-01", "2011-07-31")).toBe("2011-07");
    expect(datesName("2011-07-01", "2011-07-02")).toBe("2011-07-01 – 2011-07-02");
  });
});

describe("times", () => {
  const now = Date.parse("2026-11-23T06:00:00Z");

  it("stand in the tenant's zone", () => {
    expect(formatTime("2026-11-23T06:05:00Z", "Asia/Shanghai")).toBe("2026-11-23 14:05");
    expect(formatTime("", "Asia/Shanghai")).toBe("–");
  });

  it("are relative within a day", () => {
    expect(formatAgo("2026-11-23T05:59:59.600Z", now, "UTC", zh)).toBe("0.4 秒前");
    expect(formatAgo("2026-11-23T05:56:00Z", now, "UTC", zh)).toBe("4 分钟前");
    expect(formatAgo("2026-11-20T05:56:00Z", now, "UTC", zh)).toBe("2026-11-20 05:56");
  });

  it("tell how long an event was on its way", () => {
    expect(lagMillis("2026-11-23T06:00:00.100Z", "2026-11-23T06:00:00.500Z")).toBe(400);
    expect(lagMillis("", "2026-11-23T06:00:00Z")).toBeUndefined();
  });

  it("are found again from what the clocks show", () => {
    expect(instantOf("2026-11-23T14:05", "Asia/Shanghai")).toBe("2026-11-23T06:05:00.000Z");
    expect(instantOf("", "Asia/Shanghai")).toBe("");
    // The clocks of New York go back at 06:00 UTC on that day.
    expect(instantOf("2026-11-01T00:30", "America/New_York")).toBe("2026-11-01T04:30:00.000Z");
    expect(instantOf("2026-11-01T03:30", "America/New_York")).toBe("2026-11-01T08:30:00.000Z");
  });

  it("last in the unit that says something", () => {
    expect([40, 400, 42_000, 120_000, 7_200_000].map((millis) => formatDuration(millis, zh))).toEqual([
      "<0.1 秒", "0.4 秒", "42 秒", "2 分钟", "2 小时",
    ]);
  });
});
