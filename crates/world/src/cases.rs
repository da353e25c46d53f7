//! After-sale cases: what dealers have to say about goods, and how that ends.

use crate::acts::{Arrival, Wrong};
use crate::course::Course;
use crate::dice::Dice;

/// A case from its beginning to its end, all of which happens on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The order.
    pub order_id: String,
    /// How it began.
    pub about: About,
    /// How it ends.
    pub ending: Ending,
    /// How content the dealer is with the outcome and the service, where it is asked.
    pub rating: Option<(u32, u32)>,
}

/// What a case is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Goods that did not arrive as they were sent: lines, what was wrong, and how much. The receipt has
    /// made the case.
    Receipt(Vec<(u32, Wrong, u32)>),
    /// Goods that arrived well, and that the dealer is not content with later.
    Goods {
        /// The number of the case.
        id: String,
        /// The line.
        line_no: u32,
        /// Whether they are not as they should be; else they expire too soon.
        quality: bool,
        /// How many.
        quantity: u32,
    },
}

/// How a case ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The brand does not agree.
    Refused,
    /// It agrees, and gives nothing.
    WrittenOff,
    /// It gives so much, off what is owed or for the orders to come.
    Noted {
        /// In fen.
        amount_minor: i64,
        /// Whether the goods come back first.
        returned: bool,
    },
}

impl Ending {
    /// An ending by chance. Money goes back the way it came, and rebates are no money: of orders that
    /// they paid, nothing is given back.
    pub(crate) fn of(dice: &mut Dice, course: &mut Course, about: &About) -> Self {
        let lines: Vec<(u32, u32)> = match about {
            About::Receipt(lines) => lines.iter().map(|line| (line.0, line.2)).collect(),
            About::Goods { line_no, quantity, .. } => vec![(*line_no, *quantity)],
        };
        let can_be_refused = matches!(about, About::Goods { .. });
        let can_return = match about {
            About::Receipt(lines) => lines.iter().all(|line| line.1 != Wrong::Short),
            About::Goods { .. } => true,
        };
        let [refused, written_off, returned] = [300, 200, 400].map(|often| dice.permille(often));
        if can_be_refused && refused {
            return Self::Refused;
        }
        let gross = lines.into_iter().filter_map(|(line_no, quantity)| {
            Some(i64::from(quantity) * course.line(line_no)?.unit_price_minor)
        });
        // Less than they cost after every discount that there is.
        let amount_minor = gross.sum::<i64>() * 9 / 10;
        match written_off || course.rebate_minor > 0 || amount_minor == 0 {
            true => Self::WrittenOff,
            false => Self::Noted { amount_minor, returned: returned && can_return },
        }
    }
}

impl About {
    /// What a receipt makes a case of.
    pub(crate) fn receipt(arrival: &Arrival) -> Option<Self> {
        let lines = arrival.differences.iter().map(|it| (it.line_no, it.kind, it.quantity));
        (!arrival.differences.is_empty()).then(|| Self::Receipt(lines.collect()))
    }

    /// Something that a dealer says later of a line that arrived well.
    pub(crate) fn goods(dice: &mut Dice, arrival: &Arrival) -> Option<Self> {
        let well = arrival.well();
        let at = dice.between(0, well.len().saturating_sub(1) as u64);
        let &(line_no, quantity) = well.get(usize::try_from(at).unwrap_or_default())?;
        let most = u64::from((quantity / 20).max(1));
        let parcel = &arrival.parcel;
        Some(Self::Goods {
            id: format!("AS-{}-{}", parcel.shipment_id(), parcel.part),
            line_no,
            quality: dice.permille(600),
            quantity: u32::try_from(dice.between(1, most)).unwrap_or(1),
        })
    }
}
