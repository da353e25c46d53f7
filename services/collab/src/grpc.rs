//! From requests to uploads and commands: types and units; no rules. What the contract says of each
//! field was looked at before, at the gate.

mod reading;

use bytes::Bytes;
use kernel::command::{Commands, Rejected, Transaction, Work};
use kernel::failure::{self, read_failed};
use kernel::rpc::{Call, CommandApi, IntoCommand, Reply, caller};
use kernel::{Text, auth::Caller, command::Addressed};
use proto::collab::v1 as pb;
use proto::collab::v1::file_service_server::FileService;
use tonic::metadata::MetadataMap;
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::file::{
    File, FileCommand, FileRefusal, ObjectKind, ObjectRef, Purpose, StoredFile, Viewer,
};
use crate::refusal::UploadRefusal;
use crate::store::Files;
use crate::uploads::{Asked, Owner, Upload, Uploads};
use reading::Answers;

/// Ids of uploads are made of those of requests in it, so that a repeated request finds its upload.
const UPLOADS: Uuid = Uuid::from_u128(0x6d1a_52f0_7c1e_4b0e_9d3a_0f5b_8e21_c740);

/// The services of the context.
#[derive(Clone)]
pub(crate) struct Api {
    commands: CommandApi,
    files: Files,
    uploads: Uploads,
    catalogue: Catalogue,
}

impl Api {
    pub(crate) fn new(
        commands: Commands,
        (files, uploads): (Files, Uploads),
        catalogue: Catalogue,
    ) -> Self {
        Self { commands: CommandApi(commands), files, uploads, catalogue }
    }

    /// A file that the caller may see.
    async fn seen(&self, caller: &Caller, file_id: &str) -> Result<StoredFile, Status> {
        let file = self.loaded(caller, file_id).await?;
        let seen = file.seen_by(&viewer(caller)?).cloned();
        seen.map_err(|refusal| failure::refused(&refusal))
    }

    /// A file that the caller may see, also because it is a picture of a product that they see.
    async fn shown(
        &self,
        caller: &Caller,
        told: &MetadataMap,
        file_id: &str,
    ) -> Result<StoredFile, Status> {
        let file = self.loaded(caller, file_id).await?;
        let no = match file.seen_by(&viewer(caller)?) {
            Ok(seen) => return Ok(seen.clone()),
            Err(no) => no,
        };
        if let Some((seen, product_id)) = file.pictured()
            && self.catalogue.shows(told, product_id, seen.file_id).await?
        {
            return Ok(seen.clone());
        }
        Err(failure::refused(&no))
    }

    async fn loaded(&self, caller: &Caller, file_id: &str) -> Result<File, Status> {
        let id = uuid(file_id)?.to_string();
        let (file, _) = self
            .commands
            .0
            .log()
            .load::<File>(&caller.tenant, &id)
            .await
            .map_err(|error| read_failed(&error))?;
        Ok(file)
    }
}

#[tonic::async_trait]
impl FileService for Api {
    async fn start_upload(
        &self,
        request: Request<pb::StartUploadRequest>,
    ) -> Reply<pb::StartUploadResponse> {
        let caller = caller(&request)?.clone();
        let request = request.into_inner();
        let asked = asked(&request, &viewer(&caller)?).map_err(|no| failure::refused(&no))?;
        let whose = format!("{}/{}/{}", caller.tenant, caller.user_id, request.request_id);
        let id = Uuid::new_v5(&UPLOADS, whose.to_ascii_lowercase().as_bytes());
        let upload = self.uploads.start(owner(&caller), id, request.size, asked).await?;
        Ok(Response::new(pb::StartUploadResponse { upload: Some(told(&upload)) }))
    }

    async fn append_upload(
        &self,
        request: Request<pb::AppendUploadRequest>,
    ) -> Reply<pb::AppendUploadResponse> {
        let caller = caller(&request)?.clone();
        let pb::AppendUploadRequest { upload_id, offset, data } = request.into_inner();
        let piece = (offset, Bytes::from(data));
        let upload = self.uploads.append(owner(&caller), uuid(&upload_id)?, piece).await?;
        Ok(Response::new(pb::AppendUploadResponse { upload: Some(told(&upload)) }))
    }

    async fn get_upload(
        &self,
        request: Request<pb::GetUploadRequest>,
    ) -> Reply<pb::GetUploadResponse> {
        let id = uuid(&request.get_ref().upload_id)?;
        let upload = self.uploads.find(owner(caller(&request)?), id).await?;
        Ok(Response::new(pb::GetUploadResponse { upload: Some(told(&upload)) }))
    }

    async fn finish_upload(
        &self,
        request: Request<pb::FinishUploadRequest>,
    ) -> Reply<pb::FinishUploadResponse> {
        let (caller, id) = (caller(&request)?.clone(), uuid(&request.get_ref().upload_id)?);
        let done = self
            .commands
            .run_prepared(request, async |_: Storing| {
                let file = self.uploads.examine(owner(&caller), id).await?;
                Ok(Storing(Some(file)))
            })
            .await?;
        self.uploads.tidy(&caller.tenant, id).await;
        Ok(done)
    }

    async fn cancel_upload(
        &self,
        request: Request<pb::CancelUploadRequest>,
    ) -> Reply<pb::CancelUploadResponse> {
        let id = uuid(&request.get_ref().upload_id)?;
        self.uploads.cancel(owner(caller(&request)?), id).await?;
        Ok(Response::new(pb::CancelUploadResponse {}))
    }

    async fn remove_file(
        &self,
        request: Request<pb::RemoveFileRequest>,
    ) -> Reply<pb::RemoveFileResponse> {
        self.commands.run(request).await
    }

    type ReadFileStream = Answers<pb::ReadFileResponse>;

    async fn read_file(
        &self,
        request: Request<pb::ReadFileRequest>,
    ) -> Reply<Self::ReadFileStream> {
        let caller = caller(&request)?.clone();
        let (told, _, wanted) = request.into_parts();
        let file = self.shown(&caller, &told, &wanted.file_id).await?;
        let part = reading::shown(&file, wanted.rendition());
        let range = (wanted.offset, wanted.length);
        reading::answer(&self.files, &caller.tenant, (&file, part), range).await
    }

    type ReadOriginalStream = Answers<pb::ReadOriginalResponse>;

    async fn read_original(
        &self,
        request: Request<pb::ReadOriginalRequest>,
    ) -> Reply<Self::ReadOriginalStream> {
        let caller = caller(&request)?.clone();
        let wanted = request.into_inner();
        let file = self.seen(&caller, &wanted.file_id).await?;
        let range = (wanted.offset, wanted.length);
        reading::answer(&self.files, &caller.tenant, (&file, reading::original()), range).await
    }
}

/// A file that is to be stored, once it was looked into.
pub struct Storing(Option<StoredFile>);

impl Transaction for Storing {
    type Refusal = FileRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<FileRefusal>> {
        let Some(file) = &self.0 else { return Err(Rejected::Refused(FileRefusal::FileNotFound)) };
        let id = file.file_id.to_string();
        work.decide::<File>(&id, FileCommand::Store(file.clone())).await
    }
}

impl IntoCommand<File> for pb::FinishUploadRequest {
    type Command = Storing;

    fn into_command(self, _: &Call) -> Result<Storing, Status> {
        Ok(Storing(None))
    }
}

impl IntoCommand<File> for pb::RemoveFileRequest {
    type Command = Addressed<File>;

    fn into_command(self, call: &Call) -> Result<Addressed<File>, Status> {
        let object_id = uuid(&self.file_id)?.to_string();
        let command = FileCommand::Remove { by: viewer(&call.caller)?, reason: self.reason };
        Ok(Addressed { object_id, command })
    }
}

fn asked(request: &pb::StartUploadRequest, viewer: &Viewer) -> Result<Asked, UploadRefusal> {
    let purpose = match request.purpose() {
        pb::FilePurpose::Unspecified => return Err(UploadRefusal::NoPurpose),
        pb::FilePurpose::Attachment => Purpose::Attachment,
        pb::FilePurpose::Logo => Purpose::Logo,
        pb::FilePurpose::ProductPicture => Purpose::ProductPicture,
    };
    if purpose.is_the_brands() && *viewer != Viewer::Brand {
        return Err(UploadRefusal::PurposeNotYours);
    }
    let named = request.dealer_id.parse().ok();
    let dealer_id = match viewer {
        Viewer::Dealer(own) => Some(own.clone()),
        Viewer::Brand => named.filter(|_| !purpose.is_the_brands()),
    };
    Ok(Asked {
        name: request.name.clone(),
        sha256: request.sha256.clone(),
        purpose,
        object: object(request.object.as_ref())?,
        dealer_id,
    })
}

fn object(told: Option<&pb::ObjectRef>) -> Result<Option<ObjectRef>, UploadRefusal> {
    let Some(told) = told else { return Ok(None) };
    let kind = match told.kind() {
        pb::ObjectKind::Unspecified if told.id.is_empty() => return Ok(None),
        pb::ObjectKind::Unspecified => return Err(UploadRefusal::HalfAnObject),
        pb::ObjectKind::Order => ObjectKind::Order,
        pb::ObjectKind::Product => ObjectKind::Product,
        pb::ObjectKind::Dealer => ObjectKind::Dealer,
    };
    if told.id.is_empty() {
        return Err(UploadRefusal::HalfAnObject);
    }
    Ok(Some(ObjectRef { kind, id: told.id.clone() }))
}

fn told(upload: &Upload) -> pb::Upload {
    let expires_at = upload.expires_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let upload_id = upload.id.to_string();
    pb::Upload { upload_id, size: upload.size, offset: upload.received, expires_at }
}

fn owner(caller: &Caller) -> Owner<'_> {
    Owner { tenant: &caller.tenant, user: &caller.user_id }
}

fn viewer(caller: &Caller) -> Result<Viewer, Status> {
    let Some(dealer) = &caller.dealer_id else { return Ok(Viewer::Brand) };
    // A token that names no dealer by its rules is none of ours.
    let dealer = dealer.parse().map_err(|error| failure::internal(&error))?;
    Ok(Viewer::Dealer(dealer))
}

/// The gate has seen that it is one; it is the same however it is written.
fn uuid(text: &str) -> Result<Uuid, Status> {
    text.parse().map_err(|_| {
        let text = Text::new("必须是 UUID", "must be a UUID");
        failure::status(Code::InvalidArgument, "BAD_FIELDS", &text)
    })
}
