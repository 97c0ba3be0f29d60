//! What providers answer, through the real clients.

use std::{
    fs,
    panic::AssertUnwindSafe,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};
use toonmill_domain::Failure;
use toonmill_providers::{Account, Catalogue, DrawRequest, Drawing, Kind, Providers, Secret, Settings};

use crate::{decisions::Decisions, spoil};

/// Looked for wherever a key must not be.
const KEY: &str = "marker-key-90d2";
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// What the server says next: a status and a body.
type Next = Arc<Mutex<(u16, Vec<u8>)>>;

/// A provider that says what it is told.
struct Puppet {
    runtime: Runtime,
    providers: Providers,
    catalogue: Catalogue,
    next: Next,
}

impl Puppet {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let next = Next::default();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let account = |kind| {
            let path = match kind {
                Kind::Gemini => "",
                Kind::Seedream => "/api/v3",
                Kind::OpenAi => "/v1",
            };
            (kind, Account { api_key: Secret::new(KEY), base_url: Some(format!("{url}{path}")) })
        };
        let settings = Settings { accounts: Kind::ALL.into_iter().map(account).collect() };
        let providers = Providers::connect(&settings).unwrap();
        let said = Arc::clone(&next);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&said)));
            }
        });
        Self { runtime, providers, catalogue: Catalogue::built_in().unwrap(), next }
    }

    fn draw(&self, kind: Kind, status: u16, body: Vec<u8>) -> Result<Drawing, Failure> {
        *self.next.lock().unwrap() = (status, body);
        let model = match kind {
            Kind::Gemini => "gemini-3-pro-image",
            Kind::Seedream => "seedream-4-5-251128",
            Kind::OpenAi => "gpt-image-2",
        };
        let model = self.catalogue.image_model(model).unwrap().model;
        let request = DrawRequest {
            model,
            prompt: "a red square",
            aspect_ratio: "16:9".parse().unwrap(),
            image_size: None,
            references: &[],
            watermark: None,
            time_limit: TIME_LIMIT,
        };
        self.runtime.block_on(self.providers.get(&model.provider).unwrap().draw(request))
    }
}

/// Reads a request to the end of its body, and answers.
async fn answer(mut stream: TcpStream, next: Next) {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if bytes.len() >= end + 4 + length.unwrap_or(0) {
            break;
        }
    }
    let (status, body) = next.lock().unwrap().clone();
    let head = format!(
        "HTTP/1.1 {status} .\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    // Whoever has heard enough may hang up.
    let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
}

/// Recorded answers of a provider.
fn recorded(kind: Kind) -> Vec<(u16, Value)> {
    let folder = [env!("CARGO_MANIFEST_DIR"), "../shared/providers/fixtures", kind.as_str(), "responses"];
    let folder: PathBuf = folder.iter().collect();
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let recordings = paths.iter().map(|path| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap());
    recordings
        .map(|recording| (u16::try_from(recording["status"].as_u64().unwrap()).unwrap(), recording["body"].clone()))
        .collect()
}

#[test]
fn answers() {
    let puppet = AssertUnwindSafe(Puppet::new());
    let recorded: Vec<_> = Kind::ALL.into_iter().map(|kind| (kind, recorded(kind))).collect();
    bolero::check!().with_iterations(400).for_each(|input: &[u8]| {
        let mut decisions = Decisions::new(input);
        let (kind, recordings) = decisions.one_of(&recorded);
        let (status, right) = decisions.one_of(recordings);
        let status = if decisions.below(4) == 0 { *decisions.one_of(&[200, 400, 429, 500, 503]) } else { *status };
        let body = if decisions.below(2) == 0 {
            spoil::json(right, &mut decisions).to_string().into_bytes()
        } else {
            spoil::bytes(right.to_string().as_bytes(), &mut decisions)
        };
        match puppet.draw(*kind, status, body) {
            Ok(drawing) => {
                assert_eq!(status, 200);
                assert!(!drawing.bytes.is_empty(), "a picture of nothing");
                let kept = format!("{:?} {:?} {:?}", drawing.mime_type, drawing.model_version, drawing.usage);
                assert!(kept.len() < 4_096, "{} bytes are kept of an answer's words", kept.len());
            }
            Err(failure) => {
                let shown = format!("{failure:?}");
                assert!(shown.len() < 1_000 && !shown.contains(KEY), "{shown}");
            }
        }
    });
}
