//! Files over HTTP: tus and downloads, as a browser and other clients do them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cluster_tests::support::files::{
    Browser, attachment, finish, header, jpeg, photo, store, workbook,
};
use cluster_tests::support::system::{System, User};
use proto::access::v1::Role;

fn metadata(name: &str) -> String {
    let pairs = [
        ("filename", name),
        ("purpose", "attachment"),
        ("object-kind", "order"),
        ("object-id", "SO-1"),
        ("dealer-id", "hengtong"),
    ];
    pairs.map(|(key, value)| format!("{key} {}", STANDARD.encode(value))).join(",")
}

fn browser(system: &System, user: &User) -> Browser {
    Browser::new(&system.web, &user.token)
}

/// Begins an upload; where it goes on.
async fn begin(browser: &Browser, size: usize) -> String {
    let asked = browser
        .tus("POST", "/files")
        .header("upload-length", size)
        .header("upload-metadata", metadata("门店.jpg"));
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 201);
    assert!(header(&answer, "upload-expires").ends_with(" GMT"));
    header(&answer, "location")
}

async fn offset(browser: &Browser, place: &str) -> usize {
    let answer = browser.tus("HEAD", place).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "cache-control").as_str()),
        (200, "no-store")
    );
    header(&answer, "upload-offset").parse().unwrap()
}

async fn patch(browser: &Browser, place: &str, at: usize, bytes: &[u8]) -> reqwest::Response {
    let asked = browser
        .tus("PATCH", place)
        .header("upload-offset", at)
        .header("content-type", "application/offset+octet-stream")
        .body(bytes.to_vec());
    asked.send().await.unwrap()
}

#[tokio::test]
async fn an_upload_by_tus_goes_on_where_the_connection_broke() {
    let system = System::start().await;
    let owner = system.user("acme", &[Role::DealerOwner], Some("hengtong"));
    let browser = browser(&system, &owner);
    let told = browser.ask("OPTIONS", "/files").send().await.unwrap();
    assert_eq!(header(&told, "tus-extension"), "creation,termination,expiration");
    let bytes = jpeg(3_000, 2_000);
    let place = begin(&browser, bytes.len()).await;

    // The connection ends in the middle of a request: what came is kept.
    let came = 40_000;
    broken_off(&system, &owner, &place, &bytes, came).await;
    let mut at = 0;
    for _ in 0..300 {
        at = offset(&browser, &place).await;
        if at > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(at, came);
    let answer = patch(&browser, &place, 0, &bytes[..10]).await;
    assert_eq!(answer.status(), 409);
    let told: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(told["details"][0]["debug"]["reason"], "WRONG_OFFSET");
    let answer = patch(&browser, &place, at, &bytes[at..]).await;
    assert_eq!(answer.status(), 204);
    assert_eq!(header(&answer, "upload-offset"), bytes.len().to_string());
    let stored = finish(&owner, place.rsplit('/').next().unwrap()).await.unwrap();
    let shown = browser.ask("GET", &format!("/files/{}", stored.object_id)).send().await.unwrap();
    assert_eq!(header(&shown, "content-type"), "image/jpeg");

    let place = begin(&browser, 100).await;
    assert_eq!(browser.tus("DELETE", &place).send().await.unwrap().status(), 204);
    assert_eq!(browser.tus("HEAD", &place).send().await.unwrap().status(), 404);
    let other = browser.ask("POST", "/files").header("upload-length", 5).send().await.unwrap();
    assert_eq!((other.status().as_u16(), header(&other, "tus-version").as_str()), (412, "1.0.0"));
    let nobody = Browser::new(&system.web, "no token").tus("POST", "/files");
    let nobody = nobody.header("upload-length", 5).header("upload-metadata", metadata("a.pdf"));
    assert_eq!(nobody.send().await.unwrap().status(), 401);
}

/// Sends the head of a request and a part of its body, and is gone.
async fn broken_off(system: &System, user: &User, place: &str, bytes: &[u8], came: usize) {
    use tokio::io::AsyncWriteExt as _;

    let address = ("127.0.0.1", system.web_port());
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PATCH {place} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\n\
         upload-offset: 0\r\ncontent-type: application/offset+octet-stream\r\n\
         content-length: {}\r\n\r\n",
        user.token,
        bytes.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&bytes[..came]).await.unwrap();
    stream.shutdown().await.unwrap();
    drop(stream);
}

#[tokio::test]
async fn a_download_can_do_nothing_but_be_shown_or_saved() {
    let system = System::start().await;
    let admin = system.admin();
    let bytes = photo(300, 200);
    let asked = attachment("SO-1", "门店 \"一\".jpg", bytes.len());
    let picture = store(&admin, asked, &bytes).await.unwrap().object_id;
    let book = workbook([]);
    let asked = attachment("SO-1", "对账.xlsx", book.len());
    let document = store(&admin, asked, &book).await.unwrap().object_id;

    let browser = browser(&system, &admin);
    let get = async |path: String| browser.ask("GET", &path).send().await.unwrap();
    let shown = get(format!("/files/{picture}?as=thumbnail")).await;
    assert_eq!(shown.status(), 200);
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("content-type", "image/jpeg"),
        ("cache-control", "private, no-cache"),
        ("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'"),
        (
            "content-disposition",
            "inline; filename=\"__ ___.jpg\"; filename*=UTF-8''%E9%97%A8%E5%BA%97%20_%E4%B8%80_.jpg",
        ),
    ] {
        assert_eq!(header(&shown, name), value);
    }
    let etag = header(&shown, "etag");
    let again = browser.ask("GET", &format!("/files/{picture}?as=thumbnail"));
    assert_eq!(again.header("if-none-match", &etag).send().await.unwrap().status(), 304);
    let saved = get(format!("/files/{document}")).await;
    assert!(header(&saved, "content-disposition").starts_with("attachment; "));
    assert_eq!(saved.bytes().await.unwrap(), book);
    let whole = get(format!("/files/{picture}?as=original")).await;
    assert!(header(&whole, "content-disposition").starts_with("attachment; "));
    assert_eq!(whole.bytes().await.unwrap(), bytes);

    for (range, status, meant) in [
        ("bytes=0-3", 206, &book[..4]),
        ("bytes=-5", 206, &book[book.len() - 5..]),
        ("bytes=4-", 206, &book[4..]),
        ("bytes=0-1,4-5", 200, &book[..]),
        ("bytes=99999999-", 416, &[][..]),
    ] {
        let asked = browser.ask("GET", &format!("/files/{document}")).header("range", range);
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), status, "{range}");
        if status != 416 {
            assert_eq!(answer.bytes().await.unwrap(), meant, "{range}");
        }
    }
    assert_eq!(get(format!("/files/{picture}?as=other")).await.status(), 400);
    assert_eq!(
        browser.ask("POST", &format!("/files/{picture}")).send().await.unwrap().status(),
        405
    );
    let dealer = system.user("acme", &[Role::DealerOwner], Some("hengtong"));
    let dealer = Browser::new(&system.web, &dealer.token);
    let no = dealer.ask("GET", &format!("/files/{picture}")).send().await.unwrap();
    assert_eq!(no.status(), 404);
    let no = Browser::new(&system.web, "none").ask("GET", &format!("/files/{picture}"));
    assert_eq!(no.send().await.unwrap().status(), 401);
}
