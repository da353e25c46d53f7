//! Lists of files.

use collab::file::{FileRefusal, MediaType, ObjectKind, Picture, Purpose};
use kernel::failure::refused;
use kernel::projection::Progress;
use kernel::rpc::Reply;
use kernel::wall::TenantPool;
use proto::collab::v1 as pb;
use proto::collab::v1::file_query_service_server::FileQueryService;
use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use serde::de::value::Error as NameError;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::types::{Json, Uuid};
use tonic::{Request, Response};

use crate::read::{Page, Scope, failed, rfc3339, wait};

/// Answers from the read model of files.
#[derive(Clone)]
pub(crate) struct FileQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
}

#[tonic::async_trait]
impl FileQueryService for FileQueryApi {
    async fn list_files(
        &self,
        request: Request<pb::ListFilesRequest>,
    ) -> Reply<pb::ListFilesResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let (files, total) = self.list(&scope, &wanted, page).await.map_err(failed)?;
        let page = Some(page.info(total));
        Ok(Response::new(pb::ListFilesResponse { files, page, freshness: Some(freshness) }))
    }

    async fn get_file(&self, request: Request<pb::GetFileRequest>) -> Reply<pb::GetFileResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let file = self.find(&scope, &wanted.file_id).await.map_err(failed)?;
        let file = file.ok_or_else(|| refused(&FileRefusal::FileNotFound))?;
        Ok(Response::new(pb::GetFileResponse { file: Some(file), freshness: Some(freshness) }))
    }
}

impl FileQueryApi {
    async fn list(
        &self,
        scope: &Scope,
        wanted: &pb::ListFilesRequest,
        page: Page,
    ) -> sqlx::Result<(Vec<pb::File>, i64)> {
        let object = wanted.object.clone().unwrap_or_default();
        let rows = sqlx::query(
            "SELECT *, count(*) OVER () AS total FROM files
             WHERE tenant_id = $1
             AND ($2::text IS NULL OR for_all OR dealer_id = $2)
             AND ($3 = '' OR object_kind = $3) AND ($4 = '' OR object_id = $4)
             AND ($5 = '' OR dealer_id = $5)
             ORDER BY stored_at DESC, file_id LIMIT $6 OFFSET $7",
        )
        .bind(&scope.tenant)
        .bind(&scope.dealer)
        .bind(kind_name(object.kind()))
        .bind(&object.id)
        .bind(&wanted.dealer_id)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(&mut *self.pool.begin(&scope.tenant).await?)
        .await?;
        let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
        let files = rows.iter().map(|row| file(row, scope)).collect::<sqlx::Result<_>>()?;
        Ok((files, total))
    }

    async fn find(&self, scope: &Scope, file_id: &str) -> sqlx::Result<Option<pb::File>> {
        let row = sqlx::query(
            "SELECT * FROM files WHERE tenant_id = $1 AND file_id = $3::uuid
             AND ($2::text IS NULL OR for_all OR dealer_id = $2)",
        )
        .bind(&scope.tenant)
        .bind(&scope.dealer)
        .bind(file_id)
        .fetch_optional(&mut *self.pool.begin(&scope.tenant).await?)
        .await?;
        row.map(|row| file(&row, scope)).transpose()
    }
}

fn kind_name(kind: pb::ObjectKind) -> &'static str {
    match kind {
        pb::ObjectKind::Unspecified => "",
        pb::ObjectKind::Order => ObjectKind::Order.as_str(),
        pb::ObjectKind::Product => ObjectKind::Product.as_str(),
        pb::ObjectKind::Dealer => ObjectKind::Dealer.as_str(),
    }
}

fn kind_of(name: &str) -> pb::ObjectKind {
    let kinds = [pb::ObjectKind::Order, pb::ObjectKind::Product, pb::ObjectKind::Dealer];
    let found = kinds.into_iter().find(|kind| kind_name(*kind) == name);
    found.unwrap_or(pb::ObjectKind::Unspecified)
}

/// A value of the context by the name that it has in events.
fn named<T: for<'de> Deserialize<'de>>(name: &str) -> sqlx::Result<T> {
    let named: Result<T, NameError> = T::deserialize(name.into_deserializer());
    named.map_err(|error| sqlx::Error::Decode(error.into()))
}

fn purpose(purpose: Purpose) -> pb::FilePurpose {
    match purpose {
        Purpose::Attachment => pb::FilePurpose::Attachment,
        Purpose::Logo => pb::FilePurpose::Logo,
        Purpose::ProductPicture => pb::FilePurpose::ProductPicture,
    }
}

fn file(row: &PgRow, scope: &Scope) -> sqlx::Result<pb::File> {
    let kind: &str = row.try_get("object_kind")?;
    let object = pb::ObjectRef { kind: kind_of(kind).into(), id: row.try_get("object_id")? };
    let picture: Option<Json<Picture>> = row.try_get("picture")?;
    let media_type: MediaType = named(row.try_get("media_type")?)?;
    let dealer_id: Option<String> = row.try_get("dealer_id")?;
    Ok(pb::File {
        file_id: row.try_get::<Uuid, _>("file_id")?.to_string(),
        name: row.try_get("name")?,
        size: row.try_get::<i64, _>("size")?.cast_unsigned(),
        media_type: media_type.as_str().to_owned(),
        sha256: row.try_get("sha256")?,
        purpose: purpose(named(row.try_get("purpose")?)?).into(),
        object: Some(object).filter(|object| !object.id.is_empty()),
        dealer_id: dealer_id.unwrap_or_default(),
        picture: picture.map(|Json(told)| facts(told, scope)),
        stored_at: rfc3339(row.try_get("stored_at")?),
        stored_by: row.try_get("stored_by")?,
    })
}

/// Where a person was when they took a picture is nobody's business but the brand's, which has to
/// be able to look into it.
fn facts(picture: Picture, scope: &Scope) -> pb::PictureFacts {
    let Picture { width, height, perceptual_hash, .. } = picture;
    let shown = pb::PictureFacts { width, height, perceptual_hash, ..Default::default() };
    if scope.dealer.is_some() {
        return shown;
    }
    pb::PictureFacts {
        taken_at: picture.taken_at.unwrap_or_default(),
        latitude_microdegrees: picture.place.map(|place| place.latitude_microdegrees),
        longitude_microdegrees: picture.place.map(|place| place.longitude_microdegrees),
        device: picture.device.unwrap_or_default(),
        ..shown
    }
}
