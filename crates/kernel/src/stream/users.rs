//! Who may do what on the NATS server: declared here once, for local servers, for Kubernetes, and
//! for the tests.
//!
//! A role of qudao is a user of the server, with the public half of an nkey; the seed is the role's
//! secret. A user publishes its own facts and asks what it needs of JetStream; answers come to
//! subjects that nobody else hears.

use std::path::{Path, PathBuf};

use nkeys::KeyPair;

use super::{name, subjects};
use crate::auth::make_file;

/// Why a process can not say who it is.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The file can not be read or made.
    #[error("the nkey seed {} can not be used", .0.display())]
    File(PathBuf, #[source] std::io::Error),
    /// The file holds something else.
    #[error("{} holds no seed of a NATS user: one begins with SU", .0.display())]
    Form(PathBuf),
}

/// What a user of the server may send and hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The role of qudao that it is: a context, or another.
    pub name: String,
    /// Subjects that it may publish to.
    pub publish: Vec<String>,
    /// Subjects that it may subscribe to.
    pub subscribe: Vec<String>,
}

/// A user of the server, able to prove it.
#[derive(Clone)]
pub struct Identity {
    pub(super) user: String,
    pub(super) seed: String,
    pub(super) file: PathBuf,
}

impl Identity {
    /// A user by the file of its seed.
    ///
    /// # Errors
    /// See [`SeedError`].
    pub fn read(user: &str, file: &Path) -> Result<Self, SeedError> {
        let seed = std::fs::read_to_string(file);
        let seed = seed.map_err(|error| SeedError::File(file.to_owned(), error))?.trim().to_owned();
        public(&seed, file)?;
        Ok(Self { user: user.to_owned(), seed, file: file.to_owned() })
    }
}

/// Every user of an installation with these contexts. All of them read the stream of `heard`,
/// whose facts end tokens before their time.
pub fn users(contexts: &[&str], heard: Option<&str>) -> Vec<User> {
    let heard: Vec<String> = heard.map(read).unwrap_or_default();
    let own = |context: &&str| [relay(context), heard.clone()].concat();
    let relays = contexts.iter().map(|context| user(context, own(context)));
    let reads: Vec<String> = contexts.iter().flat_map(|context| read(context)).collect();
    let rights: Vec<String> = contexts.iter().flat_map(|context| put_right(context)).collect();
    let both = [reads.clone(), rights].concat();
    let of_all = contexts.iter().flat_map(|context| relay(context)).chain(both.clone());
    let mut users: Vec<User> = relays.collect();
    users.push(user("projector", reads.clone()));
    users.push(user("policies", reads.clone()));
    users.push(user("webhooks", reads.clone()));
    users.push(user("payments", reads.clone()));
    users.push(user("connectors", reads.clone()));
    users.push(user("operator", both));
    users.push(user("all", of_all.collect()));
    // Programs of others, with a client's usual inbox; what happens they may also just hear.
    let mut analyst = user("analyst", reads);
    analyst.publish.extend(["INFO", "STREAM.NAMES", "STREAM.LIST"].map(api));
    analyst.subscribe = vec!["_INBOX.>".to_owned()];
    analyst.subscribe.extend(contexts.iter().map(|context| subjects(context)));
    users.push(analyst);
    users
}

/// Where a user gets its answers.
pub fn inbox(user: &str) -> String {
    format!("_INBOX_{user}")
}

fn user(name: &str, mut publish: Vec<String>) -> User {
    publish.sort();
    publish.dedup();
    let subscribe = vec![format!("{}.>", inbox(name))];
    User { name: name.to_owned(), publish, subscribe }
}

fn api(call: &str) -> String {
    format!("$JS.API.{call}")
}

/// What reading a context's stream takes: to look at it, and to have a consumer of one's own.
fn read(context: &str) -> Vec<String> {
    let stream = name(context);
    let calls = [
        format!("STREAM.INFO.{stream}"),
        format!("STREAM.MSG.GET.{stream}"),
        format!("DIRECT.GET.{stream}"),
        format!("DIRECT.GET.{stream}.>"),
        // The client names a consumer in the subject, or leaves its name to the server.
        format!("CONSUMER.CREATE.{stream}"),
        format!("CONSUMER.CREATE.{stream}.>"),
        format!("CONSUMER.INFO.{stream}.*"),
        format!("CONSUMER.MSG.NEXT.{stream}.*"),
        format!("CONSUMER.DELETE.{stream}.*"),
    ];
    let mut subjects: Vec<String> = calls.iter().map(|call| api(call)).collect();
    subjects.extend([format!("$JS.ACK.{stream}.>"), format!("$JS.FC.{stream}.>")]);
    subjects
}

/// What copying a log into its stream takes.
fn relay(context: &str) -> Vec<String> {
    let stream = name(context);
    let mut own = read(context);
    own.extend(["CREATE", "UPDATE"].map(|call| api(&format!("STREAM.{call}.{stream}"))));
    own.push(subjects(context));
    own
}

/// What putting a stream right takes: its end goes into a stream of another name, and it is
/// deleted, for the relay to fill it again. Only the operator may have that done.
fn put_right(context: &str) -> Vec<String> {
    let stream = name(context);
    // A part of a name can not be left open in a permission, so this is for streams of any name.
    let calls = ["CREATE", "UPDATE", "INFO"].map(|call| api(&format!("STREAM.{call}.*")));
    let mut subjects = calls.to_vec();
    subjects.push(api(&format!("STREAM.DELETE.{stream}")));
    subjects
}

/// The file of a user's seed in a folder of seeds.
pub fn seed_file(folder: &Path, user: &str) -> PathBuf {
    folder.join(format!("{user}.nk"))
}

/// Makes the seeds that are missing in a folder, readable by their owner only, and gives the part
/// of the server's configuration that knows these users and nobody else.
///
/// # Errors
/// See [`SeedError`].
pub fn authorization(folder: &Path, users: &[User]) -> Result<String, SeedError> {
    let made = std::fs::create_dir_all(folder);
    made.map_err(|error| SeedError::File(folder.to_owned(), error))?;
    let mut text = String::from("authorization {\n  users: [\n");
    for user in users {
        let file = seed_file(folder, &user.name);
        if !file.exists() {
            let seed = KeyPair::new_user().seed().map_err(|_| SeedError::Form(file.clone()))?;
            make_file(&file, &seed).map_err(|error| SeedError::File(file.clone(), error))?;
        }
        let Identity { seed, .. } = Identity::read(&user.name, &file)?;
        let key = public(&seed, &file)?;
        let listed = |subjects: &[String]| {
            let quoted: Vec<_> = subjects.iter().map(|one| format!("\"{one}\"")).collect();
            quoted.join(", ")
        };
        let (publish, subscribe) = (listed(&user.publish), listed(&user.subscribe));
        text.push_str(&format!(
            "    # {}\n    {{ nkey: {key}, permissions: {{\n      publish: {{ allow: [{publish}] }}\n      \
             subscribe: {{ allow: [{subscribe}] }} }} }}\n",
            user.name
        ));
    }
    text.push_str("  ]\n}\n");
    Ok(text)
}

fn public(seed: &str, file: &Path) -> Result<String, SeedError> {
    let pair = KeyPair::from_seed(seed).ok().filter(|_| seed.starts_with("SU"));
    Ok(pair.ok_or_else(|| SeedError::Form(file.to_owned()))?.public_key())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_user_hears_of_ended_sessions_and_relays_still_write_their_own_facts_only() {
        let users = users(&["order", "partner"], Some("partner"));
        for user in &users {
            let reads = |call: &&String| call.starts_with("$JS.API.CONSUMER.CREATE.PARTNER");
            assert!(user.publish.iter().any(|call| reads(&call)), "{}", user.name);
        }
        let order = users.iter().find(|user| user.name == "order").expect("a relay");
        assert!(order.publish.contains(&subjects("order")));
        assert!(!order.publish.contains(&subjects("partner")));
    }
}
