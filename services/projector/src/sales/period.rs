//! Periods and what they are compared with.

use chrono::{Datelike as _, Days, Months, NaiveDate};
use proto::bi::v1::{Comparison, Grain};

/// Business dates, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
}

impl Range {
    /// The dates to compare with. Whole months, quarters and years are compared with the calendar
    /// months before; other ranges with as many days right before.
    pub(super) fn compared(self, comparison: Comparison) -> Option<Self> {
        match comparison {
            Comparison::Unspecified => None,
            Comparison::PreviousYear => self.months_earlier(12),
            Comparison::PreviousPeriod => match self.whole_months() {
                Some(months) => self.months_earlier(months),
                None => {
                    let days = (self.to - self.from).num_days().cast_unsigned() + 1;
                    let from = self.from.checked_sub_days(Days::new(days))?;
                    Some(Self { from, to: self.from.pred_opt()? })
                }
            },
        }
    }

    /// The range as many months earlier; a last day of a month stays one.
    fn months_earlier(self, months: u32) -> Option<Self> {
        let from = self.from.checked_sub_months(Months::new(months))?;
        let to = if is_last_of_month(self.to) {
            last_of_month(self.to.checked_sub_months(Months::new(months))?)?
        } else {
            self.to.checked_sub_months(Months::new(months))?
        };
        Some(Self { from, to })
    }

    fn whole_months(self) -> Option<u32> {
        if self.from.day() != 1 || !is_last_of_month(self.to) || self.to < self.from {
            return None;
        }
        let years = self.to.year() - self.from.year();
        let months = years * 12 + self.to.month().cast_signed() - self.from.month().cast_signed();
        u32::try_from(months + 1).ok()
    }
}

fn last_of_month(date: NaiveDate) -> Option<NaiveDate> {
    date.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()
}

fn is_last_of_month(date: NaiveDate) -> bool {
    last_of_month(date) == Some(date)
}

/// The first day of the period that a period of a grain is compared with.
pub(super) fn compared_start(
    start: NaiveDate,
    grain: Grain,
    comparison: Comparison,
) -> Option<NaiveDate> {
    match (comparison, grain) {
        (Comparison::Unspecified, _) => None,
        // 52 weeks keep the weekday, so that weeks stay weeks.
        (Comparison::PreviousYear, Grain::Week) => start.checked_sub_days(Days::new(364)),
        (Comparison::PreviousYear, _) => start.checked_sub_months(Months::new(12)),
        (Comparison::PreviousPeriod, Grain::Unspecified | Grain::Day) => start.pred_opt(),
        (Comparison::PreviousPeriod, Grain::Week) => start.checked_sub_days(Days::new(7)),
        (Comparison::PreviousPeriod, Grain::Month) => start.checked_sub_months(Months::new(1)),
        (Comparison::PreviousPeriod, Grain::Quarter) => start.checked_sub_months(Months::new(3)),
        (Comparison::PreviousPeriod, Grain::Year) => start.checked_sub_months(Months::new(12)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str) -> Range {
        Range { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn a_month_is_compared_with_the_month_before() {
        let march = range("2011-03-01", "2011-03-31");
        let before = march.compared(Comparison::PreviousPeriod);
        assert_eq!(before, Some(range("2011-02-01", "2011-02-28")));
    }

    #[test]
    fn a_quarter_is_compared_with_the_quarter_before() {
        let second = range("2011-04-01", "2011-06-30");
        let before = second.compared(Comparison::PreviousPeriod);
        assert_eq!(before, Some(range("2011-01-01", "2011-03-31")));
    }

    #[test]
    fn some_days_are_compared_with_as_many_days_before() {
        let days = range("2011-03-10", "2011-03-16");
        let before = days.compared(Comparison::PreviousPeriod);
        assert_eq!(before, Some(range("2011-03-03", "2011-03-09")));
    }

    #[test]
    fn february_of_a_leap_year_is_compared_with_all_of_the_february_before() {
        let leap = range("2012-02-01", "2012-02-29");
        let before = leap.compared(Comparison::PreviousYear);
        assert_eq!(before, Some(range("2011-02-01", "2011-02-28")));
        let common = range("2013-02-01", "2013-02-28");
        let before = common.compared(Comparison::PreviousYear);
        assert_eq!(before, Some(range("2012-02-01", "2012-02-29")));
    }
}
