//! Posting over a small internet of our own, whose every server wishes us ill.

use std::time::Duration;

use toonmill_outbound::{Limits, Network, Ports, PostError, Reply, Sender, UrlProblem};
use toonmill_tests::{Internet, Page, Received, Then};

const LIMITS: Limits = Limits { bytes: 1_000, time: Duration::from_millis(800) };
/// Longer than any test may take.
const PATIENT: Limits = Limits { bytes: 1_000, time: Duration::from_hours(1) };
const HOOK: &str = "https://hooks.example/hook";

async fn begin() -> (Internet, Sender) {
    let (internet, network) = Internet::begin().await;
    (internet, Sender::new(network, Ports::default()))
}

async fn post(sender: &Sender, url: &str) -> Result<Reply, PostError> {
    sender.post(url, &[], "{}", LIMITS).await
}

fn status(status: u16) -> Reply {
    Reply { status, retry_after: None }
}

#[tokio::test]
async fn headers_and_body_arrive_to_the_byte_and_nothing_else_does() {
    let (internet, sender) = begin().await;
    internet.put("hooks.example/hook?of=a%20b", Page::of("text/plain", b"thank you"));
    let body: Vec<u8> = (0..1_000).map(|index| u8::try_from(index % 256).unwrap()).collect();
    let headers = [("content-type", "application/json"), ("webhook-id", "one"), ("webhook-signature", "v1,a v1,b+/=")];
    let reply = sender.post("https://hooks.example/hook?of=a%20b#here", &headers, body.clone(), LIMITS).await;
    assert_eq!(reply, Ok(status(200)));
    let received = internet.received();
    let [Received { head, body: arrived }] = received.as_slice() else { panic!("{}", received.len()) };
    assert!(*arrived == body);
    let (first, headers) = head.trim_end().split_once("\r\n").unwrap();
    assert_eq!(first, "POST /hook?of=a%20b HTTP/1.1");
    let mut headers: Vec<_> = headers.split("\r\n").collect();
    headers.sort_unstable();
    let expected = [
        "accept-encoding: identity",
        "accept: */*",
        "content-length: 1000",
        "content-type: application/json",
        "host: hooks.example",
        concat!("user-agent: toonmill/", env!("CARGO_PKG_VERSION")),
        "webhook-id: one",
        "webhook-signature: v1,a v1,b+/=",
    ];
    assert_eq!(headers, expected);
}

#[tokio::test]
async fn every_status_is_an_answer_and_patience_is_told_in_seconds() {
    let (internet, sender) = begin().await;
    for code in [200, 201, 204, 400, 404, 410, 429, 500, 503] {
        internet.put("hooks.example/hook", Page::raw(&format!("{code} Whatever\r\nContent-Length: 0"), b""));
        assert_eq!(post(&sender, HOOK).await, Ok(status(code)));
    }
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    for (value, retry_after) in [
        ("120", seconds(120)),
        (" 0 ", seconds(0)),
        ("18446744073709551615", seconds(u64::MAX)),
        ("18446744073709551616", None),
        ("-1", None),
        ("1.5", None),
        ("Fri, 20 Nov 2026 11:45:00 GMT", None),
        ("", None),
    ] {
        let head = format!("503 Service Unavailable\r\nRetry-After: {value}\r\nContent-Length: 0");
        internet.put("hooks.example/hook", Page::raw(&head, b""));
        assert_eq!(post(&sender, HOOK).await, Ok(Reply { status: 503, retry_after }), "{value}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (internet, sender) = begin().await;
    for code in [301, 302, 303, 307, 308] {
        let head = format!("{code} Moved\r\nLocation: https://hooks.example/elsewhere\r\nContent-Length: 0");
        internet.put("hooks.example/hook", Page::raw(&head, b""));
        assert_eq!(post(&sender, HOOK).await, Ok(status(code)));
    }
    assert_eq!(internet.asked(), ["hooks.example/hook"; 5]);
}

#[tokio::test]
async fn a_url_that_may_not_be_asked_is_not_called() {
    let (internet, sender) = begin().await;
    for (url, problem) in [
        ("http://hooks.example/hook", UrlProblem::NotHttps),
        ("https://hooks.example:8443/hook", UrlProblem::OtherPort),
        ("https://me@hooks.example/hook", UrlProblem::HasUserInfo),
        ("https://127.0.0.1/2018-06-01/runtime/invocation/next", UrlProblem::NotPublic),
        ("https://169.254.169.254/latest/api/token", UrlProblem::NotPublic),
        ("https://[::1]/", UrlProblem::NotPublic),
        ("https://localhost/", UrlProblem::NotPublic),
        ("hooks.example", UrlProblem::NotAUrl),
    ] {
        assert_eq!(post(&sender, url).await, Err(PostError::Url(problem)), "{url}");
    }
    assert_eq!((internet.asked(), internet.looked_up()), (vec![], vec![]));
}

#[tokio::test]
async fn a_name_with_any_address_that_is_not_public_is_not_connected_to() {
    let (internet, sender) = begin().await;
    internet.put("inside.example/", Page::of("text/plain", b"secret"));
    let private: [&[&str]; 7] = [
        &["127.0.0.1"],
        &["10.0.0.1"],
        &["169.254.169.254"],
        &["93.184.216.34", "192.168.0.1"],
        &["::1"],
        &["fd00:ec2::254"],
        &["::ffff:127.0.0.1"],
    ];
    for addresses in private {
        internet.name("inside.example", &[addresses]);
        let answer = post(&sender, "https://inside.example/").await;
        assert_eq!(answer, Err(PostError::Url(UrlProblem::NotPublic)), "{addresses:?}");
    }
    assert_eq!(internet.asked(), [""; 0]);
}

#[tokio::test]
async fn a_name_whose_addresses_change_gains_nothing() {
    let (internet, sender) = begin().await;
    internet.put("rebinding.example/", Page::of("text/plain", b""));
    internet.name("rebinding.example", &[&["93.184.216.34"], &["127.0.0.1"]]);
    // There is one look-up for a connection, and what it found is what is connected to; the next looks again.
    assert_eq!(post(&sender, "https://rebinding.example/").await, Ok(status(200)));
    assert_eq!(internet.looked_up(), ["rebinding.example"]);
    let again = post(&sender, "https://rebinding.example/").await;
    assert_eq!(again, Err(PostError::Url(UrlProblem::NotPublic)));
    assert_eq!(internet.asked(), ["rebinding.example/"]);
}

#[tokio::test]
async fn a_server_that_does_not_answer_costs_its_time_and_no_more() {
    let (internet, sender) = begin().await;
    let unfinished = || b"HTTP/1.1 200 OK\r\nX-A: ".to_vec();
    for (page, problem) in [
        (Page { start: Vec::new(), then: Then::Silence }, PostError::TooSlow(0)),
        (Page { start: Vec::new(), then: Then::Close }, PostError::CutOff),
        (Page { start: unfinished(), then: Then::Silence }, PostError::TooSlow(0)),
        (Page { start: unfinished(), then: Then::Drip }, PostError::TooSlow(0)),
        (Page { start: unfinished(), then: Then::Close }, PostError::CutOff),
        (Page { start: unfinished(), then: Then::Again(vec![b'a'; 999]) }, PostError::CutOff),
        (Page { start: b"SSH-2.0-OpenSSH\r\n".to_vec(), then: Then::Close }, PostError::CutOff),
    ] {
        internet.put("hooks.example/hook", page.clone());
        assert_eq!(post(&sender, HOOK).await, Err(problem), "{page:?}");
    }
    // None of them is called twice for one call.
    assert_eq!(internet.asked().len(), 7);
}

#[tokio::test]
async fn an_answer_is_its_status_whatever_becomes_of_its_body() {
    let (internet, sender) = begin().await;
    let chunked = "200 OK\r\nTransfer-Encoding: chunked";
    for page in [
        Page::raw("200 OK\r\nContent-Length: 9", b"short"),
        Page::raw("200 OK\r\nContent-Length: 9", b"slow").then(Then::Silence),
        Page::raw("200 OK\r\nContent-Length: 90000", b"slow").then(Then::Drip),
        Page::raw(chunked, b"no size\r\n"),
        Page::raw("200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3", b"\x1f\x8b\x08"),
    ] {
        internet.put("hooks.example/hook", page.clone());
        assert_eq!(post(&sender, HOOK).await, Ok(status(200)), "{page:?}");
    }
}

#[tokio::test]
async fn no_more_than_the_beginning_of_a_large_answer_is_read() {
    let (internet, sender) = begin().await;
    let endless = Then::Again(b"400\r\n".iter().chain(&[7; 0x400]).chain(b"\r\n").copied().collect());
    for page in [
        // Whoever waits for the rest waits until the test is ended from outside.
        Page::raw("200 OK\r\nContent-Length: 1000000000", &[7; 5_000]).then(Then::Silence),
        Page::raw("200 OK", b"").then(Then::Again(vec![7; 1_024])),
        Page::raw("200 OK\r\nTransfer-Encoding: chunked", b"").then(endless),
    ] {
        internet.put("hooks.example/hook", page);
        assert_eq!(sender.post(HOOK, &[], "{}", PATIENT).await, Ok(status(200)));
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_not() {
    let (internet, sender) = begin().await;
    assert_eq!(sender.post(HOOK, &[], vec![0; 1_001], LIMITS).await, Err(PostError::TooLarge(1_000)));
    for header in [("x-a", "one\r\nx-b: two"), ("x a", "one"), ("", "one")] {
        assert_eq!(sender.post(HOOK, &[header], "{}", LIMITS).await, Err(PostError::Unsendable), "{header:?}");
    }
    assert_eq!((internet.asked(), internet.looked_up()), (vec![], vec![]));
}

#[tokio::test]
async fn whoever_is_not_there_or_not_who_it_should_be_is_told_apart() {
    let (internet, sender) = begin().await;
    internet.name("impostor.example", &[&["93.184.216.34"]]);
    internet.name("empty.example", &[&[]]);
    assert_eq!(post(&sender, "https://impostor.example/").await, Err(PostError::Tls));
    assert_eq!(post(&sender, "https://nowhere.example/").await, Err(PostError::NoConnection));
    assert_eq!(post(&sender, "https://empty.example/").await, Err(PostError::NoConnection));
    assert_eq!(internet.asked(), [""; 0]);
}

#[tokio::test]
async fn the_internet_itself_is_called_by_checked_names_only() {
    let sender = Sender::new(Network::internet().unwrap(), Ports::default());
    // The system's resolver knows this one without asking anybody.
    let ours = post(&sender, "https://localhost.localdomain/").await;
    assert_eq!(ours, Err(PostError::Url(UrlProblem::NotPublic)));
}
