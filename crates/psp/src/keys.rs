//! RSA keys as providers and their tools give them, and the cipher of WeChat Pay's notices.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::SystemRandom;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use rustls::pki_types::pem::{PemObject as _, SectionKind};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey as Parsed;
use x509_parser::x509::SubjectPublicKeyInfo;

/// Smallest modulus of a key that is believed, in bytes.
const SMALLEST: usize = 256;

/// A key that signs: RSA, PKCS#1 padding, SHA-256, which WeChat Pay and Alipay both want.
pub(crate) struct SigningKey {
    pair: RsaKeyPair,
    random: SystemRandom,
}

/// A key that verifies the same signatures.
pub(crate) struct PublicKey(UnparsedPublicKey<Vec<u8>>);

impl SigningKey {
    /// Reads PEM (PKCS#8 or PKCS#1), or the Base64 of either alone.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let pair = match section(text)? {
            (Some(SectionKind::PrivateKey), der) => RsaKeyPair::from_pkcs8(&der).ok(),
            (Some(SectionKind::RsaPrivateKey), der) => RsaKeyPair::from_der(&der).ok(),
            (None, der) => {
                RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der)).ok()
            }
            (Some(_), _) => None,
        };
        Some(Self { pair: pair?, random: SystemRandom::new() })
    }

    /// The signature in Base64; none when the machine gives no random numbers.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<String> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature).ok()?;
        Some(STANDARD.encode(signature))
    }
}

impl PublicKey {
    /// Reads a public key or a certificate in PEM, or the Base64 of a key alone. A certificate's
    /// serial number, in capital hex, comes with it.
    pub(crate) fn parse(text: &str) -> Option<(Self, Option<String>)> {
        match section(text)? {
            (Some(SectionKind::Certificate), der) => {
                let (_, certificate) = X509Certificate::from_der(&der).ok()?;
                let serial = certificate.raw_serial_as_string().replace(':', "");
                // The sign bit may need an octet that WeChat Pay does not write.
                let serial = serial.strip_prefix("00").unwrap_or(&serial).to_ascii_uppercase();
                Some((Self::of(certificate.public_key())?, Some(serial)))
            }
            (Some(SectionKind::PublicKey) | None, der) => {
                let (_, info) = SubjectPublicKeyInfo::from_der(&der).ok()?;
                Some((Self::of(&info)?, None))
            }
            (Some(_), _) => None,
        }
    }

    fn of(info: &SubjectPublicKeyInfo<'_>) -> Option<Self> {
        let parsed = info.parsed().ok()?;
        let is_rsa = matches!(&parsed, Parsed::RSA(rsa) if is_large(rsa.modulus));
        if !is_rsa {
            return None;
        }
        let der = info.subject_public_key.data.to_vec();
        Some(Self(UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)))
    }

    /// Whether a signature in Base64 is that of the key's owner.
    pub(crate) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        self.0.verify(message, &signature).is_ok()
    }
}

/// Whether a modulus, perhaps with an octet for its sign, is of 2048 bits or more.
fn is_large(modulus: &[u8]) -> bool {
    let sign = modulus.iter().take_while(|byte| **byte == 0).count();
    modulus.len() - sign >= SMALLEST
}

/// The first section of a PEM text, or the bytes of a Base64 text that has no sections.
fn section(text: &str) -> Option<(Option<SectionKind>, Vec<u8>)> {
    if text.contains("-----BEGIN") {
        let found = <(SectionKind, Vec<u8>)>::from_pem_slice(text.as_bytes()).ok()?;
        return Some((Some(found.0), found.1));
    }
    let text: String = text.split_whitespace().collect();
    Some((None, STANDARD.decode(text).ok()?))
}

/// Opens what was sealed with AEAD_AES_256_GCM: none when the key, the nonce or the data are not
/// those that it was sealed with.
pub(crate) fn open(key: &[u8], nonce: &str, associated: &str, sealed: &str) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).ok()?;
    let mut sealed = STANDARD.decode(sealed).ok()?;
    let opened = key.open_in_place(nonce, Aad::from(associated.as_bytes()), &mut sealed).ok()?;
    Some(opened.to_vec())
}

#[cfg(test)]
mod tests;
