//! Files: whose they are, and what becomes of them.

use collab::file::{
    File, FileCommand, FileEvent, FileRefusal, MediaType, Picture, Purpose, Sha256, StoredFile,
    Viewer,
};
use kernel::DomainEvent as _;
use kernel::Refusal as _;
use kernel::spec::{given, given_nothing};
use uuid::Uuid;
use values::DealerId;

fn dealer(id: &str) -> DealerId {
    id.parse().expect("the id of a dealer")
}

fn of(id: &str) -> Viewer {
    Viewer::Dealer(dealer(id))
}

fn invoice() -> StoredFile {
    StoredFile {
        file_id: Uuid::from_u128(7),
        sha256: Sha256::of(b"invoice"),
        size: 7,
        media_type: MediaType::Pdf,
        name: "发票.pdf".to_owned(),
        purpose: Purpose::Attachment,
        object: None,
        dealer_id: Some(dealer("hengtong")),
        picture: None,
    }
}

fn logo() -> StoredFile {
    let picture = Picture {
        width: 10,
        height: 10,
        perceptual_hash: "00".to_owned(),
        copies: MediaType::Png,
        taken_at: None,
        place: None,
        device: None,
    };
    StoredFile {
        media_type: MediaType::Png,
        purpose: Purpose::Logo,
        dealer_id: None,
        picture: Some(picture),
        ..invoice()
    }
}

fn stored(file: StoredFile) -> FileEvent {
    FileEvent::FileStored(file)
}

fn removed() -> FileEvent {
    FileEvent::FileRemoved { file_id: invoice().file_id, reason: "传错了".to_owned() }
}

fn remove(by: Viewer) -> FileCommand {
    FileCommand::Remove { by, reason: "传错了".to_owned() }
}

#[test]
fn a_file_is_stored_once() {
    let store = || FileCommand::Store(invoice());
    given_nothing::<File>().when(store()).then([stored(invoice())]);
    given::<File>([stored(invoice())]).when(store()).then_refused(FileRefusal::AlreadyStored);
    given::<File>([stored(invoice()), removed()])
        .when(store())
        .then_refused(FileRefusal::AlreadyStored);
}

#[test]
fn what_everybody_sees_is_a_picture() {
    let store = |file| FileCommand::Store(file);
    given_nothing::<File>().when(store(logo())).then([stored(logo())]);
    let paper = StoredFile { picture: None, ..logo() };
    given_nothing::<File>().when(store(paper)).then_refused(FileRefusal::NotAPicture);
}

#[test]
fn a_file_is_taken_away_by_the_brand_or_by_the_dealer_whose_it_is() {
    for by in [Viewer::Brand, of("hengtong")] {
        given::<File>([stored(invoice())]).when(remove(by)).then([removed()]);
    }
    given::<File>([stored(logo())])
        .when(remove(of("hengtong")))
        .then_refused(FileRefusal::NotYourFile);
}

#[test]
fn of_a_file_that_one_may_not_see_one_is_not_told_that_it_is_there() {
    let not_found = FileRefusal::FileNotFound;
    given_nothing::<File>().when(remove(of("dafa"))).then_refused(not_found.clone());
    given::<File>([stored(invoice())]).when(remove(of("dafa"))).then_refused(not_found.clone());
    given::<File>([stored(invoice()), removed()])
        .when(remove(Viewer::Brand))
        .then_refused(not_found);
}

#[test]
fn who_sees_a_file_is_said_by_what_it_is_for() {
    let brands_own = StoredFile { dealer_id: None, ..invoice() };
    for (file, brand, own, other) in [
        (invoice(), true, true, false),
        (brands_own, true, false, false),
        (logo(), true, true, true),
    ] {
        assert_eq!(file.is_for(&Viewer::Brand), brand);
        assert_eq!(file.is_for(&of("hengtong")), own);
        assert_eq!(file.is_for(&of("dafa")), other);
    }
}

#[test]
fn facts_and_refusals_are_told_in_both_languages() {
    assert_eq!(
        stored(invoice()).sentence().zh,
        format!(
            "文件“发票.pdf”已保存（附件，7 字节，SHA-256 {}…）",
            &invoice().sha256.as_str()[..12]
        )
    );
    assert!(removed().sentence().en.ends_with("was removed: 传错了"));
    for refusal in [
        FileRefusal::FileNotFound,
        FileRefusal::AlreadyStored,
        FileRefusal::NotAPicture,
        FileRefusal::NotYourFile,
    ] {
        assert_ne!(refusal.text().zh, refusal.text().en);
        assert!(!refusal.reason().is_empty());
    }
}
