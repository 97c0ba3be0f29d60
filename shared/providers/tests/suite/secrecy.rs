//! The key: in one header of each call, and nowhere else, however the call ends.

use std::{
    fmt::Write as _,
    fs,
    io::Write,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use toonmill_providers::{Account, Kind, Providers, Secret, Settings};
use tracing_subscriber::fmt::MakeWriter;

use crate::{
    server::{Answer, KEY, Received, Server, Sketch, recording, settings},
    writing::{Essay, WRITERS},
};

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

/// Every recorded answer of a provider, whose every message quotes the key, as OpenAI's 401 does.
fn recorded(kind: Kind) -> Vec<(String, Answer)> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fixtures", kind.as_str(), "responses"].iter().collect();
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files
        .map(|file| {
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            let mut recording = recording(kind, "responses", &name);
            let status = u16::try_from(recording["status"].as_u64().unwrap()).unwrap();
            quote_key(&mut recording["body"]);
            (name, Answer::json(status, &recording["body"]))
        })
        .collect()
}

fn quote_key(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("message" | "finishMessage" | "refusal", text) => *text = format!("Wrong: {KEY}").into(),
                    (_, value) => quote_key(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(quote_key),
        _ => {}
    }
}

/// The ways of not answering.
fn unanswered() -> Vec<(String, Answer)> {
    let half = format!("{{\"error\":\"{KEY}\"}}").into_bytes();
    [
        ("closed", Answer::Closed),
        ("reset", Answer::Reset),
        ("silence", Answer::Silence),
        ("half", Answer::Half(half.clone())),
        ("stalled", Answer::Stalled(half.clone())),
        ("no JSON", Answer::Whole(200, String::new(), KEY.into())),
        ("a page", Answer::Whole(502, String::new(), KEY.into())),
        ("elsewhere", Answer::Whole(302, format!("location: http://127.0.0.1:1/?key={KEY}\r\n"), half)),
    ]
    .map(|(name, answer)| (name.to_owned(), answer))
    .into()
}

fn assert_only_in_its_header(kind: Kind, name: &str, request: &Received) {
    let header = match kind {
        Kind::Gemini => format!("\r\nx-goog-api-key: {KEY}\r\n"),
        Kind::Seedream | Kind::OpenAi => format!("\r\nauthorization: Bearer {KEY}\r\n"),
    };
    // A call that was reset has not been read.
    if !request.head.is_empty() {
        assert_eq!(request.head.matches(KEY).count(), 1, "{kind:?}, {name}");
        assert!(request.head.contains(&header), "{}", request.head);
    }
    assert!(!String::from_utf8_lossy(&request.body).contains(KEY), "{kind:?}, {name}");
}

#[tokio::test]
async fn the_key_is_in_one_header_and_nowhere_else() {
    let log = Log::default();
    // Of the libraries too, some of which write to `log`.
    tracing_log::LogTracer::init().unwrap();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    // For all threads: where another test comes first by a place that logs, that place would stay silent.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let mut shown = String::new();
    for kind in Kind::ALL {
        let mut outcomes = 0;
        for (name, answer) in recorded(kind).into_iter().chain(unanswered()) {
            let server = Server::start(answer).await;
            let providers = server.providers();
            write!(shown, "{:?} {providers:?}", settings(&server.url)).unwrap();
            let limit = Duration::from_millis(300);
            let sketch = Sketch { time_limit: limit, ..Sketch::by(kind) };
            write!(shown, "{:?}", sketch.draw(&providers).await).unwrap();
            if WRITERS.contains(&kind) {
                for essay in [Essay::by(kind), Essay::with_schema(kind)] {
                    let essay = Essay { time_limit: limit, ..essay };
                    write!(shown, "{:?}", essay.write(&providers).await).unwrap();
                }
            }
            assert!(!server.received().is_empty());
            for request in server.received() {
                assert_only_in_its_header(kind, &name, &request);
            }
            assert!(!shown.contains(KEY), "{kind:?}, {name}");
            outcomes += 1;
        }
        assert!(outcomes > 20, "{kind:?}: {outcomes}");
        let unusable = Account { api_key: Secret::new(format!("{KEY}\n")), base_url: None };
        let unusable = Settings { accounts: [(kind, unusable)].into() };
        write!(shown, "{:?}", Providers::connect(&unusable).unwrap_err()).unwrap();
    }
    assert!(!shown.contains(KEY));
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for source in ["the provider did not answer", "reqwest", "hyper"] {
        assert!(log.contains(source), "the log of {source} is really looked at");
    }
    let told = log.lines().find(|line| line.contains(KEY));
    assert_eq!(told, None);
}
