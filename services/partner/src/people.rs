//! What is kept of people beside the log: the keys of their names, hashes of their passwords, where
//! they are signed in. Keys and hashes are made before a user is registered and erased after a user was, so what the log says is
//! never ahead of a person who may sign in, and never behind one who may not.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use kernel::command::Rejected;
use kernel::failure::{Violations, chain, personal_failed, read_failed, unavailable};
use kernel::log::{AppendError, Filter, Log, ReadError};
use kernel::personal::{Personal, PersonalError, Vault};
use kernel::{Recorded, clock};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};
use uuid::Uuid;
use values::UserId;

use crate::attempts::Attempts;
use crate::credentials::{Credentials, Kept};
use crate::links::Links;
use crate::oidc::flows::Flows;
use crate::oidc::identities::Identities;
use crate::password;
use crate::role::Role;
use crate::secrets::Secrets;
use crate::service_keys::ServiceKeys;
use crate::sessions::Sessions;
use crate::tenant::Tenant;
use crate::user::{User, UserEvent, UserRefusal};

/// How often the log is looked at for people whose erasing was begun and not ended.
const LOOK: Duration = Duration::from_secs(2);
/// Longest pause between two tries to erase somebody.
const LONGEST: Duration = Duration::from_secs(300);
/// How often old sessions are deleted.
const CLEAN: Duration = Duration::from_secs(3_600);
/// Positions of the log looked at together.
const PAGE: u32 = 5_000;

/// The keys and passwords of all tenants' people.
#[derive(Clone)]
pub(crate) struct People {
    pub(crate) log: Log,
    pub(crate) vault: Vault,
    pub(crate) credentials: Credentials,
    pub(crate) sessions: Sessions,
    pub(crate) links: Links,
    pub(crate) attempts: Attempts,
    pub(crate) service_keys: ServiceKeys,
    pub(crate) flows: Flows,
    pub(crate) identities: Identities,
    pub(crate) secrets: Secrets,
}

/// Who is let in as soon as the log says so: their password is kept.
pub(crate) struct Admitted {
    tenant: String,
    login: String,
    credential_id: Uuid,
    password: String,
    kept: Kept,
}

/// Why a person's data could not be erased.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForgetError {
    #[error(transparent)]
    Log(#[from] ReadError),
    #[error(transparent)]
    Key(#[from] PersonalError),
    #[error("the table of passwords failed")]
    Password(#[from] sqlx::Error),
}

impl People {
    /// Seals the name of a person to be registered and keeps their password; it counts when the
    /// user's event names it. Of a person who was erased nothing is kept, and the command says so.
    pub(crate) async fn admit(
        &self,
        (tenant, login): (&str, &str),
        name: &mut Personal<String>,
        credential_id: Uuid,
        password: String,
    ) -> Result<Option<Admitted>, Status> {
        match self.vault.sealed(tenant, name).await {
            Ok(sealed) => *name = sealed,
            Err(PersonalError::Erased(subject)) => {
                *name = Personal::erased(subject);
                return Ok(None);
            }
            Err(error) => return Err(personal_failed(&error)),
        }
        self.keep_password((tenant, login), credential_id, password).await.map(Some)
    }

    /// Keeps the password that a person is to have; it counts when an event of theirs names it.
    pub(crate) async fn keep_password(
        &self,
        (tenant, login): (&str, &str),
        credential_id: Uuid,
        password: String,
    ) -> Result<Admitted, Status> {
        let (tenant, login) = (tenant.to_owned(), login.to_owned());
        let mut who = Admitted { tenant, login, credential_id, password, kept: Kept::Before };
        who.kept = self.keep(&who).await?;
        if who.kept == Kept::Other {
            return Err(Rejected::<UserRefusal>::from(AppendError::RequestReused).into());
        }
        Ok(who)
    }

    /// Whether a password will do for a person, the name of whose brand has to be looked up.
    pub(crate) async fn acceptable(
        &self,
        (tenant, login): (&str, &str),
        name: &str,
        (field, password): (&str, &str),
    ) -> Result<(), Status> {
        let loaded = self.log.load::<Tenant>(tenant, tenant).await;
        let brand = match loaded.map_err(|error| read_failed(&error))?.0 {
            Tenant::Founded(settings) => settings.name,
            Tenant::Unknown => String::new(),
        };
        let mut bad = Violations::default();
        let good = password::acceptable(password, &[login, tenant, &brand, name]);
        let good = bad.take(field, good);
        bad.finish(good)
    }

    /// All who ever were administrators of a tenant; whether they still are is asked of each.
    pub(crate) async fn admins(&self, tenant: &str) -> Result<Vec<UserId>, ReadError> {
        let facts = ["UserRegistered", "MembershipGranted", "MembershipChanged"];
        let filter = Filter {
            tenant: Some(tenant.to_owned()),
            aggregates: vec!["user".to_owned()],
            event_types: facts.map(str::to_owned).to_vec(),
            ..Filter::default()
        };
        let (mut found, mut seen, head) = (BTreeSet::new(), 0, self.log.head().await?);
        while seen < head {
            let page = self.log.read_page(&filter, seen, head, PAGE).await?;
            let admins = page.events.into_iter().filter(makes_an_admin);
            found.extend(admins.filter_map(|event| event.object_id.parse().ok()));
            seen = page.reached;
        }
        Ok(found.into_iter().collect())
    }

    /// Keeps a password, but not that of a person who was erased while it was hashed: whoever
    /// erased them may not have found it.
    async fn keep(&self, who: &Admitted) -> Result<Kept, Status> {
        let Admitted { tenant, login, credential_id, password, .. } = who;
        let kept = self.credentials.keep((tenant, login), *credential_id, password.clone()).await;
        let kept = kept.map_err(|error| unavailable(&error))?;
        self.forget(tenant, login).await.map_err(|error| unavailable(&error))?;
        Ok(kept)
    }

    /// Makes sure that who was registered can sign in: the same request may have been refused a
    /// moment before, and have taken back what both rely on.
    pub(crate) async fn confirm(&self, who: Admitted) -> Result<(), Status> {
        let kept = self.credentials.is_kept(&who.tenant, who.credential_id).await;
        if !kept.map_err(|error| unavailable(&error))? {
            self.keep(&who).await?;
        }
        Ok(())
    }

    /// Takes back what was kept for somebody who was refused; not when nobody knows yet whether
    /// they were.
    pub(crate) async fn dismiss(&self, who: Admitted, no: Code) {
        let is_final = matches!(
            no,
            Code::InvalidArgument
                | Code::NotFound
                | Code::AlreadyExists
                | Code::PermissionDenied
                | Code::FailedPrecondition
                | Code::Aborted
        );
        if is_final && who.kept == Kept::New {
            let discarded = self.credentials.discard(&who.tenant, who.credential_id).await;
            if let Err(error) = discarded {
                tracing::warn!(error = %chain(&error), "a hash stays that nobody can sign in with");
            }
        }
    }

    /// The name of a person; none of one who was erased.
    pub(crate) async fn name(
        &self,
        tenant: &str,
        name: &Personal<String>,
    ) -> Result<Option<String>, Status> {
        self.vault.reveal(tenant, name).await.map_err(|error| personal_failed(&error))
    }

    /// Erases what is kept of a person, if the log says that they are erased. It can be repeated.
    /// The answer to their registration goes too, because its digest covers their name; a repeat
    /// of it is refused, as any registration under their login. A request that renamed them, or set
    /// a password, left out what was personal from the first.
    pub(crate) async fn forget(&self, tenant: &str, login: &str) -> Result<(), ForgetError> {
        if let (User::Erased { credential_id }, _) = self.log.load::<User>(tenant, login).await? {
            self.vault.erase(tenant, login).await?;
            self.credentials.erase(tenant, credential_id).await?;
            self.credentials.erase_others((tenant, login), None).await?;
            self.sessions.forget((tenant, login)).await?;
            self.log.forget_request(tenant, credential_id).await?;
        }
        Ok(())
    }
}

fn makes_an_admin(event: &Recorded) -> bool {
    match event.decode::<UserEvent>() {
        Ok(
            UserEvent::UserRegisteredV2 { roles, .. }
            | UserEvent::MembershipGranted { roles, .. }
            | UserEvent::MembershipChanged { roles, .. },
        ) => roles.into_iter().any(Role::is_admin),
        Ok(_) | Err(_) => false,
    }
}

/// Ends what was begun: a process may die after `UserErased` is in the log and before the key and
/// the password are gone. The call was not acknowledged then, but nobody need ask again. Each
/// process of the role follows the log from its start; erasing twice does no harm.
pub struct Erasures {
    people: People,
    /// All that the log says up to here was tried.
    seen: u64,
    /// Who could not be erased yet; nobody else waits for them.
    waiting: HashMap<Who, Again>,
    /// When sessions that nobody can use any more were deleted last.
    cleaned: Option<Instant>,
}

/// Tenant and login.
type Who = (String, String);

/// When something is tried again.
struct Again {
    at: Instant,
    pause: Duration,
}

impl Erasures {
    pub(crate) fn of(people: People) -> Self {
        Self { people, seen: 0, waiting: HashMap::new(), cleaned: None }
    }

    /// Follows the log until told to stop.
    pub async fn run(mut self, stop: CancellationToken) {
        let work = async {
            loop {
                self.try_again().await;
                if let Err(error) = self.follow().await {
                    tracing::warn!(error = %chain(&error), "nobody can tell who is to be erased");
                }
                let waiting = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
                metrics::gauge!("qudao_erasures_waiting").set(waiting);
                self.clean().await;
                tokio::time::sleep(LOOK).await;
            }
        };
        stop.run_until_cancelled(work).await;
    }

    /// Deletes what nothing depends on any more, once an hour.
    async fn clean(&mut self) {
        if self.cleaned.is_some_and(|at| at.elapsed() < CLEAN) {
            return;
        }
        self.cleaned = Some(Instant::now());
        if let Err(error) = self.people.sessions.clean(clock::now()).await {
            tracing::warn!(error = %chain(&error), "old sessions could not be deleted");
        }
    }

    async fn follow(&mut self) -> Result<(), ReadError> {
        let log = self.people.log.clone();
        let erased = Filter {
            aggregates: vec!["user".to_owned()],
            event_types: vec!["UserErased".to_owned()],
            ..Filter::default()
        };
        let head = log.head().await?;
        while self.seen < head {
            let page = log.read_page(&erased, self.seen, head, PAGE).await?;
            for event in page.events {
                self.erase((event.tenant, event.object_id), LOOK).await;
            }
            self.seen = page.reached;
        }
        Ok(())
    }

    async fn try_again(&mut self) {
        let now = Instant::now();
        let due = self.waiting.iter().filter(|(_, again)| again.at <= now);
        let due: Vec<_> = due.map(|(who, again)| (who.clone(), again.pause * 2)).collect();
        for (who, pause) in due {
            self.erase(who, pause.min(LONGEST)).await;
        }
    }

    async fn erase(&mut self, who: Who, pause: Duration) {
        let (tenant, login) = &who;
        match self.people.forget(tenant, login).await {
            Ok(()) => {
                self.waiting.remove(&who);
            }
            Err(error) => {
                tracing::warn!(tenant, login, error = %chain(&error), "not erased yet");
                self.waiting.insert(who, Again { at: Instant::now() + pause, pause });
            }
        }
    }
}
