//! TLS of a process: the certificate that it shows, and whose it believes. Files are read anew when
//! they change, so a certificate is renewed without an end of service.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use tokio_util::sync::CancellationToken;
use tonic::transport::{Certificate, ClientTlsConfig, Identity};

use crate::failure::chain;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(20);

/// The files of a process, all PEM.
#[derive(Clone, Debug)]
pub struct Files {
    /// Its certificate, with those between it and the authority.
    pub certificate: PathBuf,
    /// The key of the certificate.
    pub key: PathBuf,
    /// The authority whose certificates are believed; none where anybody may call.
    pub authority: Option<PathBuf>,
}

/// Why the files can not be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can not be read.
    #[error("{0} can not be read")]
    File(PathBuf, #[source] std::io::Error),
    /// A file is no PEM of the kind asked for.
    #[error("{0} holds no certificate or key in PEM form")]
    Form(PathBuf, #[source] rustls::pki_types::pem::Error),
    /// Key and certificate do not belong together, or are of a kind that is not known.
    #[error("the certificate {0} and its key can not be used together")]
    Pair(PathBuf, #[source] rustls::Error),
    /// The authority can not be believed.
    #[error("the authority {0} can not be used")]
    Authority(PathBuf, #[source] rustls::server::VerifierBuilderError),
}

/// What a listener needs. The certificate is read anew while [`Listener::watch`] runs.
#[derive(Clone)]
pub struct Listener {
    files: Files,
    shown: Arc<Shown>,
    /// For each connection.
    pub config: Arc<ServerConfig>,
}

impl Listener {
    /// Reads the files. With an authority, a caller may show a certificate, and one that is not
    /// the authority's ends the connection; whether one is needed is for the gate to say.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn open(files: Files) -> Result<Self, TlsError> {
        let shown = Arc::new(Shown(RwLock::new(Arc::new(pair(&files)?))));
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Pair(files.certificate.clone(), error))?;
        let builder = match &files.authority {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let roots = Arc::new(roots(authority)?);
                let provider = Arc::new(ring::default_provider());
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider)
                    .allow_unauthenticated()
                    .build()
                    .map_err(|error| TlsError::Authority(authority.clone(), error))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_cert_resolver(shown.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { files, shown, config: Arc::new(config) })
    }

    /// Whether callers are asked for a certificate.
    pub(crate) fn asks(&self) -> bool {
        self.files.authority.is_some()
    }

    /// Looks at the files and shows what is in them, until told to stop. Files that can not be
    /// used change nothing, and are told of.
    pub async fn watch(self, stop: CancellationToken) {
        let mut seen = changed(&self.files);
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => return,
            }
            let now = changed(&self.files);
            if now == seen {
                continue;
            }
            match pair(&self.files) {
                Ok(pair) => {
                    *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
                    tracing::info!(file = %self.files.certificate.display(), "a new certificate");
                    seen = now;
                }
                Err(error) => {
                    tracing::warn!(error = %chain(&error), "the certificate stays the old one");
                }
            }
        }
    }
}

/// How this process calls others: it believes the authority, and shows its own certificate.
///
/// # Errors
/// See [`TlsError`].
pub fn caller(files: &Files) -> Result<ClientTlsConfig, TlsError> {
    let identity = Identity::from_pem(bytes(&files.certificate)?, bytes(&files.key)?);
    let mut config = ClientTlsConfig::new().identity(identity);
    if let Some(authority) = &files.authority {
        config = config.ca_certificate(Certificate::from_pem(bytes(authority)?));
    }
    Ok(config)
}

/// The certificate that is shown now.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

fn changed(files: &Files) -> [Option<SystemTime>; 2] {
    let time = |file: &Path| std::fs::metadata(file).and_then(|data| data.modified()).ok();
    [time(&files.certificate), time(&files.key)]
}

fn bytes(file: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(file).map_err(|error| TlsError::File(file.to_owned(), error))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = bytes(file)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let found = found.map_err(|error| TlsError::Form(file.to_owned(), error))?;
    match found.is_empty() {
        true => {
            let none = rustls::pki_types::pem::Error::NoItemsFound;
            Err(TlsError::Form(file.to_owned(), none))
        }
        false => Ok(found),
    }
}

fn pair(files: &Files) -> Result<CertifiedKey, TlsError> {
    let certificates = certificates(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_slice(&bytes(&files.key)?)
        .map_err(|error| TlsError::Form(files.key.clone(), error))?;
    CertifiedKey::from_der(certificates, key, &ring::default_provider())
        .map_err(|error| TlsError::Pair(files.certificate.clone(), error))
}

fn roots(file: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).map_err(|error| TlsError::Pair(file.to_owned(), error))?;
    }
    Ok(roots)
}
