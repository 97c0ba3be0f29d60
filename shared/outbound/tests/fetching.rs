//! Fetching over a small internet of our own, whose every server wishes us ill.

use std::time::Duration;

use toonmill_outbound::{FetchError, Fetched, Fetcher, Limits, Ports, UrlProblem};
use toonmill_tests::{Internet, Page, Then};

const LIMITS: Limits = Limits { bytes: 100_000, time: Duration::from_millis(800) };

async fn begin() -> (Internet, Fetcher) {
    let (internet, network) = Internet::begin().await;
    (internet, Fetcher::new(network, Ports::default()))
}

async fn fetch(fetcher: &Fetcher, url: &str) -> Result<Fetched, FetchError> {
    fetcher.fetch(url, "image/*", LIMITS).await
}

#[tokio::test]
async fn a_page_is_fetched_with_what_its_server_calls_it() {
    let (internet, fetcher) = begin().await;
    internet.put("pictures.example/a.png?x=1", Page::of("Image/PNG; charset=binary", b"bytes"));
    let answer = fetch(&fetcher, "https://pictures.example/a.png?x=1#here").await.unwrap();
    assert_eq!((answer.bytes.as_slice(), answer.mime_type.as_deref()), (b"bytes".as_slice(), Some("image/png")));
    assert_eq!(fetch(&fetcher, "https://pictures.example/none").await, Err(FetchError::Status(404)));
    assert_eq!(fetch(&fetcher, "https://nowhere.example/").await, Err(FetchError::NoAnswer));
    internet.name("empty.example", &[&[]]);
    assert_eq!(fetch(&fetcher, "https://empty.example/").await, Err(FetchError::NoAnswer));
}

#[tokio::test]
async fn three_redirects_are_followed_and_no_more() {
    let (internet, fetcher) = begin().await;
    internet.put("pictures.example/1", Page::redirect("/2"));
    internet.put("pictures.example/2", Page::redirect("https://mirror.example/3"));
    internet.put("mirror.example/3", Page::redirect("//pictures.example/4"));
    internet.put("pictures.example/4", Page::of("image/png", b"x"));
    assert_eq!(fetch(&fetcher, "https://pictures.example/1").await.unwrap().bytes, b"x");
    internet.put("pictures.example/0", Page::redirect("/1"));
    assert_eq!(fetch(&fetcher, "https://pictures.example/0").await, Err(FetchError::TooManyRedirects));
    internet.put("pictures.example/round", Page::redirect("/round"));
    assert_eq!(fetch(&fetcher, "https://pictures.example/round").await, Err(FetchError::TooManyRedirects));
}

#[tokio::test]
async fn a_redirect_goes_nowhere_that_a_link_may_not_go() {
    let (internet, fetcher) = begin().await;
    internet.name("inside.example", &[&["10.0.0.7"]]);
    for (location, problem) in [
        ("http://pictures.example/x", FetchError::Redirect(UrlProblem::NotHttps)),
        ("file:///etc/passwd", FetchError::Redirect(UrlProblem::NotHttps)),
        ("https://169.254.169.254/latest/meta-data/", FetchError::Redirect(UrlProblem::NotPublic)),
        ("https://[::ffff:169.254.169.254]/", FetchError::Redirect(UrlProblem::NotPublic)),
        ("https://2852039166/", FetchError::Redirect(UrlProblem::NotPublic)),
        ("//localhost/", FetchError::Redirect(UrlProblem::NotPublic)),
        ("https://user@pictures.example/", FetchError::Redirect(UrlProblem::HasUserInfo)),
        ("https://pictures.example:8443/", FetchError::Redirect(UrlProblem::OtherPort)),
        ("https://[", FetchError::Redirect(UrlProblem::NotAUrl)),
        // This one shows only when it is looked up.
        ("https://inside.example/", FetchError::Url(UrlProblem::NotPublic)),
    ] {
        internet.put("pictures.example/away", Page::redirect(location));
        assert_eq!(fetch(&fetcher, "https://pictures.example/away").await, Err(problem), "{location}");
    }
    assert!(internet.asked().iter().all(|place| place == "pictures.example/away"), "{:?}", internet.asked());
}

#[tokio::test]
async fn a_name_with_any_address_that_is_not_public_is_not_connected_to() {
    let (internet, fetcher) = begin().await;
    internet.put("inside.example/", Page::of("image/png", b"secret"));
    let private: [&[&str]; 9] = [
        &["127.0.0.1"],
        &["10.0.0.1"],
        &["169.254.169.254"],
        &["93.184.216.34", "192.168.0.1"],
        &["192.168.0.1", "93.184.216.34"],
        &["::1"],
        &["fd00:ec2::254"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::a00:1"],
    ];
    for addresses in private {
        internet.name("inside.example", &[addresses]);
        let answer = fetch(&fetcher, "https://inside.example/").await;
        assert_eq!(answer, Err(FetchError::Url(UrlProblem::NotPublic)), "{addresses:?}");
    }
    assert_eq!(internet.asked(), [""; 0]);
}

#[tokio::test]
async fn an_answer_that_changes_between_the_check_and_the_connection_gains_nothing() {
    let (internet, fetcher) = begin().await;
    internet.put("rebinding.example/", Page::of("image/png", b"x"));
    internet.put("rebinding.example/again", Page::redirect("/"));
    // There is one look-up for a connection, and what it found is what is connected to.
    internet.name("rebinding.example", &[&["93.184.216.34"], &["127.0.0.1"]]);
    assert_eq!(fetch(&fetcher, "https://rebinding.example/").await.unwrap().bytes, b"x");
    assert_eq!(internet.looked_up(), ["rebinding.example"]);
    // The next connection looks again, after a redirect too.
    internet.name("rebinding.example", &[&["93.184.216.34"], &["127.0.0.1"]]);
    let answer = fetch(&fetcher, "https://rebinding.example/again").await;
    assert_eq!(answer, Err(FetchError::Url(UrlProblem::NotPublic)));
    assert_eq!(internet.asked(), ["rebinding.example/", "rebinding.example/again"]);
}

#[tokio::test]
async fn a_hostile_body_costs_neither_time_nor_memory() {
    let (internet, fetcher) = begin().await;
    let chunked = "200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked";
    let endless = Then::Again(b"400\r\n".iter().chain(&[7; 0x400]).chain(b"\r\n").copied().collect());
    let packed = "200 OK\r\nContent-Type: image/png\r\nContent-Encoding: gzip\r\nContent-Length: 3";
    for (page, problem) in [
        (Page::raw("200 OK\r\nContent-Length: 100001", b"x").then(Then::Silence), FetchError::TooLarge(100_000)),
        (Page::raw("200 OK\r\nContent-Length: 9223372036854775807", b"x"), FetchError::TooLarge(100_000)),
        (Page::raw(chunked, b"").then(endless), FetchError::TooLarge(100_000)),
        (Page::raw("200 OK", b"").then(Then::Again(vec![7; 1024])), FetchError::TooLarge(100_000)),
        (Page::raw("200 OK\r\nContent-Length: 9", b"short"), FetchError::CutShort),
        (Page::raw(chunked, b"5\r\nshort"), FetchError::CutShort),
        (Page::raw("200 OK\r\nContent-Length: 9", b"slow").then(Then::Silence), FetchError::TooSlow(0)),
        (Page::raw("200 OK\r\nContent-Length: 90000", b"slow").then(Then::Drip), FetchError::TooSlow(0)),
        (Page { start: b"HTTP/1.1 200 OK\r\nX-A: ".to_vec(), then: Then::Drip }, FetchError::TooSlow(0)),
        (Page { start: Vec::new(), then: Then::Silence }, FetchError::TooSlow(0)),
        (Page { start: b"HTTP/1.1 200 OK\r\nX-A: ".to_vec(), then: Then::Silence }, FetchError::TooSlow(0)),
        (
            Page { start: b"HTTP/1.1 200 OK\r\nX-A: ".to_vec(), then: Then::Again(vec![b'a'; 999]) },
            FetchError::NoAnswer,
        ),
        (Page { start: b"SSH-2.0-OpenSSH\r\n".to_vec(), then: Then::Close }, FetchError::NoAnswer),
        (Page::raw(packed, b"\x1f\x8b\x08"), FetchError::Compressed),
        (Page::raw("500 Internal Server Error\r\nContent-Length: 0", b""), FetchError::Status(500)),
        (Page::raw("206 Partial Content\r\nContent-Length: 1", b"x"), FetchError::Status(206)),
        (Page::raw("304 Not Modified", b""), FetchError::Status(304)),
        (Page::raw("302 Found\r\nContent-Length: 0", b""), FetchError::Status(302)),
    ] {
        internet.put("pictures.example/bad", page.clone());
        let answer = fetch(&fetcher, "https://pictures.example/bad").await;
        assert_eq!(answer, Err(problem), "{}", String::from_utf8_lossy(&page.start));
    }
    // More than was announced is not read.
    internet.put("pictures.example/more", Page::raw("200 OK\r\nContent-Length: 2", b"abcdef"));
    assert_eq!(fetch(&fetcher, "https://pictures.example/more").await.unwrap().bytes, b"ab");
}

#[tokio::test]
async fn a_server_without_a_certificate_for_its_name_is_not_believed() {
    let (internet, fetcher) = begin().await;
    internet.name("impostor.example", &[&["93.184.216.34"]]);
    internet.put("impostor.example/", Page::of("image/png", b"x"));
    assert_eq!(fetch(&fetcher, "https://impostor.example/").await, Err(FetchError::NoAnswer));
    assert_eq!(internet.asked(), [""; 0]);
}

#[tokio::test]
async fn the_internet_itself_is_asked_by_checked_names_only() {
    let fetcher = Fetcher::new(toonmill_outbound::Network::internet().unwrap(), Ports::default());
    // The system's resolver knows this one without asking anybody.
    let ours = fetch(&fetcher, "https://localhost.localdomain/").await;
    assert_eq!(ours, Err(FetchError::Url(UrlProblem::NotPublic)));
}
