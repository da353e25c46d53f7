//! A session of 金蝶云星空: opened with the application's secret, kept until it ends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use serde_json::json;

use super::{Kingdee, wire};
use crate::answer::ErpError;
use crate::said::{self, Raw};

const LOGIN: &str = "Kingdee.BOS.WebApi.ServicesStub.AuthService.LoginByAppSecret";
/// What a session's id may be: it becomes a header.
const LONGEST: usize = 256;

/// The session that is open, if one is.
#[derive(Default)]
pub(super) struct Session(Mutex<Option<Arc<str>>>);

impl Session {
    fn kept(&self) -> MutexGuard<'_, Option<Arc<str>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets one that has ended, unless another was opened meanwhile.
    pub(super) fn forget(&self, ended: &str) {
        let mut kept = self.kept();
        if kept.as_deref() == Some(ended) {
            *kept = None;
        }
    }
}

/// What comes of opening one. The names are those of the answers that clients have written down.
#[derive(Deserialize)]
struct Login {
    #[serde(rename = "LoginResultType")]
    result: Option<Raw>,
    #[serde(rename = "KDSVCSessionId")]
    session: Option<String>,
    #[serde(rename = "Message")]
    message: Option<String>,
}

impl Kingdee {
    /// The session that is open; a new one when none is. Two calls may open one each: both count.
    pub(super) async fn session(&self, kept: &Session) -> Result<String, ErpError> {
        if let Some(open) = kept.kept().as_deref() {
            return Ok(open.to_owned());
        }
        let it = &self.contract;
        let secret = it.app_secret.reveal();
        let parameters = json!([it.acct_id, it.user, it.app_id, secret, it.lcid]);
        let body = json!({ "parameters": parameters.to_string() });
        let answer = self.send(&self.address(LOGIN), &[], &body).await?;
        if !answer.status().is_success() {
            return Err(wire::unsuccessful(answer.status()));
        }
        let login: Login = said::read(answer.body())?;
        if said::some_text(login.result.as_ref()).as_deref() != Some("1") {
            // The contract is at fault, or the system: no document is.
            return Err(ErpError::passing("LOGIN", &login.message.unwrap_or_default()));
        }
        let is_plain = |id: &String| {
            (1..=LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let opened = login.session.filter(is_plain);
        let opened = opened.ok_or_else(|| ErpError::without("KDSVCSessionId"))?;
        *kept.kept() = Some(opened.as_str().into());
        Ok(opened)
    }
}
