//! Money: an amount in minor units, and the currency that gives it a meaning.

use std::iter::Sum;
use std::str::FromStr;

use derive_more::{Display, From};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Explain;
use crate::quantity::Quantity;

/// An amount in the smallest unit of its currency (分 for CNY, cent for USD).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    From,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Minor(pub i64);

/// An amount that is too large to be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the amount is too large")]
pub struct TooLarge;

/// Weights that are all zero, so nothing says who gets what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing says how to split the amount")]
pub struct NoWeight;

impl Minor {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The sum, unless it is too large.
    ///
    /// # Errors
    /// [`TooLarge`]
    pub fn plus(self, other: Self) -> Result<Self, TooLarge> {
        self.0.checked_add(other.0).map(Self).ok_or(TooLarge)
    }

    /// The difference, unless it is too large.
    ///
    /// # Errors
    /// [`TooLarge`]
    pub fn minus(self, other: Self) -> Result<Self, TooLarge> {
        self.0.checked_sub(other.0).map(Self).ok_or(TooLarge)
    }

    /// What so many cost when one costs this.
    ///
    /// # Errors
    /// [`TooLarge`]
    pub fn times(self, quantity: Quantity) -> Result<Self, TooLarge> {
        self.0.checked_mul(quantity.get()).map(Self).ok_or(TooLarge)
    }

    /// The sum of all, unless it is too large.
    ///
    /// # Errors
    /// [`TooLarge`]
    pub fn total(amounts: impl IntoIterator<Item = Self>) -> Result<Self, TooLarge> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// Splits the amount in proportion to the weights. The parts add up to the amount exactly:
    /// what rounding down leaves over goes, one unit each, to the largest remainders, and among
    /// equal ones to the first.
    ///
    /// # Errors
    /// [`NoWeight`] when the weights add up to nothing.
    pub fn split(self, weights: &[u64]) -> Result<Vec<Self>, NoWeight> {
        let whole: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
        if whole == 0 {
            return Err(NoWeight);
        }
        let share = |&weight: &u64| i128::from(self.0) * i128::from(weight);
        let mut parts: Vec<i128> = weights.iter().map(|w| share(w).div_euclid(whole)).collect();
        let left_over = i128::from(self.0) - parts.iter().sum::<i128>();

        let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
        by_remainder.sort_by_key(|&part| -share(&weights[part]).rem_euclid(whole));
        by_remainder.iter().take(usize::try_from(left_over).unwrap_or(0)).for_each(|&part| {
            parts[part] += 1;
        });
        // A part lies between zero and the amount, so it fits where the amount did.
        Ok(parts.into_iter().map(|part| Self(i64::try_from(part).unwrap_or(self.0))).collect())
    }
}

/// Three capital letters of ISO 4217.
#[derive(
    Clone, Debug, Display, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
#[schemars(extend("pattern" = "^[A-Z]{3}$"))]
pub struct Currency(String);

/// A text that is no currency code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an ISO 4217 code: three capital letters")]
pub struct InvalidCurrency;

impl Explain for InvalidCurrency {
    fn zh(&self) -> String {
        "须为三个大写字母的 ISO 4217 货币代码".to_owned()
    }
}

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(code: &str) -> Result<Self, InvalidCurrency> {
        let fits = code.len() == 3 && code.chars().all(|sign| sign.is_ascii_uppercase());
        if fits { Ok(Self(code.to_owned())) } else { Err(InvalidCurrency) }
    }
}

impl Currency {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Digits after the decimal point, as ISO 4217 has it.
    pub fn minor_digits(&self) -> u32 {
        match self.0.as_str() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF"
            | "UGX" | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            "CLF" | "UYW" => 4,
            _ => 2,
        }
    }

    /// An amount for people, for example `USD 8,740.00`.
    pub fn show(&self, amount: Minor) -> String {
        let digits = self.minor_digits();
        let unit = 10_u64.pow(digits);
        let minor = amount.0.unsigned_abs();
        let sign = if amount.0 < 0 { "-" } else { "" };
        let whole = grouped(minor / unit);
        if digits == 0 {
            return format!("{self} {sign}{whole}");
        }
        let width = digits as usize;
        format!("{self} {sign}{whole}.{:0width$}", minor % unit)
    }
}

/// Digits in groups of three.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// For sums of amounts that were checked to be countable together, as those of one order.
impl Sum for Minor {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.fold(0, |sum, amount| sum.saturating_add(amount.0)))
    }
}
