//! Why a provider did not do what it was asked.

use kernel::outbound::CallError;

/// Why there is no answer that counts.
///
/// Only [`PspError::Refused`] says that nothing was done: after any other, the provider may have
/// done what it was asked, so the same request is sent again, or what came of it is looked up.
#[derive(Debug, thiserror::Error)]
pub enum PspError {
    /// Nobody answered.
    #[error("the provider did not answer")]
    Unreachable(#[source] CallError),
    /// It can not now.
    #[error("the provider can not answer now: {code} {message}")]
    Busy {
        /// The provider's code, or `HTTP` and a status.
        code: String,
        /// The provider's words.
        message: String,
    },
    /// It will not, however often it is asked. Also what this library would not even send.
    #[error("the provider refused: {code} {message}")]
    Refused {
        /// The provider's code.
        code: String,
        /// The provider's words.
        message: String,
    },
    /// The signature of the answer is missing, or is not the provider's.
    #[error("the answer is not signed by the provider")]
    Unverified,
    /// It is signed, but does not say what it should.
    #[error("the answer can not be read: {0}")]
    Unreadable(String),
}

impl PspError {
    /// Whether the same request may succeed later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(error) => {
                !matches!(error, CallError::Target(_) | CallError::TooLong(_))
            }
            Self::Busy { .. } => true,
            Self::Refused { .. } | Self::Unverified | Self::Unreadable(_) => false,
        }
    }

    /// The provider's code, where it gave one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Busy { code, .. } | Self::Refused { code, .. } => Some(code),
            Self::Unreachable(_) | Self::Unverified | Self::Unreadable(_) => None,
        }
    }

    /// What is not worth sending, because both providers would refuse it.
    pub(crate) fn parameter(message: &str) -> Self {
        Self::Refused { code: "PARAM_ERROR".to_owned(), message: message.to_owned() }
    }

    /// The field that an answer should have, and has not.
    pub(crate) fn without(field: &str) -> Self {
        Self::Unreadable(format!("no readable {field}"))
    }

    /// Whether it was refused with one of these codes.
    pub(crate) fn is(&self, codes: &[&str]) -> bool {
        matches!(self, Self::Refused { code, .. } if codes.contains(&code.as_str()))
    }
}

impl From<CallError> for PspError {
    fn from(error: CallError) -> Self {
        Self::Unreachable(error)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_may_succeed_later_is_told_apart() {
        let pair = || ("C".to_owned(), "m".to_owned());
        let (code, message) = pair();
        assert!(PspError::Busy { code, message }.is_passing());
        assert!(PspError::from(CallError::TimeOut(Duration::from_secs(1))).is_passing());
        assert!(!PspError::from(CallError::TooLong(1)).is_passing());
        let (code, message) = pair();
        assert!(!PspError::Refused { code, message }.is_passing());
        assert!(!PspError::Unverified.is_passing());
        assert!(!PspError::without("amount").is_passing());
    }
}
