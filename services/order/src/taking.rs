//! What is taken of the open quantities of lines: what somebody names, or everything.

use values::Quantity;

use crate::order::LineQuantity;

/// What can not be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// There is no such line.
    NotFound {
        /// What was named.
        line_no: u32,
    },
    /// A line is named twice.
    Twice {
        /// The line.
        line_no: u32,
    },
    /// There is not so much.
    TooMany {
        /// The line.
        line_no: u32,
        /// What there is.
        open: Quantity,
    },
}

/// What is wanted of what is open; all of it when nothing is named.
///
/// # Errors
/// See [`Wrong`].
pub fn take(wanted: &[LineQuantity], open: &[LineQuantity]) -> Result<Vec<LineQuantity>, Wrong> {
    if wanted.is_empty() {
        return Ok(open.iter().filter(|line| !line.quantity.is_zero()).copied().collect());
    }
    for (index, &LineQuantity { line_no, quantity }) in wanted.iter().enumerate() {
        if wanted[..index].iter().any(|before| before.line_no == line_no) {
            return Err(Wrong::Twice { line_no });
        }
        let line = open.iter().find(|line| line.line_no == line_no);
        let open = line.ok_or(Wrong::NotFound { line_no })?.quantity;
        if quantity > open {
            return Err(Wrong::TooMany { line_no, open });
        }
    }
    Ok(wanted.to_vec())
}
