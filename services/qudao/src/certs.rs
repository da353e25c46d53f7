//! `qudao certs`: an authority of one's own, and certificates by which the roles know each other.

use std::fs;
use std::io::Write as _;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use clap::Args;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use serde::Serialize;

use crate::client::{failure, output};

/// Roles that talk to each other.
const ROLES: [&str; 9] = [
    "order",
    "partner",
    "collab",
    "policies",
    "projector",
    "gateway",
    "webhooks",
    "payments",
    "connectors",
];
/// Days that the authority is good for.
const AUTHORITY_DAYS: u32 = 3_650;

#[derive(Args)]
#[command(
    after_help = "The folder gets the authority (ca.pem, ca.key) if it has none, and for each role NAME.pem and
NAME.key. Run it again to renew them: the authority stays, and processes that listen take a new
certificate within 20 seconds. Keep ca.key away from the machines that serve.

A certificate is good for the role's own name, qudao-NAME (the service of the Kubernetes
manifests), localhost and 127.0.0.1, and for what --name adds.

Examples:
  qudao certs --dir certs
  qudao certs --dir certs --role gateway --name channel.example.com --days 90
  QUDAO_TLS_CERT=certs/order.pem QUDAO_TLS_KEY=certs/order.key QUDAO_TLS_CA=certs/ca.pem qudao serve order"
)]
pub(crate) struct Certs {
    /// Where the files are
    #[arg(long, value_name = "FOLDER", default_value = "certs")]
    dir: PathBuf,
    /// Only this role; may be repeated
    #[arg(long = "role", value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(ROLES))]
    roles: Vec<String>,
    /// Another name or address that the certificates are good for; may be repeated
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Days that the certificates are good for
    #[arg(long, default_value_t = 365, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=825))]
    days: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Made {
    authority: PathBuf,
    authority_is_new: bool,
    certificates: Vec<Certificate>,
}

#[derive(Serialize)]
struct Certificate {
    role: String,
    file: PathBuf,
    names: Vec<String>,
    until: String,
}

impl Certs {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        fs::create_dir_all(&self.dir)
            .with_context(|| format!("{} can not be made", self.dir.display()))?;
        let (issuer, authority_is_new) = authority(&self.dir)?;
        let every: Vec<String> = ROLES.map(str::to_owned).to_vec();
        let roles = if self.roles.is_empty() { every } else { self.roles };
        let mut certificates = Vec::with_capacity(roles.len());
        for role in roles {
            certificates.push(certificate(&self.dir, &issuer, role, &self.names, self.days)?);
        }
        let made = Made { authority: self.dir.join("ca.pem"), authority_is_new, certificates };
        if self.json {
            output::json(&made)?;
            return Ok(ExitCode::SUCCESS);
        }
        let told = |one: &Certificate| {
            vec![
                one.role.clone(),
                one.file.display().to_string(),
                one.until.clone(),
                one.names.join(" "),
            ]
        };
        let columns = ["Role", "Certificate", "Until", "Good for"];
        let table = output::table(&columns, made.certificates.iter().map(told));
        output::text(&output::lines(&table))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The authority of a folder; a new one if it has none. Half of one is an error: whoever lost the
/// key has to say so by removing the certificate.
fn authority(dir: &Path) -> anyhow::Result<(Issuer<'static, KeyPair>, bool)> {
    let (certificate, key) = (dir.join("ca.pem"), dir.join("ca.key"));
    match (certificate.exists(), key.exists()) {
        (true, true) => {
            let key = KeyPair::from_pem(&fs::read_to_string(&key)?)?;
            Ok((Issuer::from_ca_cert_pem(&fs::read_to_string(&certificate)?, key)?, false))
        }
        (false, false) => {
            let pair = KeyPair::generate()?;
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, "qudao authority");
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            good_for(&mut params, AUTHORITY_DAYS);
            let made = params.self_signed(&pair)?;
            write_secret(&key, &pair.serialize_pem())?;
            fs::write(&certificate, made.pem())?;
            Ok((Issuer::new(params, pair), true))
        }
        (true, false) => anyhow::bail!(
            "{} has the certificate of an authority and not its key; bring ca.key back, or remove \
             ca.pem to make a new authority, which nobody believes yet",
            dir.display()
        ),
        (false, true) => anyhow::bail!(
            "{} has the key of an authority and not its certificate; bring ca.pem back, or remove \
             ca.key to make a new authority",
            dir.display()
        ),
    }
}

fn certificate(
    dir: &Path,
    issuer: &Issuer<'static, KeyPair>,
    role: String,
    more: &[String],
    days: u32,
) -> anyhow::Result<Certificate> {
    let own = [role.clone(), format!("qudao-{role}"), "localhost".into(), "127.0.0.1".into()];
    let names: Vec<String> = own.into_iter().chain(more.iter().cloned()).collect();
    let mut params = CertificateParams::default();
    for name in &names {
        params.subject_alt_names.push(match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(
                name.as_str().try_into().with_context(|| format!("{name} is no name of a host"))?,
            ),
        });
    }
    params.distinguished_name.push(DnType::CommonName, format!("qudao {role}"));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    good_for(&mut params, days);
    let until = params.not_after.date().to_string();
    let pair = KeyPair::generate()?;
    let made = params.signed_by(&pair, issuer)?;
    let file = dir.join(format!("{role}.pem"));
    // The key first: whoever sees the new certificate finds the key that belongs to it.
    write_secret(&dir.join(format!("{role}.key")), &pair.serialize_pem())?;
    fs::write(&file, made.pem())?;
    Ok(Certificate { role, file, names, until })
}

/// From an hour ago, for clocks that are behind.
fn good_for(params: &mut CertificateParams, days: u32) {
    let now = SystemTime::from(kernel::clock::now());
    params.not_before = (now - Duration::from_secs(3_600)).into();
    params.not_after = (now + Duration::from_secs(86_400 * u64::from(days))).into();
}

/// Writes a file that its owner alone can read, whole or not at all.
fn write_secret(file: &Path, secret: &str) -> anyhow::Result<()> {
    let draft = file.with_extension("draft");
    let _ = fs::remove_file(&draft);
    let mut written =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    written.write_all(secret.as_bytes())?;
    written.sync_all()?;
    Ok(fs::rename(&draft, file)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(dir: &Path, names: &[&str]) -> anyhow::Result<ExitCode> {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        let roles = vec!["order".to_owned()];
        Certs { dir: dir.to_owned(), roles, names, days: 30, json: true }.run()
    }

    #[test]
    fn a_renewed_certificate_is_of_the_same_authority() {
        let dir = tempfile::tempdir().expect("a folder");
        run(dir.path(), &[]).expect("certificates");
        let read = |name: &str| fs::read_to_string(dir.path().join(name)).expect("a file");
        let (authority, first) = (read("ca.pem"), read("order.pem"));
        run(dir.path(), &["10.0.0.7", "orders.example.com"]).expect("certificates");
        assert_eq!(read("ca.pem"), authority);
        assert_ne!(read("order.pem"), first);
    }

    #[test]
    fn keys_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        run(dir.path(), &[]).expect("certificates");
        for key in ["ca.key", "order.key"] {
            let mode = fs::metadata(dir.path().join(key)).expect("a key").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{key}");
        }
    }

    #[test]
    fn half_an_authority_is_none_and_is_not_replaced() {
        let dir = tempfile::tempdir().expect("a folder");
        run(dir.path(), &[]).expect("certificates");
        fs::remove_file(dir.path().join("ca.key")).expect("removed");
        let error = run(dir.path(), &[]).expect_err("no authority");
        assert!(error.to_string().contains("not its key"), "{error}");
    }

    #[test]
    fn what_is_no_name_of_a_host_is_told() {
        let dir = tempfile::tempdir().expect("a folder");
        let error = run(dir.path(), &["频道"]).expect_err("no name");
        assert!(error.to_string().contains("频道 is no name of a host"), "{error}");
    }
}
