//! Medians, spreads, and ratios of two series that were measured in turns.

use serde::Serialize;

/// The middle of some figures and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Half of the figures are not above it.
    pub median: f64,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
}

impl Spread {
    /// The spread of some figures; none without figures. Figures that are no numbers count as
    /// the largest.
    pub fn of(figures: &[f64]) -> Option<Self> {
        let mut sorted = figures.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (least, most) = (*sorted.first()?, *sorted.last()?);
        let upper = sorted.len() / 2;
        let median = match sorted.len() % 2 {
            0 => (sorted[upper - 1] + sorted[upper]) / 2.0,
            _ => sorted[upper],
        };
        Some(Self { median, least, most })
    }

    /// The ratio of each round. The two sides of a round were measured one right after the
    /// other, so what disturbs the machine for longer than a round disturbs both.
    pub fn of_ratios(ours: &[f64], theirs: &[f64]) -> Option<Self> {
        let ratios = ours.iter().zip(theirs).filter(|(_, theirs)| **theirs > 0.0);
        Self::of(&ratios.map(|(ours, theirs)| ours / theirs).collect::<Vec<_>>())
    }

    /// Distance between the extremes, as a share of the median.
    pub fn width(&self) -> f64 {
        if self.median > 0.0 { (self.most - self.least) / self.median } else { 0.0 }
    }
}

/// What a ratio should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// More is better: a speed.
    AtLeast(f64),
    /// Less is better: a time or an amount of memory.
    AtMost(f64),
}

impl Target {
    /// Whether a figure reaches it.
    pub fn reached(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(most) => figure <= most,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtLeast(figure) => write!(f, "≥ {figure}"),
            Self::AtMost(figure) => write!(f, "≤ {figure}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        let spread = Spread::of(&[4.0, 1.0, 3.0, 100.0]).unwrap();
        assert_eq!(spread, Spread { median: 3.5, least: 1.0, most: 100.0 });
        assert_eq!(Spread::of(&[2.0]).unwrap().median, 2.0);
        assert_eq!(Spread::of(&[3.0, 1.0, 2.0]).unwrap().median, 2.0);
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn a_disturbance_of_whole_rounds_leaves_the_ratio_alone() {
        let ours = [100.0, 50.0, 10.0];
        let theirs = [10.0, 5.0, 1.0];
        let ratio = Spread::of_ratios(&ours, &theirs).unwrap();
        assert_eq!((ratio.median, ratio.width()), (10.0, 0.0));
        // Against the series' own medians the same figures hold only by luck.
        assert_eq!(Spread::of(&ours).unwrap().width(), 1.8);
    }

    #[test]
    fn a_round_in_which_the_other_side_stood_still_is_no_ratio() {
        assert_eq!(Spread::of_ratios(&[1.0], &[0.0]), None);
        assert_eq!(Spread::of_ratios(&[1.0, 4.0], &[0.0, 2.0]).unwrap().median, 2.0);
    }

    #[test]
    fn targets_are_reached_from_their_own_side() {
        assert!(Target::AtLeast(15.0).reached(15.0) && !Target::AtLeast(15.0).reached(14.9));
        assert!(Target::AtMost(1.3).reached(1.3) && !Target::AtMost(1.3).reached(1.31));
        assert!(!Target::AtLeast(1.0).reached(f64::NAN) && !Target::AtMost(1.0).reached(f64::NAN));
    }
}
