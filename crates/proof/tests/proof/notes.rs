//! Signed notes: the key and the note that the documentation of Go's `sumdb/note` gives, and
//! checkpoints of ours.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use proof::checkpoint::CheckpointError;
use proof::note::NoteError;
use proof::{Checkpoint, Signer, Verifier};

const VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SECRET: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
const NOTE_END: &str = "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1\
                        FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

fn published() -> Signer {
    let secret = STANDARD.decode(SECRET).unwrap();
    let secret: [u8; 32] = secret[1..].try_into().unwrap();
    Signer::new("PeterNeumann", SigningKey::from_bytes(&secret)).unwrap()
}

#[test]
fn a_note_is_signed_and_opened_as_published() {
    let signer = published();
    assert_eq!(signer.verifier().to_string(), VERIFIER);
    let note = signer.sign(TEXT).unwrap();
    assert_eq!(note, format!("{TEXT}{NOTE_END}"));
    let verifier: Verifier = VERIFIER.parse().unwrap();
    assert_eq!(verifier.open(&note), Ok(TEXT));
    let both = format!("{note}— somebody AAAAAAAA\n");
    assert_eq!(verifier.open(&both), Ok(TEXT), "others may have signed too");
}

#[test]
fn a_changed_note_does_not_open() {
    let verifier: Verifier = VERIFIER.parse().unwrap();
    let note = format!("{TEXT}{NOTE_END}");
    assert_eq!(verifier.open(&note.replace("answer", "question")), Err(NoteError::Forged));
    assert_eq!(verifier.open(&note.replace("x08go/ZJ", "x08go/ZK")), Err(NoteError::Forged));
    assert_eq!(verifier.open(&note.replace("PeterNeumann x", "Paul x")), Err(NoteError::Unsigned));
    for broken in [TEXT, &note[..note.len() - 1], "", "\n\n", &note.replace("— ", "- ")] {
        assert_eq!(verifier.open(broken), Err(NoteError::Form), "{broken:?}");
    }
    for text in ["no line feed", "an\n\nempty line\n", "a tab\t\n", "\n", ""] {
        assert!(published().sign(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_changed_key_is_none() {
    for (at, letter) in VERIFIER.char_indices() {
        let mut changed = VERIFIER.to_owned();
        changed.replace_range(at..=at, if letter == 'B' { "C" } else { "B" });
        let parsed = changed.parse::<Verifier>();
        assert!(parsed.is_err(), "{changed}");
    }
    assert!(Signer::new("two words", SigningKey::from_bytes(&[7; 32])).is_err());
}

fn checkpoint() -> Checkpoint {
    Checkpoint {
        origin: "qudao/test/order".to_owned(),
        size: 1_234,
        root: [1; 32],
        chain: [2; 32],
        time: "2026-11-23T14:05:00Z".to_owned(),
    }
}

#[test]
fn a_checkpoint_has_the_lines_of_the_standard() {
    let checkpoint = checkpoint();
    let text = "qudao/test/order\n1234\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n\
                chain AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\ntime 2026-11-23T14:05:00Z\n";
    assert_eq!(checkpoint.text(), text);
    assert_eq!(Checkpoint::parse(text), Some(checkpoint));
    assert_eq!(Checkpoint::parse(&text.replace("1234", "01234")), None);
    assert_eq!(Checkpoint::parse(&text.replace("1234", "+1234")), None);
}

#[test]
fn a_checkpoint_is_of_the_log_that_its_key_is_named_for() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let order = Signer::new("qudao/test/order", key.clone()).unwrap();
    let partner = Signer::new("qudao/test/partner", key).unwrap();
    let note = checkpoint().sign(&order).unwrap();
    assert_eq!(Checkpoint::open(&note, order.verifier()), Ok(checkpoint()));
    let refused = Checkpoint::open(&note, partner.verifier());
    assert_eq!(refused, Err(CheckpointError::Note(NoteError::Unsigned)));
    let foreign = checkpoint().sign(&partner).unwrap();
    assert_eq!(Checkpoint::open(&foreign, partner.verifier()), Err(CheckpointError::Origin));
    let other = order.sign("qudao-export/1\n{}\n").unwrap();
    assert_eq!(Checkpoint::open(&other, order.verifier()), Err(CheckpointError::Text));
}
