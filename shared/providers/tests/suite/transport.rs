//! Calls that get no whole answer, and the key that must not show.

use std::{
    fmt::Write as _,
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use toonmill_domain::{Failure, FailureCode};
use toonmill_providers::{Account, Kind, Providers, Secret, Settings, SetupError};
use tracing_subscriber::fmt::MakeWriter;

use crate::server::{Answer, KEY, Server, Sketch, answered, recording, settings};

/// A recorded answer with a picture.
fn good(kind: Kind) -> &'static str {
    match kind {
        Kind::Gemini => "image_pro",
        Kind::Seedream => "generate_b64",
        Kind::OpenAi => "images_generate",
    }
}

fn picture(kind: Kind) -> Vec<u8> {
    recording(kind, "responses", good(kind))["body"].to_string().into_bytes()
}

fn hurried(kind: Kind) -> Sketch {
    Sketch { time_limit: Duration::from_secs(1), ..Sketch::by(kind) }
}

#[tokio::test]
async fn each_way_of_breaking_off_has_its_outcome_after_one_call() {
    for kind in Kind::ALL {
        let cases = [
            (Answer::Closed, FailureCode::Overloaded, "connection lost"),
            (Answer::Reset, FailureCode::Overloaded, "connection lost"),
            (Answer::Silence, FailureCode::TimedOut, "no answer in time"),
            (Answer::Half(picture(kind)), FailureCode::TimedOut, "the answer was cut short"),
            (Answer::Stalled(picture(kind)), FailureCode::TimedOut, "the answer did not end in time"),
        ];
        for (answer, code, detail) in cases {
            let server = Server::start(answer).await;
            let sketch = if detail.ends_with("in time") { hurried(kind) } else { Sketch::by(kind) };
            let failure = sketch.draw(&server.providers()).await.unwrap_err();
            assert_eq!(failure, Failure::new(code).detail(detail), "{kind:?}");
            assert_eq!(server.received().len(), 1, "{kind:?}, {detail}");
        }
    }
}

#[tokio::test]
async fn a_refused_connection_is_an_overload() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let providers = Providers::connect(&settings(&format!("http://{closed}"))).unwrap();
    for kind in Kind::ALL {
        let failure = Sketch::by(kind).draw(&providers).await.unwrap_err();
        assert_eq!(failure, Failure::new(FailureCode::Overloaded).detail("no connection"), "{kind:?}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read() {
    for announced in [None, Some((64 << 20) + 1)] {
        let failure = answered(Kind::Gemini, Answer::Endless(announced)).await.unwrap_err();
        assert_eq!(failure, Failure::new(FailureCode::InvalidImage).detail("the answer is larger than 64 MB"));
    }
}

#[test]
fn settings_that_cannot_work_are_refused_by_name() {
    for kind in Kind::ALL {
        let with = |key: &str, url: &str| {
            let account = Account { api_key: Secret::new(key), base_url: Some(url.to_owned()) };
            Providers::connect(&Settings { accounts: [(kind, account)].into() }).map(|_| ()).unwrap_err()
        };
        assert!(matches!(with("a\nb", "http://x"), SetupError::Key { provider } if provider == kind.as_str()));
        assert!(matches!(with(KEY, "localhost:1"), SetupError::BaseUrl { provider } if provider == kind.as_str()));
    }
    assert_eq!(Providers::connect(&Settings::default()).unwrap().configured().count(), 0);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_key_is_in_one_header_and_nowhere_else() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let mut shown = String::new();
    for kind in Kind::ALL {
        let (header, refused) = match kind {
            Kind::Gemini => (format!("\r\nx-goog-api-key: {KEY}\r\n"), "err_400_key"),
            Kind::Seedream | Kind::OpenAi => (format!("\r\nauthorization: Bearer {KEY}\r\n"), "err_401"),
        };
        // OpenAI's message quotes the key.
        let refused = recording(kind, "responses", refused)["body"].to_string().replace("oracle-key", KEY);
        let refused = Answer::json(401, &serde_json::from_str(&refused).unwrap());
        for answer in [Answer::recorded(kind, good(kind)), refused, Answer::Reset, Answer::Silence] {
            let server = Server::start(answer).await;
            let providers = server.providers();
            write!(shown, "{:?} {providers:?}", settings(&server.url)).unwrap();
            write!(shown, "{:?}", hurried(kind).draw(&providers).await).unwrap();
            for request in server.received().iter().filter(|request| !request.head.is_empty()) {
                assert_eq!(request.head.matches(KEY).count(), 1);
                assert!(request.head.contains(&header), "{}", request.head);
            }
        }
        let unusable = Account { api_key: Secret::new(format!("{KEY}\n")), base_url: None };
        let unusable = Settings { accounts: [(kind, unusable)].into() };
        write!(shown, "{:?}", Providers::connect(&unusable).unwrap_err()).unwrap();
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the provider did not answer"), "the log is really looked at");
    assert!(!shown.contains(KEY) && !log.contains(KEY));
}
