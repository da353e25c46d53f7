//! The keys that a simulator makes when it starts.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::rand_core::OsRng;
use rsa::sha2::Sha256;
use rsa::signature::{Keypair as _, SignatureEncoding as _, Signer as _, Verifier as _};

/// Those of this process: simulators share them, because making them takes a second or two.
static MADE: Mutex<Option<Arc<Keys>>> = Mutex::new(None);

/// Bits of a key, the number that both providers ask for.
const BITS: usize = 2048;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// None can be made.
    #[error("no RSA key can be made")]
    Make(#[from] rsa::Error),
    /// The private half can not be written.
    #[error("a private key can not be written")]
    Private(#[from] rsa::pkcs8::Error),
    /// The public half can not be written.
    #[error("a public key can not be written")]
    Public(#[from] rsa::pkcs8::spki::Error),
    /// Making one has panicked.
    #[error("making a key was given up")]
    GivenUp,
}

/// All keys of a simulator. Its merchants share one: no provider looks at another's.
pub(crate) struct Keys {
    pub(crate) wechat: Pair,
    pub(crate) alipay: Pair,
    pub(crate) merchant: Pair,
    /// The other merchant's, and whoever forges.
    pub(crate) stranger: Pair,
}

/// A key with both halves.
pub(crate) struct Pair {
    signing: SigningKey<Sha256>,
    verifying: VerifyingKey<Sha256>,
    pub(crate) private_pem: String,
    pub(crate) public_pem: String,
}

impl Keys {
    /// Makes them, the first time.
    pub(crate) fn made() -> Result<Arc<Self>, KeyError> {
        // Who comes meanwhile waits for those that are being made.
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = &*made {
            return Ok(Arc::clone(keys));
        }
        let keys = Arc::new(Self::make()?);
        *made = Some(Arc::clone(&keys));
        Ok(keys)
    }

    fn make() -> Result<Self, KeyError> {
        let mut pairs = std::thread::scope(|scope| {
            let made = [(); 4].map(|()| scope.spawn(Pair::make));
            made.map(|pair| pair.join().unwrap_or(Err(KeyError::GivenUp)))
        })
        .into_iter();
        let mut next = || pairs.next().unwrap_or(Err(KeyError::GivenUp));
        Ok(Self { wechat: next()?, alipay: next()?, merchant: next()?, stranger: next()? })
    }
}

impl Pair {
    fn make() -> Result<Self, KeyError> {
        let key = RsaPrivateKey::new(&mut OsRng, BITS)?;
        let private_pem = key.to_pkcs8_pem(LineEnding::LF)?.to_string();
        let public_pem = key.to_public_key().to_public_key_pem(LineEnding::LF)?;
        let signing = SigningKey::new(key);
        let verifying = signing.verifying_key();
        Ok(Self { signing, verifying, private_pem, public_pem })
    }

    /// The signature in Base64.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        STANDARD.encode(self.signing.sign(message).to_bytes())
    }

    /// Whether a signature in Base64 is this key's.
    pub(crate) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        let Ok(signature) = Signature::try_from(signature.as_slice()) else { return false };
        self.verifying.verify(message, &signature).is_ok()
    }
}

/// Seals with AEAD_AES_256_GCM, in Base64; none when the key or the nonce have another length.
pub(crate) fn seal(key: &str, nonce: &str, associated: &str, text: &str) -> Option<String> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_bytes()).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).ok()?;
    let mut sealed = text.as_bytes().to_vec();
    key.seal_in_place_append_tag(nonce, Aad::from(associated.as_bytes()), &mut sealed).ok()?;
    Some(STANDARD.encode(sealed))
}
