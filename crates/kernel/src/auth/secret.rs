//! Secrets that are no signatures: whoever holds one is let in, so only digests of them are kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::Key;
use chacha20poly1305::aead::Generate as _;
use sha2::{Digest as _, Sha256};

/// A new secret of 256 random bits, as 43 signs that may stand in an address.
pub fn secret() -> String {
    URL_SAFE_NO_PAD.encode(Key::generate())
}

/// What is kept of a secret. A plain hash will do: nobody can try 2²⁵⁶ of them.
pub fn digest_of(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// The secret that follows from others of fixed length: the same ones give the same, and without
/// any of them nobody can make it.
pub fn secret_from(parts: &[&str]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_secrets_are_the_same() {
        let (one, other) = (secret(), secret());
        assert_eq!((one.len(), other.len()), (43, 43));
        assert_ne!(digest_of(&one), digest_of(&other));
    }
}
