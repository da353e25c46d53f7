//! Barcodes of goods (商品条码), as GS1 numbers them.

use std::str::FromStr;

use derive_more::Display;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Explain;

/// A GTIN: the number under a barcode, of 8 (EAN-8), 12 (UPC-A), 13 (EAN-13) or 14 digits (ITF-14),
/// the last of which checks the others. It is kept as it was written.
#[derive(
    Clone, Debug, Display, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
#[schemars(extend("pattern" = "^([0-9]{8}|[0-9]{12,14})$"))]
pub struct Gtin(String);

/// A text that is no barcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGtin {
    /// It has other signs, or not as many as a barcode has.
    #[error("a barcode has 8, 12, 13 or 14 digits and no other signs")]
    Form,
    /// The last digit does not fit the others: one of them was mistyped or misread.
    #[error("the last digit does not fit the others, it would be {0}; compare it with the barcode")]
    Check(u32),
}

impl Explain for InvalidGtin {
    fn zh(&self) -> String {
        match self {
            Self::Form => "条码须为 8、12、13 或 14 位数字".to_owned(),
            Self::Check(digit) => {
                format!("条码校验位不符，末位应为 {digit}，请与实物条码核对")
            }
        }
    }
}

impl Gtin {
    /// The digits as they were written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number in the longest form: two barcodes with the same one are the same, since shorter
    /// forms are longer ones without the zeros in front.
    pub fn key(&self) -> String {
        format!("{:0>14}", self.0)
    }
}

/// The digit that checks these, which come without it: 3 and 1 times the digits from the right.
fn check_digit(digits: &str) -> Option<u32> {
    let mut sum = 0;
    for (sign, weight) in digits.chars().rev().zip([3, 1].into_iter().cycle()) {
        sum += sign.to_digit(10)? * weight;
    }
    Some((10 - sum % 10) % 10)
}

impl FromStr for Gtin {
    type Err = InvalidGtin;

    fn from_str(text: &str) -> Result<Self, InvalidGtin> {
        let digits = text.bytes().all(|sign| sign.is_ascii_digit());
        // Zeros alone would check, and name nothing.
        let names = text.bytes().any(|sign| sign != b'0');
        if !digits || !names || !matches!(text.len(), 8 | 12..=14) {
            return Err(InvalidGtin::Form);
        }
        let (rest, last) = text.split_at(text.len() - 1);
        let expected = check_digit(rest).ok_or(InvalidGtin::Form)?;
        if last == expected.to_string() {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidGtin::Check(expected))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn barcodes_of_every_length_are_known_and_mistyped_ones_are_not() {
        for known in ["73513537", "012345678905", "6901234567892", "16901234567899"] {
            assert_eq!(known.parse::<Gtin>().map(|it| it.to_string()), Ok(known.to_owned()));
        }
        assert_eq!("6901234567893".parse::<Gtin>(), Err(InvalidGtin::Check(2)));
        for form in ["", "690123456789", "69012345678920000", "690123456789x", "６９０１２３４５"]
        {
            assert!(form.parse::<Gtin>().is_err(), "{form}");
        }
        assert_eq!("00000000".parse::<Gtin>(), Err(InvalidGtin::Form));
    }

    #[test]
    fn a_shorter_form_is_the_longer_one_without_zeros() {
        let [short, long] = ["012345678905", "0012345678905"].map(|it| it.parse::<Gtin>());
        assert_eq!(short.map(|it| it.key()), long.map(|it| it.key()));
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_found(
            digits in "[1-9][0-9]{11}", at in 0_usize..13, by in 1_u32..10,
        ) {
            let check = check_digit(&digits).unwrap_or_default();
            let whole = format!("{digits}{check}");
            prop_assert!(whole.parse::<Gtin>().is_ok());
            let wrong = |(place, sign): (usize, char)| match place == at {
                true => (sign.to_digit(10).unwrap_or_default() + by) % 10,
                false => sign.to_digit(10).unwrap_or_default(),
            };
            let wrong: String = whole.chars().enumerate().map(|it| wrong(it).to_string()).collect();
            prop_assert!(wrong.parse::<Gtin>().is_err());
        }
    }
}
