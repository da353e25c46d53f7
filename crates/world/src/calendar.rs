//! When there is work, and how much of it.
//!
//! Holidays and the weekends that are worked instead (调休) are those that the State Council has announced
//! for 2026, as the PyPI package `chinesecalendar` 1.11.0 (MIT) has them.

use chrono::{Datelike as _, Days, NaiveDate, Weekday};

use crate::Size;

/// The first day of every world, which is a workday: the first of its year.
pub const FIRST_DAY: NaiveDate = day(1, 4);
/// The last day for which workdays are known.
pub const LAST_DAY: NaiveDate = day(12, 31);
/// The first day of the year of the horse.
const SPRING_FESTIVAL: NaiveDate = day(2, 17);

/// Weekdays without work: month, first and last day.
const HOLIDAYS: [(u32, u32, u32); 11] = [
    (1, 1, 2),
    (2, 16, 20),
    (2, 23, 23),
    (4, 6, 6),
    (5, 1, 1),
    (5, 4, 5),
    (6, 19, 19),
    (9, 25, 25),
    (10, 1, 2),
    (10, 5, 7),
    // None in the last months.
    (12, 32, 32),
];
/// Saturdays and Sundays with work.
const WORKED: [(u32, u32); 6] = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)];
/// How much is drunk in each month, in percent.
const SEASON: [u64; 12] = [85, 80, 85, 95, 120, 160, 180, 180, 120, 95, 85, 85];

const fn day(month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(2026, month, day) {
        Some(day) => day,
        None => NaiveDate::MIN,
    }
}

/// Whether people work on a day.
pub fn is_workday(date: NaiveDate) -> bool {
    let (month, day) = (date.month(), date.day());
    match date.weekday() {
        Weekday::Sat | Weekday::Sun => WORKED.contains(&(month, day)),
        Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Fri => {
            !HOLIDAYS.iter().any(|&(of, first, last)| of == month && (first..=last).contains(&day))
        }
    }
}

/// The days of a world.
pub fn days(count: u32) -> impl Iterator<Item = NaiveDate> {
    FIRST_DAY.iter_days().take(count as usize).take_while(|date| *date <= LAST_DAY)
}

/// The workday that comes so many after one; 0: itself, or the next one.
pub fn workday_after(date: NaiveDate, count: u64) -> NaiveDate {
    let mut workdays = date.iter_days().filter(|date| is_workday(*date));
    workdays.nth(usize::try_from(count).unwrap_or_default()).unwrap_or(LAST_DAY)
}

/// How many workdays of its month a day has before and after it.
fn place_in_month(date: NaiveDate) -> (usize, usize) {
    let of_month = |it: &NaiveDate| it.month() == date.month();
    let first = date.with_day(1).unwrap_or(date);
    let workdays = || first.iter_days().take_while(of_month).filter(|it| is_workday(*it));
    let before = workdays().filter(|it| *it < date).count();
    (before, workdays().count().saturating_sub(before + 1))
}

/// Whether it is the first workday of its month.
pub fn is_first_of_month(date: NaiveDate) -> bool {
    is_workday(date) && place_in_month(date).0 == 0
}

/// The days of a month on which the brand gives more.
pub fn campaign(month: u32) -> (NaiveDate, NaiveDate) {
    (day(month, 6), day(month, 12))
}

/// How many orders a workday has, in thousandths of an ordinary one. `lift` is by how much a campaign
/// brings more, in percent. A small world is the same every day, so that tests know what they get.
pub fn demand(size: Size, date: NaiveDate, lift: u64) -> u64 {
    if size == Size::S {
        return 1_000;
    }
    let parts = [season(date), around_spring_festival(date), of_the_week(date), push(date)];
    let (first, last) = campaign(date.month());
    let after = last.checked_add_days(Days::new(7)).unwrap_or(last);
    let bought = match date {
        _ if (first..=last).contains(&date) => 100 + lift,
        // What was bought then is not bought now.
        _ if date > last && date <= after => 80,
        _ => 100,
    };
    parts.into_iter().fold(1_000 * bought / 100, |so_far, percent| so_far * percent / 100)
}

fn season(date: NaiveDate) -> u64 {
    SEASON[date.month0() as usize]
}

/// Three to four weeks before it shops fill up, and after it nobody buys.
fn around_spring_festival(date: NaiveDate) -> u64 {
    match (SPRING_FESTIVAL - date).num_days() {
        15..=28 => 160,
        -14..=3 => 45,
        _ => 100,
    }
}

fn of_the_week(date: NaiveDate) -> u64 {
    match date.weekday() {
        Weekday::Mon => 115,
        Weekday::Tue => 105,
        Weekday::Wed => 100,
        Weekday::Thu | Weekday::Fri => 95,
        Weekday::Sat | Weekday::Sun => 70,
    }
}

/// Goods are pushed into the channel (压货) at the end of a month, and missed at the beginning of the next.
fn push(date: NaiveDate) -> u64 {
    match place_in_month(date) {
        (_, 0..=2) => 140,
        (0..=2, _) => 75,
        _ => 100,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_has_the_workdays_that_were_announced() {
        let year = || day(1, 1).iter_days().take(365);

        assert_eq!(year().filter(|it| is_workday(*it)).count(), 248);
        for (month, of_month, works) in [
            (1, 4, true),
            (2, 14, true),
            (2, 17, false),
            (2, 23, false),
            (5, 9, true),
            (10, 8, true),
        ] {
            assert_eq!(is_workday(day(month, of_month)), works, "{month}-{of_month}");
        }
        assert!(is_workday(FIRST_DAY) && is_first_of_month(FIRST_DAY));
        assert_eq!(workday_after(day(2, 14), 1), day(2, 24));
    }

    #[test]
    fn demand_has_the_shapes_of_a_year_of_drinks() {
        let of = |month, of_month| demand(Size::M, day(month, of_month), 60);

        assert!(of(7, 8) > 18 * of(3, 25) / 10, "summer");
        assert!(of(1, 28) > of(3, 25), "before the Spring Festival");
        assert!(of(2, 25) < of(3, 25) / 2, "after it");
        assert!(of(4, 30) > of(4, 22), "the end of a month");
        assert!(of(4, 9) > of(4, 23) && of(4, 14) < of(4, 21), "a campaign, and after it");
        assert_eq!(demand(Size::S, day(7, 1), 60), 1_000);
    }
}
