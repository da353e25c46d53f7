//! What comes back from a system, and what a worker makes of it.

use kernel::outbound::CallError;

/// What came of handing a document over.
#[derive(Debug)]
pub enum Answer {
    /// The document is there, as far as the contract wants it.
    Accepted {
        /// The number that people find it by there. It is the [`BizId`](crate::BizId) itself,
        /// unless the contract lets that stand in another field.
        number: String,
    },
    /// The system will not, for now or for good. A document that was saved, and refused at a later
    /// stage, is there unfinished; handing it over again goes on from there.
    Refused {
        /// The system's code.
        code: String,
        /// The system's words.
        text: String,
        /// Whether it stays so until a person mends the document or the books. Otherwise it passes,
        /// or the contract is at fault, and with it every document alike.
        permanent: bool,
    },
    /// There is no answer that counts: the document may be there, or not.
    Unknown(Unclear),
}

/// Why there is no answer that counts.
#[derive(Debug, thiserror::Error)]
pub enum Unclear {
    /// Nobody answered.
    #[error("the system did not answer")]
    Unreachable(#[source] CallError),
    /// It has failed, or is not done yet, and can not say what it did.
    #[error("the system can not say what it did: {code} {text}")]
    Failed {
        /// The system's code, or `HTTP` and a status.
        code: String,
        /// The system's words.
        text: String,
    },
    /// It does not say what it should.
    #[error("the answer can not be read: {0}")]
    Unreadable(String),
}

/// Why something was not told, or not done.
#[derive(Debug, thiserror::Error)]
pub enum ErpError {
    /// See [`Answer::Refused`].
    #[error("the system refused: {code} {text}")]
    Refused {
        /// The system's code.
        code: String,
        /// The system's words.
        text: String,
        /// See [`Answer::Refused`].
        permanent: bool,
    },
    /// See [`Answer::Unknown`].
    #[error(transparent)]
    Unknown(#[from] Unclear),
}

/// A document as a system has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The system's own key of it.
    pub id: String,
    /// The number that people find it by.
    pub number: String,
    /// How far it is.
    pub stage: Stage,
    /// Its customer's code, where the system tells it.
    pub customer: Option<String>,
    /// What it is about in all, tax included, as the system writes it and where it tells it.
    pub amount: Option<String>,
}

/// How far a document is. Only the last stages count in the books: what is saved may still be
/// changed or deleted there.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    strum::AsRefStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Stage {
    /// It was saved (已保存).
    Saved,
    /// It waits for whoever approves it (已提交).
    Submitted,
    /// It counts (已审核).
    Audited,
    /// A person there has taken it back, or closed it: what becomes of it is theirs to say.
    TakenOver,
}

impl Stage {
    /// Whether nothing needs to be done any more to have it there.
    pub fn has_reached(self, wanted: Self) -> bool {
        self >= wanted
    }
}

impl ErpError {
    /// What will not become better by asking again.
    pub(crate) fn refused(code: &str, text: &str) -> Self {
        Self::Refused { code: code.to_owned(), text: text.to_owned(), permanent: true }
    }

    /// What may become better without anybody changing the document.
    pub(crate) fn passing(code: &str, text: &str) -> Self {
        Self::Refused { code: code.to_owned(), text: text.to_owned(), permanent: false }
    }

    pub(crate) fn failed(code: &str, text: &str) -> Self {
        Unclear::Failed { code: code.to_owned(), text: text.to_owned() }.into()
    }

    pub(crate) fn unreadable(why: impl ToString) -> Self {
        Unclear::Unreadable(why.to_string()).into()
    }

    /// The field that an answer should have, and has not.
    pub(crate) fn without(field: &str) -> Self {
        Unclear::Unreadable(format!("no readable {field}")).into()
    }

    /// Whether it was refused, and stays so.
    pub(crate) fn is_permanent(&self) -> bool {
        matches!(self, Self::Refused { permanent: true, .. })
    }
}

impl From<CallError> for ErpError {
    fn from(error: CallError) -> Self {
        Unclear::Unreachable(error).into()
    }
}

impl From<ErpError> for Answer {
    fn from(error: ErpError) -> Self {
        match error {
            ErpError::Refused { code, text, permanent } => Self::Refused { code, text, permanent },
            ErpError::Unknown(why) => Self::Unknown(why),
        }
    }
}
