//! The rpcs of a running server, as it tells of them itself, and how one is called with bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use futures::stream;
use kernel::access::{Access, rules};
use prost::Message as _;
use prost::bytes::{Buf as _, BufMut as _};
use prost_reflect::{DescriptorPool, MessageDescriptor, MethodDescriptor};
use prost_types::{FileDescriptorProto, FileDescriptorSet};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

/// Bytes of one answer.
const MOST: usize = 64 << 20;
/// How long a call may take; a debug build on a busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a stream may be silent before it is left.
const SILENCE: Duration = Duration::from_secs(2);

/// One rpc.
#[derive(Clone)]
pub struct Rpc {
    /// `/<package>.<Service>/<Method>`
    pub path: String,
    /// As our contracts have it, with its options.
    pub method: MethodDescriptor,
    /// Who may call it.
    pub access: Access,
}

impl Rpc {
    /// `<Service>/<Method>`, without the package.
    pub fn name(&self) -> &str {
        let service = self.path.split('/').nth(1).unwrap_or_default();
        &self.path[service.rfind('.').map_or(1, |dot| dot + 2)..]
    }

    /// The name of its method.
    pub fn method_name(&self) -> &str {
        self.method.name()
    }

    /// Whether it changes something: a command has an idempotency key.
    pub fn is_command(&self) -> bool {
        self.method.input().get_field_by_name("request_id").is_some()
    }
}

/// All rpcs that the server on this port has.
///
/// # Panics
/// When it does not tell of the same ones, with the same messages, as our contracts.
pub async fn walk(channel: Channel) -> Vec<Rpc> {
    let told = reflected(channel).await;
    let compiled = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let (told_shape, our_shape) = (shape(&told), shape(&compiled));
    assert_eq!(told_shape, our_shape, "reflection and contracts tell of the same rpcs");
    ours()
}

/// All rpcs that our contracts have.
pub fn ours() -> Vec<Rpc> {
    let ours = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let mut rules = rules().unwrap();
    let mut rpcs = Vec::new();
    for service in ours.services().filter(is_ours) {
        for method in service.methods() {
            let path = format!("/{}/{}", service.full_name(), method.name());
            let access = rules.remove(&path).unwrap_or_else(|| panic!("{path} has no rule"));
            rpcs.push(Rpc { path, method, access });
        }
    }
    assert!(rules.is_empty(), "rules of no rpc: {rules:?}");
    rpcs
}

fn is_ours(service: &prost_reflect::ServiceDescriptor) -> bool {
    service.full_name().starts_with("qudao.")
}

/// Rpcs and messages of contracts, so that two of them can be compared.
fn shape(pool: &DescriptorPool) -> BTreeMap<String, String> {
    let mut shape = BTreeMap::new();
    for method in pool.services().filter(is_ours).flat_map(|one| one.methods().collect::<Vec<_>>())
    {
        let (input, output) = (method.input(), method.output());
        let streams = (method.is_client_streaming(), method.is_server_streaming());
        let told = format!("{} → {} {streams:?}", input.full_name(), output.full_name());
        shape.insert(method.full_name().to_owned(), told);
        add_shape(&input, &mut shape);
        add_shape(&output, &mut shape);
    }
    shape
}

fn add_shape(message: &MessageDescriptor, shape: &mut BTreeMap<String, String>) {
    if shape.contains_key(message.full_name()) {
        return;
    }
    let field = |field: prost_reflect::FieldDescriptor| {
        format!("{} {} {:?} {:?}", field.number(), field.name(), field.kind(), field.cardinality())
    };
    let fields: Vec<_> = message.fields().map(field).collect();
    shape.insert(message.full_name().to_owned(), fields.join("; "));
    for part in message.fields().filter_map(|field| field.kind().as_message().cloned()) {
        add_shape(&part, shape);
    }
}

/// What a server tells of itself, with nothing known before.
async fn reflected(channel: Channel) -> DescriptorPool {
    let mut client = ServerReflectionClient::new(channel);
    let listed = ask(&mut client, MessageRequest::ListServices(String::new())).await;
    let MessageResponse::ListServicesResponse(listed) = listed else {
        panic!("no list of services: {listed:?}");
    };
    let names = listed.service.into_iter().map(|service| service.name);
    let mut wanted: Vec<MessageRequest> = names
        .filter(|name| name.starts_with("qudao."))
        .map(MessageRequest::FileContainingSymbol)
        .collect();
    let (mut files, mut known) = (Vec::new(), BTreeSet::new());
    while let Some(next) = wanted.pop() {
        let MessageResponse::FileDescriptorResponse(told) = ask(&mut client, next).await else {
            panic!("no file where one was asked for");
        };
        for file in told.file_descriptor_proto {
            let file = FileDescriptorProto::decode(&*file).unwrap();
            if known.insert(file.name().to_owned()) {
                let more = file.dependency.iter().filter(|name| !known.contains(*name));
                wanted.extend(more.cloned().map(MessageRequest::FileByFilename));
                files.push(file);
            }
        }
    }
    DescriptorPool::from_file_descriptor_set(FileDescriptorSet { file: files }).unwrap()
}

async fn ask(
    client: &mut ServerReflectionClient<Channel>,
    what: MessageRequest,
) -> MessageResponse {
    let request =
        ServerReflectionRequest { host: String::new(), message_request: Some(what.clone()) };
    let asked = client.server_reflection_info(stream::iter([request])).await;
    let answer = asked.unwrap().into_inner().message().await.unwrap();
    match answer.and_then(|answer| answer.message_response) {
        Some(MessageResponse::ErrorResponse(error)) => panic!("{what:?}: {error:?}"),
        Some(answer) => answer,
        None => panic!("{what:?}: no answer"),
    }
}

/// What came of a call.
#[derive(Debug)]
pub struct Answer {
    /// How it ended; OK when it went on for too long to wait for its end.
    pub status: Status,
    /// The messages that came, as bytes.
    pub messages: Vec<Vec<u8>>,
}

impl Answer {
    /// The code that it ended with.
    pub fn code(&self) -> Code {
        self.status.code()
    }

    /// The machine's word for a refusal.
    pub fn reason(&self) -> String {
        crate::support::shop::reason(&self.status)
    }

    /// All bytes of it, also those of its status.
    pub fn bytes(&self) -> Vec<u8> {
        let mut all = self.messages.concat();
        all.extend_from_slice(self.status.message().as_bytes());
        all.extend_from_slice(self.status.details());
        all
    }
}

/// The same as [`call`], again until no rate is in the way: for answers that are compared with each
/// other. Whoever attacks as often as these rows meets a rate now and then.
pub(super) async fn unhurried(
    channel: &Channel,
    rpc: &Rpc,
    body: &[u8],
    headers: &[(&str, &str)],
) -> Answer {
    let since = Instant::now();
    loop {
        let answer = call(channel, rpc, body.to_vec(), headers).await;
        if answer.reason() != "TOO_OFTEN" || since.elapsed() > WAIT {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// How long a rate may take to let a caller through again.
const WAIT: Duration = Duration::from_secs(10);

/// Calls an rpc with the bytes of a request. Every rpc looks like a stream on the wire.
pub async fn call(channel: &Channel, rpc: &Rpc, body: Vec<u8>, headers: &[(&str, &str)]) -> Answer {
    let mut client = tonic::client::Grpc::new(channel.clone()).max_decoding_message_size(MOST);
    let mut request = Request::new(body);
    request.set_timeout(PATIENCE);
    for (name, value) in headers {
        let name: AsciiMetadataKey = name.parse().unwrap();
        let value: AsciiMetadataValue = value.parse().unwrap();
        request.metadata_mut().append(name, value);
    }
    let mut messages = Vec::new();
    let asked = async {
        client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        client.server_streaming(request, rpc.path.parse().unwrap(), Bytes).await
    };
    let mut stream = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(stream)) => stream.into_inner(),
        Ok(Err(status)) => return Answer { status, messages },
        Err(_) => return Answer { status: Status::deadline_exceeded("no answer"), messages },
    };
    // Its first message is all that is known now; the others come when something happens.
    let endless = rpc.method_name().starts_with("Watch");
    loop {
        match tokio::time::timeout(SILENCE, stream.message()).await {
            Ok(Ok(Some(message))) => messages.push(message),
            Ok(Ok(None)) | Err(_) => break,
            Ok(Err(status)) => return Answer { status, messages },
        }
        if endless {
            break;
        }
    }
    Answer { status: Status::ok(""), messages }
}

/// Messages as the bytes that they are.
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut message = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut message);
        Ok(Some(message))
    }
}
