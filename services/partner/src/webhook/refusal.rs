//! Why an endpoint says no.

use chrono::{DateTime, SecondsFormat, Utc};
use kernel::{Refusal, RefusalKind, Text};

/// Why an endpoint says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum WebhookRefusal {
    /// The id is taken.
    #[error("an endpoint with this id exists; make a new request_id")]
    WebhookExists,
    /// The tenant has as many as it may have.
    #[error("a tenant has at most {most} endpoints; remove one that is not needed")]
    TooManyWebhooks {
        /// How many that are.
        most: u64,
    },
    /// There is none.
    #[error("there is no such endpoint; look at the list of endpoints")]
    UnknownWebhook,
    /// The secret before still signs.
    #[error("the secret was changed less than a day ago; change it again after {}", told(*.until))]
    RotatedRecently {
        /// Until when the one before signs too.
        until: DateTime<Utc>,
    },
}

fn told(until: DateTime<Utc>) -> String {
    until.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl Refusal for WebhookRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::WebhookExists => RefusalKind::AlreadyExists,
            Self::UnknownWebhook => RefusalKind::NotFound,
            Self::RotatedRecently { .. } | Self::TooManyWebhooks { .. } => {
                RefusalKind::FailedPrecondition
            }
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::WebhookExists => "该端点编号已存在，请换一个新的请求编号".to_owned(),
            Self::TooManyWebhooks { most } => {
                format!("每个租户最多 {most} 个推送端点，请先移除不再需要的")
            }
            Self::UnknownWebhook => "没有这个推送端点，请查看端点列表".to_owned(),
            Self::RotatedRecently { until } => {
                format!("密钥更换未满一天，请在 {} 之后再更换", told(*until))
            }
        };
        Text::new(zh, self.to_string())
    }
}
