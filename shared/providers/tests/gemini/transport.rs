//! Calls that get no whole answer, and the key that must not show.

use std::{
    fmt::Write as _,
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use toonmill_domain::{Failure, FailureCode};
use toonmill_providers::{Account, Providers, Secret, Settings, SetupError};
use tracing_subscriber::fmt::MakeWriter;

use crate::server::{Answer, KEY, Server, Sketch, answered, recording, settings};

fn picture() -> Vec<u8> {
    recording("responses", "image_pro")["body"].to_string().into_bytes()
}

fn hurried() -> Sketch {
    Sketch { time_limit: Duration::from_secs(1), ..Sketch::default() }
}

#[tokio::test]
async fn each_way_of_breaking_off_has_its_outcome_after_one_call() {
    let cases = [
        (Answer::Closed, FailureCode::Overloaded, "connection lost"),
        (Answer::Reset, FailureCode::Overloaded, "connection lost"),
        (Answer::Silence, FailureCode::TimedOut, "no answer in time"),
        (Answer::Half(picture()), FailureCode::TimedOut, "the answer was cut short"),
        (Answer::Stalled(picture()), FailureCode::TimedOut, "the answer did not end in time"),
    ];
    for (answer, code, detail) in cases {
        let server = Server::start(answer).await;
        let sketch = if detail.ends_with("in time") { hurried() } else { Sketch::default() };
        let failure = sketch.draw(&server.providers()).await.unwrap_err();
        assert_eq!(failure, Failure::new(code).detail(detail));
        assert_eq!(server.received().len(), 1, "{detail}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_an_overload() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let providers = Providers::connect(&settings(&format!("http://{closed}"))).unwrap();
    let failure = Sketch::default().draw(&providers).await.unwrap_err();
    assert_eq!(failure, Failure::new(FailureCode::Overloaded).detail("no connection"));
}

#[tokio::test]
async fn an_answer_without_end_is_not_read() {
    for announced in [None, Some((64 << 20) + 1)] {
        let failure = answered(Answer::Endless(announced)).await.unwrap_err();
        assert_eq!(failure, Failure::new(FailureCode::InvalidImage).detail("the answer is larger than 64 MB"));
    }
}

#[test]
fn settings_that_cannot_work_are_refused_by_name() {
    let with = |key: &str, url: &str| {
        let account = Account { api_key: Secret::new(key), base_url: Some(url.to_owned()) };
        Providers::connect(&Settings { gemini: Some(account) }).map(|_| ()).unwrap_err()
    };
    assert!(matches!(with("a\nb", "http://x"), SetupError::Key { provider: "gemini" }));
    assert!(matches!(with(KEY, "localhost:1"), SetupError::BaseUrl { provider: "gemini" }));
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
    for answer in [Answer::recorded("image_pro"), Answer::recorded("err_400_key"), Answer::Reset, Answer::Silence] {
        let server = Server::start(answer).await;
        let providers = server.providers();
        write!(shown, "{:?} {providers:?}", settings(&server.url)).unwrap();
        write!(shown, "{:?}", hurried().draw(&providers).await).unwrap();
        for request in server.received().iter().filter(|request| !request.head.is_empty()) {
            assert_eq!(request.head.matches(KEY).count(), 1);
            assert!(request.head.contains(&format!("\r\nx-goog-api-key: {KEY}\r\n")));
        }
    }
    let unusable = Account { api_key: Secret::new(format!("{KEY}\n")), base_url: None };
    write!(shown, "{:?}", Providers::connect(&Settings { gemini: Some(unusable) }).unwrap_err()).unwrap();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the provider did not answer"), "the log is really looked at");
    assert!(!shown.contains(KEY) && !log.contains(KEY));
}
