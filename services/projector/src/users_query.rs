//! Lists of users and invitations. Names are revealed while an answer is made and kept nowhere, so
//! an erased person is gone from the next answer on.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::auth::Caller;
use kernel::failure::{personal_failed, read_failed, status};
use kernel::log::Log;
use kernel::personal::Vault;
use kernel::projection::Progress;
use kernel::rpc::{self, Reply};
use kernel::wall::TenantPool;
use kernel::{Text, clock};
use partner::user::{Person, User};
use proto::access::v1::Role;
use proto::partner::v1 as pb;
use proto::partner::v1::user_query_service_server::UserQueryService;
use sqlx::Row;
use sqlx::postgres::PgRow;
use tonic::{Code, Request, Response, Status};

use crate::read::{Page, failed, pattern, rfc3339, wait};

/// Answers from the read model of users, and from the log for their names.
#[derive(Clone)]
pub(crate) struct UserQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
    pub(crate) log: Log,
    pub(crate) vault: Vault,
}

/// Whose users a caller sees.
struct Sight {
    tenant: String,
    /// The one company that they look after; none for an administrator of the brand.
    dealer: Option<String>,
}

impl Sight {
    fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        let caller: &Caller = rpc::caller(request)?;
        let whole = caller.has(Role::HqAdmin) || caller.has(Role::TenantAdmin);
        let dealer = if whole { None } else { Some(caller.dealer_id.clone().unwrap_or_default()) };
        Ok(Self { tenant: caller.tenant.clone(), dealer })
    }
}

#[tonic::async_trait]
impl UserQueryService for UserQueryApi {
    async fn list_users(
        &self,
        request: Request<pb::ListUsersRequest>,
    ) -> Reply<pb::ListUsersResponse> {
        let sight = Sight::of(&request)?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let (logins, total) = self.logins(&sight, &wanted, page).await.map_err(failed)?;
        let users = self.users(&sight, logins).await?;
        Ok(Response::new(pb::ListUsersResponse {
            users,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn get_user(&self, request: Request<pb::GetUserRequest>) -> Reply<pb::GetUserResponse> {
        let sight = Sight::of(&request)?;
        let wanted = request.into_inner();
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let found = sqlx::query(
            "SELECT login, registered_at FROM users u WHERE tenant_id = $1 AND login = $2 AND NOT erased
             AND ($3::text IS NULL OR EXISTS (SELECT FROM memberships m WHERE m.tenant_id = $1
                  AND m.login = u.login AND m.dealer_id = $3))",
        )
        .bind(&sight.tenant)
        .bind(&wanted.login)
        .bind(&sight.dealer)
        .fetch_all(&mut *self.pool.begin(&sight.tenant).await.map_err(failed)?)
        .await
        .map_err(failed)?;
        let found = found.iter().map(registered).collect::<sqlx::Result<_>>().map_err(failed)?;
        let user = self.users(&sight, found).await?.pop();
        let user = user.ok_or_else(|| {
            let text =
                Text::new("没有这个用户名的用户，请检查", "there is no such user; check the login");
            status(Code::NotFound, "UNKNOWN_USER", &text)
        })?;
        Ok(Response::new(pb::GetUserResponse { user: Some(user), freshness: Some(freshness) }))
    }

    async fn list_invitations(
        &self,
        request: Request<pb::ListInvitationsRequest>,
    ) -> Reply<pb::ListInvitationsResponse> {
        let sight = Sight::of(&request)?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let now = clock::now();
        let rows = sqlx::query(
            "SELECT *, count(*) OVER () AS total FROM invitations
             WHERE tenant_id = $1 AND ($2::text IS NULL OR dealer_id = $2)
             AND (NOT $3 OR (accepted_by IS NULL AND NOT revoked AND expires_at > $4))
             ORDER BY sent_at DESC, invitation_id LIMIT $5 OFFSET $6",
        )
        .bind(&sight.tenant)
        .bind(&sight.dealer)
        .bind(wanted.open_only)
        .bind(now)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(&mut *self.pool.begin(&sight.tenant).await.map_err(failed)?)
        .await
        .map_err(failed)?;
        let total = total(&rows).map_err(failed)?;
        let invitations = rows.iter().map(|row| invitation(row, now));
        Ok(Response::new(pb::ListInvitationsResponse {
            invitations: invitations.collect::<sqlx::Result<_>>().map_err(failed)?,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }
}

/// A login, and since when it is one.
type Registered = (String, DateTime<Utc>);

impl UserQueryApi {
    async fn logins(
        &self,
        sight: &Sight,
        wanted: &pb::ListUsersRequest,
        page: Page,
    ) -> sqlx::Result<(Vec<Registered>, i64)> {
        let role = Role::try_from(wanted.role).unwrap_or_default();
        let role = (role != Role::Unspecified).then(|| role.as_str_name());
        let rows = sqlx::query(
            "SELECT login, registered_at, count(*) OVER () AS total FROM users u
             WHERE tenant_id = $1 AND NOT erased AND ($2::text IS NULL OR login ILIKE $2)
             AND (($3::text IS NULL AND $4 = '' AND $5::text IS NULL) OR EXISTS (
                  SELECT FROM memberships m WHERE m.tenant_id = $1 AND m.login = u.login
                  AND ($3::text IS NULL OR m.dealer_id = $3) AND ($4 = '' OR m.dealer_id = $4)
                  AND ($5::text IS NULL OR $5 = ANY(m.roles))))
             ORDER BY login LIMIT $6 OFFSET $7",
        )
        .bind(&sight.tenant)
        .bind(pattern(&wanted.search))
        .bind(&sight.dealer)
        .bind(&wanted.dealer_id)
        .bind(role)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(&mut *self.pool.begin(&sight.tenant).await?)
        .await?;
        Ok((rows.iter().map(registered).collect::<sqlx::Result<_>>()?, total(&rows)?))
    }

    /// The users as they are now, with what the caller may see of them.
    async fn users(
        &self,
        sight: &Sight,
        logins: Vec<Registered>,
    ) -> Result<Vec<pb::UserEntry>, Status> {
        let (mut users, mut sealed) = (Vec::with_capacity(logins.len()), Vec::new());
        for (login, registered_at) in logins {
            let loaded = self.log.load::<User>(&sight.tenant, &login).await;
            // Somebody may have been erased since the list was made.
            let (User::Registered(Person { name, memberships, suspended, .. }), version) =
                loaded.map_err(|error| read_failed(&error))?
            else {
                continue;
            };
            let visible = memberships.iter().filter(|it| {
                let dealer = it.company.dealer().map(ToString::to_string);
                sight.dealer.is_none() || sight.dealer == dealer
            });
            let memberships = visible.map(membership).collect();
            let registered_at = rfc3339(registered_at);
            let user = pb::UserEntry {
                login,
                suspended,
                memberships,
                registered_at,
                version,
                ..Default::default()
            };
            users.push(user);
            sealed.push(name);
        }
        let shown = self.vault.reveal_all(&sight.tenant, &sealed).await;
        for (user, name) in users.iter_mut().zip(shown.map_err(|error| personal_failed(&error))?) {
            user.name = name.into_value().unwrap_or_default();
        }
        self.name_companies(&sight.tenant, &mut users).await.map_err(failed)?;
        Ok(users)
    }

    /// What people call the dealers; the brand's own name is on every page.
    async fn name_companies(&self, tenant: &str, users: &mut [pb::UserEntry]) -> sqlx::Result<()> {
        let memberships = || users.iter().flat_map(|user| &user.memberships);
        let ids: Vec<_> = memberships().map(|it| it.dealer_id.clone()).collect();
        let names: Vec<(String, String)> = sqlx::query_as(
            "SELECT dealer_id, name FROM dealers WHERE tenant_id = $1 AND dealer_id = ANY($2)",
        )
        .bind(tenant)
        .bind(ids)
        .fetch_all(&mut *self.pool.begin(tenant).await?)
        .await?;
        let names: HashMap<_, _> = names.into_iter().collect();
        for membership in users.iter_mut().flat_map(|user| &mut user.memberships) {
            membership.company_name = names.get(&membership.dealer_id).cloned().unwrap_or_default();
        }
        Ok(())
    }
}

fn total(rows: &[PgRow]) -> sqlx::Result<i64> {
    rows.first().map_or(Ok(0), |row| row.try_get("total"))
}

fn registered(row: &PgRow) -> sqlx::Result<Registered> {
    Ok((row.try_get("login")?, row.try_get("registered_at")?))
}

fn membership(membership: &partner::membership::Membership) -> pb::Membership {
    pb::Membership {
        membership_id: membership.company.to_string(),
        dealer_id: membership.company.dealer().map(ToString::to_string).unwrap_or_default(),
        company_name: String::new(),
        roles: membership.roles.iter().map(|role| role.contract().into()).collect(),
        region_ids: membership.regions.iter().map(ToString::to_string).collect(),
    }
}

fn invitation(row: &PgRow, now: DateTime<Utc>) -> sqlx::Result<pb::InvitationEntry> {
    let accepted_by: Option<String> = row.try_get("accepted_by")?;
    let expires_at: DateTime<Utc> = row.try_get("expires_at")?;
    let stage = match (row.try_get("revoked")?, &accepted_by) {
        (true, _) => pb::InvitationStage::Revoked,
        (false, Some(_)) => pb::InvitationStage::Accepted,
        (false, None) if expires_at <= now => pb::InvitationStage::Expired,
        (false, None) => pb::InvitationStage::Open,
    };
    let roles: Vec<String> = row.try_get("roles")?;
    let roles = roles.iter().filter_map(|role| Role::from_str_name(role));
    Ok(pb::InvitationEntry {
        invitation_id: row.try_get("invitation_id")?,
        stage: stage.into(),
        dealer_id: row.try_get::<Option<String>, _>("dealer_id")?.unwrap_or_default(),
        roles: roles.map(Into::into).collect(),
        region_ids: row.try_get("regions")?,
        sent_by: row.try_get("sent_by")?,
        sent_at: rfc3339(row.try_get("sent_at")?),
        expires_at: rfc3339(expires_at),
        accepted_by: accepted_by.unwrap_or_default(),
    })
}
