//! Files through the rpcs: whose they are, what is shown of them, what breaks off and goes on.

use cluster_tests::support::files::{
    CAMERA, append, attachment, finish, finishing, jpeg, known, listed, original, photo, png, read,
    service, start, store, workbook,
};
use cluster_tests::support::shop::reason;
use cluster_tests::support::system::{Launch, System, User, id};
use collab::file::Sha256;
use exif::Reader;
use proto::access::v1::Role;
use proto::collab::v1 as pb;
use proto::collab::v1::{FilePurpose, Rendition};
use sqlx::PgPool;
use tonic::Code;

fn people(system: &System) -> [User; 3] {
    let of = |dealer| system.user("acme", &[Role::DealerOwner], Some(dealer));
    [system.admin(), of("hengtong"), of("dafa")]
}

fn remove(file_id: &str) -> pb::RemoveFileRequest {
    let (file_id, reason) = (file_id.to_owned(), "传错了".to_owned());
    pb::RemoveFileRequest { request_id: id(), file_id, reason, ..Default::default() }
}

#[tokio::test]
async fn a_file_is_seen_by_whom_it_is_for_and_by_nobody_else() {
    let system = System::start().await;
    let [brand, own, other] = people(&system);
    let stranger = system.user("zenith", &[Role::HqAdmin, Role::Auditor], None);
    let bytes = workbook([]);
    let asked = || attachment("SO-1", "对账单.xlsx", bytes.len());
    let of_dealer = store(&own, asked(), &bytes).await.unwrap();
    let of_brand = store(&brand, asked(), &bytes).await.unwrap();
    let picture = png(40, 40);
    let logo = pb::StartUploadRequest {
        purpose: FilePurpose::Logo.into(),
        ..attachment("SO-1", "l.png", picture.len())
    };
    let for_all = store(&brand, logo.clone(), &picture).await.unwrap();

    let position = for_all.position;
    for (who, seen) in [(&brand, 3), (&own, 2), (&other, 1), (&stranger, 0)] {
        assert_eq!(listed(who, "SO-1", position).await.len(), seen);
    }
    for (file, who, may) in [
        (&of_dealer, &brand, true),
        (&of_dealer, &own, true),
        (&of_dealer, &other, false),
        (&of_dealer, &stranger, false),
        (&of_brand, &own, false),
        (&for_all, &other, true),
        (&for_all, &stranger, false),
    ] {
        let shown = read(who, &file.object_id, Rendition::Unspecified).await;
        let told = known(who, file).await;
        assert_eq!((shown.is_ok(), told.is_ok()), (may, may), "{file:?}");
        if may {
            continue;
        }
        // What one may not see is as what nobody has.
        let nobodys = id();
        let missing = read(who, &nobodys, Rendition::Unspecified).await.unwrap_err();
        for no in [shown.unwrap_err(), told.unwrap_err()] {
            assert_eq!((no.code(), reason(&no)), (Code::NotFound, "FILE_NOT_FOUND".to_owned()));
            assert_eq!((no.message(), no.details()), (missing.message(), missing.details()));
        }
    }
    // Logos are the brand's.
    let no = start(&own, logo).await.unwrap_err();
    assert_eq!(reason(&no), "PURPOSE_NOT_YOURS");
    let no = service(&own).remove_file(own.says(remove(&for_all.object_id))).await.unwrap_err();
    assert_eq!(reason(&no), "NOT_YOUR_FILE");
    let no =
        service(&other).remove_file(other.says(remove(&of_dealer.object_id))).await.unwrap_err();
    assert_eq!(reason(&no), "FILE_NOT_FOUND");
    let gone = service(&own).remove_file(own.says(remove(&of_dealer.object_id))).await.unwrap();
    let position = gone.into_inner().receipt.unwrap().position;
    assert_eq!(listed(&brand, "SO-1", position).await.len(), 2);
    let no = read(&brand, &of_dealer.object_id, Rendition::Unspecified).await.unwrap_err();
    assert_eq!(reason(&no), "FILE_NOT_FOUND");
}

#[tokio::test]
async fn what_a_camera_wrote_is_recorded_and_not_shown() {
    let system = System::start().await;
    let [brand, own, _] = people(&system);
    let bytes = photo(400, 300);
    let asked = attachment("SO-1", "门店.jpg", bytes.len());
    let stored = store(&own, asked, &bytes).await.unwrap();
    let facts = known(&brand, &stored).await.unwrap().picture.unwrap();
    // It was held upright, so it is shown so.
    assert_eq!((facts.width, facts.height), (300, 400));
    assert_eq!(facts.taken_at, "2026-11-26T08:30:00+08:00");
    assert_eq!(facts.device, CAMERA);
    let place = (facts.latitude_microdegrees, facts.longitude_microdegrees);
    assert_eq!(place, (Some(31_230_417), Some(121_473_700)));
    let told = known(&own, &stored).await.unwrap().picture.unwrap();
    assert_eq!((told.taken_at.as_str(), told.latitude_microdegrees), ("", None));

    let has_facts = |bytes: &[u8]| {
        let exif = Reader::new().read_from_container(&mut std::io::Cursor::new(bytes));
        let spoken = bytes.windows(6).any(|window| window == b"HUAWEI");
        exif.is_ok() || spoken
    };
    assert!(has_facts(&bytes), "the check would notice");
    for rendition in [Rendition::Unspecified, Rendition::Thumbnail, Rendition::Preview] {
        let (head, shown) = read(&own, &stored.object_id, rendition).await.unwrap();
        assert_eq!((head.media_type.as_str(), head.size), ("image/jpeg", shown.len() as u64));
        assert!(!has_facts(&shown), "{rendition:?}");
        assert_eq!(
            image::load_from_memory(&shown).unwrap().height(),
            if rendition == Rendition::Thumbnail { 320 } else { 400 }
        );
    }
    let no = original(&own, &stored.object_id).await.unwrap_err();
    assert_eq!(reason(&no), "ROLE_MISSING");
    let auditor = system.user("acme", &[Role::Auditor], None);
    assert_eq!(original(&auditor, &stored.object_id).await.unwrap(), bytes);
}

#[tokio::test]
async fn an_upload_that_broke_off_goes_on_after_a_crash() {
    let mut system = System::start().await;
    let brand = system.admin();
    let bytes = jpeg(2_000, 1_200);
    assert!(bytes.len() > 100_000, "{}", bytes.len());
    let asked = attachment("SO-1", "大图.jpg", bytes.len());
    let upload = start(&brand, asked.clone()).await.unwrap();
    let half = bytes.len() / 2;
    append(&brand, &upload.upload_id, 0, &bytes[..half]).await.unwrap();
    system.kill_process();
    system.start_process();
    system.ready().await;

    // The same request finds the same upload, and it is as far as it was.
    let again = start(&brand, asked.clone()).await.unwrap();
    assert_eq!((again.upload_id.as_str(), again.offset), (upload.upload_id.as_str(), half as u64));
    let other = pb::StartUploadRequest { size: 5, ..asked };
    assert_eq!(reason(&start(&brand, other).await.unwrap_err()), "REQUEST_ID_REUSED");
    let asked = pb::GetUploadRequest { upload_id: upload.upload_id.clone() };
    let state = service(&brand).get_upload(brand.says(asked)).await.unwrap().into_inner();
    assert_eq!(state.upload, Some(again));
    let no = append(&brand, &upload.upload_id, 0, &bytes[..half]).await.unwrap_err();
    assert_eq!(reason(&no), "WRONG_OFFSET");
    let no = finish(&brand, &upload.upload_id).await.unwrap_err();
    assert_eq!(reason(&no), "UPLOAD_INCOMPLETE");
    let rest = &bytes[half..];
    let more = [rest, b"x"].concat();
    let no = append(&brand, &upload.upload_id, half as u64, &more).await.unwrap_err();
    assert_eq!(reason(&no), "TOO_MUCH_DATA");
    append(&brand, &upload.upload_id, half as u64, rest).await.unwrap();

    // Finishing is answered again, also after the file is there.
    let request = finishing(&upload.upload_id);
    let ask = async || {
        let answer = service(&brand).finish_upload(brand.says(request.clone())).await;
        answer.unwrap().into_inner().receipt.unwrap()
    };
    let receipt = ask().await;
    assert_eq!(ask().await, receipt);
    assert_eq!(receipt.object_id, upload.upload_id);
    let no = finish(&brand, &upload.upload_id).await.unwrap_err();
    assert_eq!(reason(&no), "ALREADY_STORED");
    assert_eq!(known(&brand, &receipt).await.unwrap().sha256, Sha256::of(&bytes).as_str());
    assert_eq!(original(&brand, &receipt.object_id).await.unwrap(), bytes);
    let pieces =
        system.servers.dir().join("files/uploads/acme").join(upload.upload_id.replace('-', ""));
    let left = std::fs::read_dir(pieces).map_or(0, Iterator::count);
    assert_eq!(left, 0, "pieces are left");
}

#[tokio::test]
async fn of_two_pieces_for_the_same_place_one_is_taken() {
    let system = System::start().await;
    let brand = system.admin();
    let upload = start(&brand, attachment("SO-1", "a.pdf", 3_000)).await.unwrap();
    let piece = vec![b'x'; 1_000];
    let tries = (0..8).map(|_| append(&brand, &upload.upload_id, 0, &piece));
    let came = futures::future::join_all(tries).await;
    assert_eq!(came.iter().filter(|one| one.is_ok()).count(), 1);
    for no in came.into_iter().filter_map(Result::err) {
        assert_eq!(reason(&no), "WRONG_OFFSET");
    }
}

#[tokio::test]
async fn the_same_bytes_of_two_brands_are_two_objects() {
    let system = System::start().await;
    let bytes = png(50, 50);
    for tenant in ["acme", "zenith"] {
        let user = system.user(tenant, &[Role::HqAdmin], None);
        let asked = pb::StartUploadRequest {
            sha256: Sha256::of(&bytes).as_str().to_owned(),
            ..attachment("SO-1", "同.png", bytes.len())
        };
        for _ in 0..2 {
            let asked = pb::StartUploadRequest { request_id: id(), ..asked.clone() };
            let stored = store(&user, asked, &bytes).await.unwrap();
            known(&user, &stored).await.unwrap();
        }
        assert_eq!(listed(&user, "SO-1", 0).await.len(), 2);
        let folder = system.servers.dir().join("files/files").join(tenant);
        let digest = Sha256::of(&bytes);
        let kept = folder.join(&digest.as_str()[..2]).join(digest.as_str()).join("original");
        assert_eq!(std::fs::read(kept).unwrap(), bytes);
    }
    let wrong = pb::StartUploadRequest {
        sha256: "0".repeat(64),
        ..attachment("SO-1", "同.png", bytes.len())
    };
    let no = store(&system.admin(), wrong, &bytes).await.unwrap_err();
    assert_eq!(reason(&no), "DIGEST_MISMATCH");
}

#[tokio::test]
async fn a_tenant_keeps_no_more_than_it_may() {
    let environment = vec![("QUDAO_FILE_QUOTA", "20000".to_owned())];
    let system = System::start_as(Launch { environment, ..Launch::default() }).await;
    let brand = system.admin();
    let first = start(&brand, attachment("SO-1", "a.pdf", 15_000)).await.unwrap();
    let no = start(&brand, attachment("SO-1", "b.pdf", 6_000)).await.unwrap_err();
    assert_eq!((no.code(), reason(&no)), (Code::FailedPrecondition, "QUOTA_EXCEEDED".to_owned()));
    assert!(no.message().contains("5000 of 20000 bytes"), "{}", no.message());
    // Another tenant has room of its own.
    let other = system.user("zenith", &[Role::HqAdmin], None);
    start(&other, attachment("SO-1", "a.pdf", 6_000)).await.unwrap();

    let cancel = pb::CancelUploadRequest { upload_id: first.upload_id.clone() };
    for _ in 0..2 {
        service(&brand).cancel_upload(brand.says(cancel.clone())).await.unwrap();
    }
    let no = append(&brand, &first.upload_id, 0, b"x").await.unwrap_err();
    assert_eq!(reason(&no), "UPLOAD_NOT_FOUND");
    // What is kept already takes no room a second time.
    let bytes = png(60, 60);
    for _ in 0..40_000 / bytes.len() {
        store(&brand, attachment("SO-1", "p.png", bytes.len()), &bytes).await.unwrap();
    }

    // What nobody goes on with gives its room back.
    let left = start(&brand, attachment("SO-1", "c.pdf", 10_000)).await.unwrap();
    append(&brand, &left.upload_id, 0, b"some").await.unwrap();
    let database = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let over = "UPDATE collab_log.uploads SET expires_at = now() WHERE upload_id = $1::uuid";
    sqlx::query(over).bind(&left.upload_id).execute(&database).await.unwrap();
    for _ in 0..300 {
        if start(&brand, attachment("SO-1", "d.pdf", 19_000 - bytes.len())).await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("an upload that is over still takes room");
}

#[tokio::test]
async fn a_range_of_a_file_is_that_part_of_it() {
    let system = System::start().await;
    let brand = system.admin();
    let text = vec![b'a'; 700_000];
    let bytes = [b"%PDF-1.7\n".as_slice(), &text, b"\n%%EOF\n"].concat();
    let stored = store(&brand, attachment("SO-1", "a.pdf", bytes.len()), &bytes).await.unwrap();
    let (_, whole) = read(&brand, &stored.object_id, Rendition::Thumbnail).await.unwrap();
    assert_eq!(whole, bytes);
    for (offset, length, meant) in [
        (0, 5, &bytes[..5]),
        (700_000, 0, &bytes[700_000..]),
        (262_000, 500, &bytes[262_000..262_500]),
    ] {
        let asked = pb::ReadFileRequest {
            file_id: stored.object_id.clone(),
            offset,
            length,
            ..Default::default()
        };
        let mut pieces = service(&brand).read_file(brand.says(asked)).await.unwrap().into_inner();
        let head = pieces.message().await.unwrap().unwrap().head.unwrap();
        assert_eq!(
            (head.size, head.offset, head.length),
            (bytes.len() as u64, offset, meant.len() as u64)
        );
        let mut part = Vec::new();
        while let Some(piece) = pieces.message().await.unwrap() {
            part.extend(piece.data);
        }
        assert_eq!(part, meant);
    }
    let beyond =
        pb::ReadFileRequest { file_id: stored.object_id, offset: 1 << 20, ..Default::default() };
    let no = service(&brand).read_file(brand.says(beyond)).await.unwrap_err();
    assert_eq!((no.code(), reason(&no)), (Code::OutOfRange, "RANGE_BEYOND_END".to_owned()));
}
