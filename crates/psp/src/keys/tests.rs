//! Keys in every form that providers give, against a signature and a seal made by others: OpenSSL
//! and Python's `cryptography`.

use rcgen::{CertificateParams, SerialNumber};
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::rand_core::OsRng;
use rsa::{RsaPrivateKey, RsaPublicKey};

use super::*;

const PUBLIC: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuXwN2LrciLvCzgk/QpCpZaw3Wje1Ro8MPqtPwt1x\
     P7U7pd3gIbLGQ0R+XoJzigeA9XwrzK1YOO+5I+jcnH/JMLO+CLFFWgS9KEHWectShSdx/uZDQuhLn+5mMtFw\
     9jGbmpglaCkXKY91GFffSp9E4Hpx+Z92BtURI7ixcUq8W/7+Kxu+bWK4dCvnWyj7rX4gBYvii0u/dxIspv1E\
     2/cDwZ4lY1SR1pY2wzgQfIFxrd2ukktxaj+XTVkwusiLwayn0Rd/bSi8CcAuCWT5CRPJVSdOW4w3xTviWZJU\
     HVEpoeeW1Oh4K6ikuVZXpWyEzsh2EIvPNSx+DWPHu84bDoj/qwIDAQAB";
const SIGNED: &[u8] = "1732622400\nnonce0123456789\n{\"code\":\"成功\"}\n".as_bytes();
const SIGNATURE: &str = "m2T6TBKz9afJ+Cfm4BLpeNRvaCiLB1NaD3Vs7mgZSLy/lx85vaxj+QBdNG5+C1CvdY6mHKbYYjpZcubj294a\
     Uoliw/vu7LnOuj/Dwrq2FHZLWP3Nrr2kzk7tow1oiMYziSpI1K0wLhb1tYsn2VrRFqvUtJg/38LNP0MX3z4d\
     tEhZSQ0Qu4nPzEgK98AVqawrMBPgZ9PU/p25Hp8xHfger+yysA/zyllBnVqANSbATRP/FcH8X1UT2Qb67xcx\
     ANjNMiShdCny9L653ZfUvLRSjS5Cj35KGgB/rpY8TaayTGZ6+ay8ZF4jJ90dMCpdiFLIN8GReJhUB4qF1+GG\
     u7az+g==";
const SEALED: &str = "Dy6jKGis00yicDT27bOBf77jB8GDpgUbmuUqFH/5h0m91ROlKso=";
const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

fn pem(kind: &str, base64: &str) -> String {
    format!("-----BEGIN {kind}-----\n{base64}\n-----END {kind}-----\n")
}

#[test]
fn a_signature_made_by_openssl_is_verified() {
    for text in [PUBLIC.to_owned(), pem("PUBLIC KEY", PUBLIC)] {
        let (key, serial) = PublicKey::parse(&text).expect("a key");
        assert_eq!(serial, None);
        assert!(key.verifies(SIGNED, SIGNATURE));
        assert!(!key.verifies(&SIGNED[1..], SIGNATURE));
        assert!(!key.verifies(SIGNED, &SIGNATURE.replace('m', "n")));
        assert!(!key.verifies(SIGNED, "no base64"));
    }
}

#[test]
fn what_is_signed_with_a_key_of_any_form_is_verified_with_its_public_half() {
    let made = RsaPrivateKey::new(&mut OsRng, 2048).expect("a key");
    let public = RsaPublicKey::from(&made);
    let public = public.to_public_key_pem(LineEnding::LF).expect("a text");
    let (public, _) = PublicKey::parse(&public).expect("a key");
    let pkcs8 = made.to_pkcs8_pem(LineEnding::LF).expect("a text").to_string();
    let pkcs1 = made.to_pkcs1_pem(LineEnding::LF).expect("a text").to_string();
    let bare = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with('-'));
        lines.collect::<Vec<_>>().join("\n")
    };
    for text in [&pkcs8, &pkcs1, &bare(&pkcs8), &bare(&pkcs1)] {
        let signed = SigningKey::parse(text).expect("a key").sign(b"text").expect("a signature");
        assert!(public.verifies(b"text", &signed));
    }
    for text in ["", "text", PUBLIC, &pem("PUBLIC KEY", PUBLIC), &pem("PRIVATE KEY", "AAAA")] {
        assert!(SigningKey::parse(text).is_none(), "{text}");
    }
    certified(&pkcs8);
}

/// A certificate gives the key in it, and its serial number.
fn certified(pkcs8: &str) {
    let pair = rcgen::KeyPair::from_pem_and_sign_algo(pkcs8, &rcgen::PKCS_RSA_SHA256);
    let pair = pair.expect("a key");
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from(vec![0xF1, 0x57, 0x0A]));
    let certificate = params.self_signed(&pair).expect("a certificate");
    let (key, serial) = PublicKey::parse(&certificate.pem()).expect("a key");
    assert_eq!(serial.as_deref(), Some("F1570A"));
    let signed = SigningKey::parse(pkcs8).expect("a key").sign(b"text").expect("a signature");
    assert!(key.verifies(b"text", &signed));
    let elliptic = rcgen::KeyPair::generate().expect("a key");
    let certificate = CertificateParams::default().self_signed(&elliptic).expect("a certificate");
    assert!(PublicKey::parse(&certificate.pem()).is_none(), "neither provider signs like this");
}

#[test]
fn what_was_sealed_by_others_opens_with_all_that_it_was_sealed_with() {
    let opened = open(KEY, "fdasfjihih4s", "transaction", SEALED).expect("a text");
    assert_eq!(opened, "{\"订单\":\"PAY000001\"}".as_bytes());
    assert!(open(&[0; 32], "fdasfjihih4s", "transaction", SEALED).is_none());
    assert!(open(KEY, "fdasfjihih4t", "transaction", SEALED).is_none());
    assert!(open(KEY, "short", "transaction", SEALED).is_none());
    assert!(open(KEY, "fdasfjihih4s", "refund", SEALED).is_none());
    assert!(open(KEY, "fdasfjihih4s", "transaction", "AAAA").is_none());
}
