//! The token: in the path of each call, and nowhere else, however the call ends.

use std::{
    error::Error as _,
    fmt::Write as _,
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use toonmill_telegram::{
    Bot, UploadKind,
    bot::{Error, File, TimeLimits},
};
use tracing_subscriber::fmt::MakeWriter;

use crate::server::{Answer, CHAT, SECRET, Server, bot, picture, recording, recordings};

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

/// Every recorded answer, whose words quote the token.
fn recorded() -> Vec<(String, Answer)> {
    let answer = |name: String| {
        let mut recording = recording("responses", &name);
        let status = u16::try_from(recording["status"].as_u64().unwrap()).unwrap();
        if let Some(Value::String(words)) = recording["body"].get_mut("description") {
            *words = format!("{words} (/bot123456:{SECRET}/sendMessage)");
        }
        (name, Answer::json(status, &recording["body"]))
    };
    recordings().into_iter().map(answer).collect()
}

/// The ways of not answering.
fn unanswered() -> Vec<(String, Answer)> {
    let half = format!("{{\"ok\":false,\"description\":\"{SECRET}\"}}").into_bytes();
    [
        ("closed", Answer::Closed),
        ("reset", Answer::Reset),
        ("silence", Answer::Silence),
        ("half", Answer::Half(200, half.clone())),
        ("no JSON", Answer::Whole(200, String::new(), SECRET.into())),
        ("a page", Answer::Whole(502, String::new(), SECRET.into())),
        ("elsewhere", Answer::Whole(302, format!("location: http://127.0.0.1:1/bot123456:{SECRET}/\r\n"), half)),
    ]
    .map(|(name, answer)| (name.to_owned(), answer))
    .into()
}

/// All that an error tells, by each way of asking it.
fn told(error: &Error) -> String {
    let mut told = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        write!(told, " {inner} {inner:?}").unwrap();
        cause = inner.source();
    }
    told
}

/// What comes of a call of each manner: by JSON, by a form, and a download.
async fn outcomes(bot: &Bot) -> String {
    let file = File { path: Some("photos/file_0.jpg".to_owned()), size_bytes: None };
    let outcomes = [
        bot.send_message(&CHAT, "x", None).await.map(drop),
        bot.send_picture(&CHAT, picture(UploadKind::Photo), "x").await.map(drop),
        bot.download(&file).await.map(drop),
    ];
    let told = |outcome: Result<(), Error>| outcome.as_ref().map_or_else(told, |()| String::new());
    outcomes.map(told).concat()
}

#[tokio::test]
async fn the_token_is_in_the_path_and_nowhere_else() {
    let log = Log::default();
    // Of the libraries too, some of which write to `log`.
    tracing_log::LogTracer::init().unwrap();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    // For all threads: where another test comes first by a place that logs, that place would stay silent.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let hurried = TimeLimits { call: Duration::from_millis(300), transfer: Duration::from_millis(300) };
    for (name, answer) in recorded().into_iter().chain(unanswered()) {
        let server = Server::start(answer).await;
        let bot = server.bot().within(hurried);
        let shown = format!("{bot:?} {}", outcomes(&bot).await);
        assert!(!shown.contains(SECRET), "{name}: {shown}");
        assert_eq!(server.received().len(), 3, "{name}");
        for request in server.received() {
            // A call that was reset has not been read.
            if !request.head.is_empty() {
                let line = request.head.lines().next().unwrap();
                assert!(line.contains(SECRET) && request.head.matches(SECRET).count() == 1, "{}", request.head);
            }
            assert!(!String::from_utf8_lossy(&request.body).contains(SECRET), "{name}");
        }
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for url in [format!("http://{closed}"), "http://nowhere.invalid".to_owned(), format!("https://{closed}")] {
        let shown = outcomes(&bot(&url)).await;
        assert!(shown.contains("cannot be reached") && !shown.contains(SECRET), "{shown}");
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for source in ["reqwest", "hyper"] {
        assert!(log.contains(source), "the log of {source} is really looked at");
    }
    let told = log.lines().find(|line| line.contains(SECRET));
    assert_eq!(told, None);
}
