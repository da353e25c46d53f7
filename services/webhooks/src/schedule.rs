//! When an event is sent again: the schedule that Standard Webhooks recommends, with jitter.

use std::time::Duration;

use chrono::TimeDelta;

/// Pauses before each attempt, counted from the one before. Together about three days.
const PAUSES: [u64; 10] =
    [0, 5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600];
/// Share of a pause that chance may add, in percent: else all that failed together would come
/// again together.
const JITTER: u64 = 20;
/// The longest pause that an endpoint may ask for.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);

/// How long to wait after so many attempts, of which the last failed; none when it is given up.
/// `chance` is any number, `asked` what the endpoint asked for.
pub(crate) fn pause(tries: u32, chance: u64, asked: Option<Duration>) -> Option<TimeDelta> {
    let seconds = *PAUSES.get(usize::try_from(tries).ok()?)?;
    let most = seconds * 1_000 * JITTER / 100;
    let own = Duration::from_millis(seconds * 1_000 + chance % (most + 1));
    let longer = asked.map_or(own, |asked| asked.min(LONGEST).max(own));
    TimeDelta::from_std(longer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_sent_ten_times_over_three_days() {
        let pauses: Vec<_> = (1..).map_while(|tries| pause(tries, 0, None)).collect();
        let seconds: Vec<_> = pauses.iter().map(TimeDelta::num_seconds).collect();
        assert_eq!(seconds, [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
        let all: i64 = seconds.iter().sum();
        assert_eq!(all / 3_600, 75);
    }

    #[test]
    fn chance_adds_a_fifth_at_most_and_takes_nothing_away() {
        for chance in (0..100_000).step_by(37) {
            let pause = pause(3, chance, None).expect("a pause").num_milliseconds();
            assert!((1_800_000..=2_160_000).contains(&pause), "{pause}");
        }
        assert_ne!(pause(3, 1_000, None), pause(3, 2_000, None));
    }

    #[test]
    fn an_endpoint_may_ask_for_a_longer_pause_within_bounds() {
        let asked = |seconds| pause(1, 0, Some(Duration::from_secs(seconds)));
        assert_eq!(asked(1), Some(TimeDelta::seconds(5)), "not sooner than planned");
        assert_eq!(asked(60), Some(TimeDelta::seconds(60)));
        assert_eq!(asked(1_000_000), Some(TimeDelta::hours(24)));
        assert_eq!(pause(10, 0, Some(Duration::from_secs(60))), None, "and not for more attempts");
    }
}
