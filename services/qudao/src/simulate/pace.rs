//! How fast a world is played.

use std::str::FromStr;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

const DAY: Duration = Duration::from_secs(86_400);

/// How fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speed {
    /// As fast as the system answers.
    Max,
    /// So many times as fast as time.
    Times(u32),
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let number = text.trim_end_matches(['x', '×']).parse().ok().filter(|times| *times > 0);
        number.map(Self::Times).ok_or_else(|| "`max`, or a number such as 1440x".to_owned())
    }
}

/// The clock of a world.
pub(super) struct Pace {
    began: Instant,
    /// How long a day is; none: no time has to pass.
    day: Option<Duration>,
}

impl Pace {
    pub(super) fn new(speed: Speed) -> Self {
        let day = match speed {
            Speed::Max => None,
            Speed::Times(times) => Some(DAY / times),
        };
        Self { began: Instant::now(), day }
    }

    /// Waits until so many parts of a day are over; days are counted from 0.
    pub(super) async fn until(&self, day: u32, part: usize, of: usize) {
        let Some(length) = self.day else { return };
        let [part, of] = [part, of.max(1)].map(|it| u32::try_from(it).unwrap_or(u32::MAX));
        sleep_until(self.began + length * day + length / of * part).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_read_as_people_write_them() {
        for (text, speed) in
            [("max", Speed::Max), ("60x", Speed::Times(60)), ("1440×", Speed::Times(1_440))]
        {
            assert_eq!(text.parse(), Ok(speed));
        }
        assert!(["0", "fast", "-1x"].iter().all(|text| text.parse::<Speed>().is_err()));
    }

    #[tokio::test]
    async fn days_take_their_time() {
        let pace = Pace::new(Speed::Times(1_728_000));

        pace.until(2, 1, 2).await;

        assert!(pace.began.elapsed() >= Duration::from_millis(125));
    }
}
