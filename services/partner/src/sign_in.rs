//! Signing in: a password, a refresh token or a one-time link for a token.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kernel::auth::{Caller, Keys, VALID};
use kernel::failure::{exhausted, internal, read_failed, session_ended, status, unavailable};
use kernel::{Text, clock};
use proto::access::v1::Role;
use proto::partner::v1 as pb;
use proto::partner::v1::{CurrentUser, SignInRequest, SignInResponse};
use tonic::{Code, Status};
use uuid::Uuid;
use values::{TenantId, UserId};

use crate::attempts::Guarded;
use crate::dealer::Dealer;
use crate::membership::{Company, Membership};
use crate::oidc::Providers;
use crate::password::MOST;
use crate::people::People;
use crate::sessions::{Origin, Refreshed, Session};
use crate::tenant::{Settings, Tenant};
use crate::user::{Person, User};

/// Lets people in.
#[derive(Clone)]
pub(crate) struct Reception {
    pub(crate) people: People,
    pub(crate) keys: Keys,
    pub(crate) providers: Providers,
}

/// Somebody as the log knows them, and by how many facts.
pub(crate) struct Known {
    pub(crate) tenant: String,
    pub(crate) login: String,
    pub(crate) person: Person,
    version: u64,
}

impl Known {
    fn who(&self) -> (&str, &str) {
        (&self.tenant, &self.login)
    }
}

/// What the token is of besides the person.
struct Entered {
    session: Session,
    refresh_token: String,
}

impl Reception {
    /// Checks the password and begins a session.
    pub(crate) async fn sign_in(
        &self,
        request: SignInRequest,
        origin: Origin,
    ) -> Result<SignInResponse, Status> {
        let now = clock::now();
        let SignInRequest { tenant_id, login, password, without_refresh } = request;
        let guards =
            self.guards((&tenant_id, &login), &origin).await.map_err(|e| unavailable(&e))?;
        for guarded in guards {
            self.attempt(guarded, now).await?;
        }
        let known = self.known(&tenant_id, &login).await?;
        // Nobody's password is checked as well, so that time tells nothing either.
        let credential_id = known.as_ref().map(|known| known.person.credential_id);
        if password.chars().count() > MOST {
            return Err(wrong_password());
        }
        let credential_id = credential_id.unwrap_or_default();
        let right = self.people.credentials.check(&tenant_id, credential_id, password).await;
        match known {
            Some(known) if right.map_err(|error| unavailable(&error))? => {
                let [of_login, of_address] = guards;
                let attempts = &self.people.attempts;
                attempts.clear(of_login).await.map_err(|error| unavailable(&error))?;
                let taken = attempts.take_back(of_address).await;
                taken.map_err(|error| unavailable(&error))?;
                self.begin(known, (origin, without_refresh.then_some(VALID))).await
            }
            Some(_) | None => Err(wrong_password()),
        }
    }

    /// What a sign-in is counted for.
    async fn guards(
        &self,
        (tenant, login): (&str, &str),
        origin: &Origin,
    ) -> sqlx::Result<[Guarded; 2]> {
        let address = origin.address.as_str();
        let known = self.people.sessions.knows((tenant, login), address).await?;
        let of_login = Guarded::login(tenant, login, known.then_some(address));
        // Where nobody can tell addresses apart, a login stands for one.
        let place = if address.is_empty() { login } else { address };
        Ok([of_login, Guarded::address(tenant, place)])
    }

    /// Counts an attempt at a password, if it may be made now.
    pub(crate) async fn attempt(&self, of: Guarded, now: DateTime<Utc>) -> Result<(), Status> {
        let wait =
            self.people.attempts.begin(of, now).await.map_err(|error| unavailable(&error))?;
        let Some(wait) = wait else { return Ok(()) };
        let seconds = wait.as_secs() + 1;
        let text = Text::new(
            format!("尝试次数过多，请在 {seconds} 秒后重试"),
            format!("too many attempts; try again in {seconds} seconds"),
        );
        Err(exhausted("TOO_MANY_ATTEMPTS", &text, wait))
    }

    /// The person that a login names. Texts that can not be ids are nobody's, as unknown ones are.
    pub(crate) async fn known(&self, tenant: &str, login: &str) -> Result<Option<Known>, Status> {
        let (Ok(_), Ok(_)) = (tenant.parse::<TenantId>(), login.parse::<UserId>()) else {
            return Ok(None);
        };
        let loaded = self.people.log.load::<User>(tenant, login).await;
        Ok(match loaded.map_err(|error| read_failed(&error))? {
            (User::Registered(person), version) => {
                let (tenant, login) = (tenant.to_owned(), login.to_owned());
                Some(Known { tenant, login, person, version })
            }
            (User::Unknown | User::Erased { .. }, _) => None,
        })
    }

    /// Begins a session of somebody who has shown who they are, where they acted last.
    pub(crate) async fn enter(
        &self,
        known: Known,
        origin: Origin,
    ) -> Result<SignInResponse, Status> {
        self.begin(known, (origin, None)).await
    }

    async fn begin(
        &self,
        known: Known,
        how: (Origin, Option<TimeDelta>),
    ) -> Result<SignInResponse, Status> {
        let sessions = &self.people.sessions;
        let last = sessions.last_company(known.who()).await.map_err(|error| unavailable(&error))?;
        let company = acting_in(&known.person, last.as_deref())?.company.to_string();
        let credential_id = known.person.credential_id;
        let begun = sessions.begin(known.who(), credential_id, &company, how, clock::now()).await;
        let (session, refresh_token) = begun.map_err(|error| unavailable(&error))?;
        self.token(known, Entered { session, refresh_token }).await
    }

    /// The next token of a session.
    pub(crate) async fn refresh(
        &self,
        refresh_token: &str,
        request_id: Uuid,
    ) -> Result<Result<SignInResponse, Session>, Status> {
        let (sessions, now) = (&self.people.sessions, clock::now());
        let session =
            sessions.of_token(refresh_token).await.map_err(|error| unavailable(&error))?;
        let Some(mut session) = session else { return Err(session_ended()) };
        let known = self.known(&session.tenant, &session.user).await?;
        let known = known.ok_or_else(session_ended)?;
        // The log says more than the table: what was to be ended may not have been yet.
        let person = &known.person;
        if person.credential_id != session.credential_id || person.reset_id.is_some() {
            return Err(session_ended());
        }
        let company = acting_in(person, Some(&session.company))?.company.to_string();
        let next = sessions.refresh(refresh_token, request_id, now).await;
        match next.map_err(|error| unavailable(&error))? {
            Refreshed::Over => Err(session_ended()),
            Refreshed::Reused => Ok(Err(session)),
            Refreshed::Next(refresh_token) => {
                (session.company, session.used_at) = (company, now);
                self.token(known, Entered { session, refresh_token }).await.map(Ok)
            }
        }
    }

    /// The session that a caller's token is of, with whom it is of.
    pub(crate) async fn session(&self, caller: &Caller) -> Result<(Known, Session), Status> {
        let id = session_id(caller)?;
        let who = (caller.tenant.as_str(), caller.user_id.as_str());
        let session = self.people.sessions.find(who, id).await;
        let session = session.map_err(|error| unavailable(&error))?;
        let open = session.filter(|session| session.is_open(clock::now()));
        let known = self.known(&caller.tenant, &caller.user_id).await?;
        known.zip(open).ok_or_else(session_ended)
    }

    /// Acts in another company.
    pub(crate) async fn switch(
        &self,
        caller: &Caller,
        membership_id: &str,
    ) -> Result<SignInResponse, Status> {
        let (known, mut session) = self.session(caller).await?;
        let company = membership_id.parse::<Company>().ok();
        let company = company.filter(|company| known.person.in_company(company).is_some());
        let Some(company) = company else {
            let text = Text::new(
                "您不是该公司的成员，请从当前用户的成员身份中选择",
                "you are no member of that company; choose one of your memberships",
            );
            return Err(status(Code::NotFound, "NO_MEMBERSHIP", &text));
        };
        session.company = company.to_string();
        let switched = self.people.sessions.switch(&session, &session.company, clock::now()).await;
        switched.map_err(|error| unavailable(&error))?;
        self.token(known, Entered { session, refresh_token: String::new() }).await
    }

    /// The token of a session whose refresh token stays good.
    pub(crate) async fn next_token(&self, caller: &Caller) -> Result<SignInResponse, Status> {
        let (known, session) = self.session(caller).await?;
        self.token(known, Entered { session, refresh_token: String::new() }).await
    }

    async fn token(&self, known: Known, entered: Entered) -> Result<SignInResponse, Status> {
        let now = clock::now();
        let Entered { session, refresh_token } = entered;
        let (version, password_to_be_changed) =
            (known.version, known.person.password_to_be_changed);
        let user = self.profile(known, Some(&session.company)).await?;
        let user = user.ok_or_else(wrong_password)?;
        let caller = Caller {
            user_id: user.user_id.clone(),
            name: user.name.clone(),
            tenant: user.tenant_id.clone(),
            roles: user.roles().map(|role| role.as_str_name().to_owned()).collect(),
            dealer_id: (!user.dealer_id.is_empty()).then(|| user.dealer_id.clone()),
            time_zone: user.time_zone.clone(),
            session: Some(session.id.to_string()),
            memberships: user.memberships.iter().map(|it| it.membership_id.clone()).collect(),
            regions: user.region_ids.clone(),
            modules: user.modules().map(|module| module.as_str_name().to_owned()).collect(),
            version,
            password_to_be_changed,
        };
        let token = self.keys.issue(&caller, now, VALID).map_err(|error| internal(&error))?;
        Ok(SignInResponse {
            token,
            expires_at: (now + VALID).to_rfc3339(),
            user: Some(user),
            refresh_token,
            session_ends_at: rfc3339(session.ends_at),
            session_id: session.id.to_string(),
        })
    }

    /// Who calls, as of now. The operator and this system's own programs are no users of a tenant;
    /// their token says all there is to know.
    pub(crate) async fn current_user(&self, caller: &Caller) -> Result<CurrentUser, Status> {
        let loaded = self.people.log.load::<User>(&caller.tenant, &caller.user_id).await;
        match loaded.map_err(|error| read_failed(&error))? {
            (User::Registered(person), version) => {
                let (tenant, login) = (caller.tenant.clone(), caller.user_id.clone());
                let dealer_id = caller.dealer_id.as_ref().and_then(|id| id.parse().ok());
                let company = Company::of(dealer_id).to_string();
                let known = Known { tenant, login, person, version };
                let user = self.profile(known, Some(&company)).await?;
                user.ok_or_else(nobody_any_more)
            }
            (User::Erased { .. }, _) => Err(nobody_any_more()),
            (User::Unknown, _) => {
                let roles = caller.roles.iter().filter_map(|role| Role::from_str_name(role));
                Ok(CurrentUser {
                    user_id: caller.user_id.clone(),
                    name: caller.name.clone(),
                    roles: roles.map(Into::into).collect(),
                    dealer_id: caller.dealer_id.clone().unwrap_or_default(),
                    tenant_id: caller.tenant.clone(),
                    time_zone: caller.time_zone.clone(),
                    ..CurrentUser::default()
                })
            }
        }
    }

    /// A person and the brand they work in, as of now; nobody when their data was erased, and in no
    /// brand that is not there.
    async fn profile(
        &self,
        known: Known,
        company: Option<&str>,
    ) -> Result<Option<CurrentUser>, Status> {
        let Known { tenant, login, person, .. } = known;
        let Some(settings) = self.brand(&tenant).await? else { return Ok(None) };
        let Some(name) = self.people.name(&tenant, &person.name).await? else { return Ok(None) };
        let mut memberships = Vec::with_capacity(person.memberships.len());
        for membership in &person.memberships {
            memberships.push(self.shown(&tenant, &settings, membership).await?);
        }
        let acting = acting_in(&person, company)?.company.to_string();
        let acting = memberships.iter().find(|it| it.membership_id == acting).cloned();
        let acting = acting.unwrap_or_default();
        Ok(Some(CurrentUser {
            user_id: login,
            name,
            roles: acting.roles,
            dealer_id: acting.dealer_id,
            tenant_id: tenant,
            tenant_name: settings.name,
            currency_code: settings.currency.to_string(),
            time_zone: settings.time_zone,
            membership_id: acting.membership_id,
            region_ids: acting.region_ids,
            memberships,
            modules: settings.modules.iter().map(|module| module.contract().into()).collect(),
            password_to_be_changed: person.password_to_be_changed,
        }))
    }

    /// How a brand works. Users are registered in founded tenants only.
    pub(crate) async fn brand(&self, tenant: &str) -> Result<Option<Settings>, Status> {
        Ok(self.brand_as_of(tenant).await?.map(|(settings, _)| settings))
    }

    /// The same, and how many facts of the tenant that is after.
    pub(crate) async fn brand_as_of(
        &self,
        tenant: &str,
    ) -> Result<Option<(Settings, u64)>, Status> {
        let loaded = self.people.log.load::<Tenant>(tenant, tenant).await;
        Ok(match loaded.map_err(|error| read_failed(&error))? {
            (Tenant::Founded(settings), version) => Some((settings, version)),
            (Tenant::Unknown, _) => None,
        })
    }

    /// What people call a company.
    pub(crate) async fn company_name(
        &self,
        tenant: &str,
        brand: &Settings,
        company: &Company,
    ) -> Result<String, Status> {
        let Some(dealer_id) = company.dealer() else { return Ok(brand.name.clone()) };
        let loaded = self.people.log.load::<Dealer>(tenant, dealer_id.as_str()).await;
        Ok(match loaded.map_err(|error| read_failed(&error))?.0 {
            Dealer::Registered(profile) => profile.name,
            Dealer::Unknown => String::new(),
        })
    }

    async fn shown(
        &self,
        tenant: &str,
        brand: &Settings,
        membership: &Membership,
    ) -> Result<pb::Membership, Status> {
        let Membership { company, roles, regions } = membership;
        Ok(pb::Membership {
            membership_id: company.to_string(),
            dealer_id: company.dealer().map(ToString::to_string).unwrap_or_default(),
            company_name: self.company_name(tenant, brand, company).await?,
            roles: roles.iter().map(|role| role.contract().into()).collect(),
            region_ids: regions.iter().map(ToString::to_string).collect(),
        })
    }
}

/// The session that a token is of.
pub(crate) fn session_id(caller: &Caller) -> Result<Uuid, Status> {
    let id = caller.session.as_deref().and_then(|id| Uuid::parse_str(id).ok());
    id.ok_or_else(|| {
        let text = Text::new(
            "此令牌不属于任何会话，请先登录",
            "the token is of no session; sign in with a password first",
        );
        status(Code::FailedPrecondition, "NO_SESSION", &text)
    })
}

/// Where a person acts: where they want to, if they still work there.
fn acting_in<'a>(person: &'a Person, wanted: Option<&str>) -> Result<&'a Membership, Status> {
    if person.suspended {
        let text =
            Text::new("您的账号已停用，请联系管理员", "you are suspended; ask an administrator");
        return Err(status(Code::PermissionDenied, "USER_SUSPENDED", &text));
    }
    let wanted = wanted.and_then(|company| company.parse().ok());
    let wanted = wanted.and_then(|company| person.in_company(&company));
    wanted.or(person.memberships.first()).ok_or_else(|| {
        let text = Text::new(
            "您已不属于任何公司，请联系管理员",
            "you are a member of no company any more; ask an administrator",
        );
        status(Code::PermissionDenied, "NO_COMPANY_LEFT", &text)
    })
}

/// The same answer whatever was wrong: nobody learns which logins exist.
pub(crate) fn wrong_password() -> Status {
    let text = Text::new(
        "租户、用户名或密码不正确",
        "the tenant, the user name or the password is not right",
    );
    status(Code::Unauthenticated, "WRONG_PASSWORD", &text)
}

/// What the token of an erased person is worth.
fn nobody_any_more() -> Status {
    let text = Text::new("该用户已删除", "the user was erased");
    status(Code::Unauthenticated, "NOT_SIGNED_IN", &text)
}

pub(crate) fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
