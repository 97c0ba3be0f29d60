//! An HTTP/1.1 server of one answer, which can also break off in every way a network does.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use toonmill_domain::Failure;
use toonmill_providers::{Account, Catalogue, DrawRequest, Drawing, Kind, Providers, Reference, Secret, Settings};

/// Looked for wherever a key must not be.
pub(crate) const KEY: &str = "marker-key-51f3";

#[derive(Clone)]
pub(crate) enum Answer {
    /// Status, header lines and body.
    Whole(u16, String, Vec<u8>),
    /// A 200 that announces this body and ends half-way.
    Half(Vec<u8>),
    /// A 200 that announces this body, sends half and then nothing more.
    Stalled(Vec<u8>),
    /// The request is read, and the connection closed.
    Closed,
    /// The connection is reset in the middle of the request.
    Reset,
    Silence,
    /// A 200 that may announce a length, and goes on for ever.
    Endless(Option<usize>),
}

#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Server {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::Whole(status, "content-type: application/json\r\n".into(), body.to_string().into_bytes())
    }

    /// A recorded answer of a provider.
    pub(crate) fn recorded(kind: Kind, name: &str) -> Self {
        let recording = recording(kind, "responses", name);
        let status = u16::try_from(recording["status"].as_u64().unwrap()).unwrap();
        let headers = recording["headers"].as_object().unwrap().iter();
        let headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {}\r\n", value.as_str().unwrap())).collect();
        let headers = headers.concat();
        match &recording["body"] {
            Value::String(text) => Self::Whole(status, headers, text.clone().into()),
            body => Self::Whole(status, headers, body.to_string().into_bytes()),
        }
    }
}

pub(crate) fn recording(kind: Kind, folder: &str, name: &str) -> Value {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "fixtures", kind.as_str(), folder, &format!("{name}.json")].iter().collect();
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

impl Server {
    pub(crate) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answer.clone(), Arc::clone(&seen)));
            }
        });
        Self { url, received }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) fn providers(&self) -> Providers {
        Providers::connect(&settings(&self.url)).unwrap()
    }
}

/// All providers, at this address.
pub(crate) fn settings(url: &str) -> Settings {
    let path = |kind| match kind {
        Kind::Gemini => "",
        Kind::Seedream => "/api/v3",
        Kind::OpenAi => "/v1",
    };
    let account = |kind| Account { api_key: Secret::new(KEY), base_url: Some(format!("{url}{}", path(kind))) };
    Settings { accounts: Kind::ALL.into_iter().map(|kind| (kind, account(kind))).collect() }
}

async fn serve(mut stream: TcpStream, answer: Answer, seen: Arc<Mutex<Vec<Received>>>) {
    if matches!(answer, Answer::Reset) {
        // Closing with bytes unread makes the kernel reset the connection.
        stream.readable().await.unwrap();
        seen.lock().unwrap().push(Received { head: String::new(), body: Vec::new() });
        return;
    }
    let request = read_request(&mut stream).await;
    seen.lock().unwrap().push(request);
    let reply = |status: u16, headers: &str, length: usize, body: &[u8]| {
        let head = format!("HTTP/1.1 {status} .\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
        [head.as_bytes(), body].concat()
    };
    match answer {
        Answer::Whole(status, headers, body) => {
            stream.write_all(&reply(status, &headers, body.len(), &body)).await.unwrap();
        }
        Answer::Half(body) => {
            stream.write_all(&reply(200, "", body.len(), &body[..body.len() / 2])).await.unwrap();
        }
        Answer::Stalled(body) => {
            stream.write_all(&reply(200, "", body.len(), &body[..body.len() / 2])).await.unwrap();
            std::future::pending::<()>().await;
        }
        Answer::Endless(length) => {
            let length = length.map(|length| format!("content-length: {length}\r\n")).unwrap_or_default();
            let head = format!("HTTP/1.1 200 .\r\n{length}connection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            while stream.write_all(&[b' '; 1 << 14]).await.is_ok() {}
        }
        Answer::Silence => std::future::pending().await,
        Answer::Closed | Answer::Reset => {}
    }
}

async fn read_request(stream: &mut TcpStream) -> Received {
    let mut bytes = Vec::new();
    loop {
        stream.read_buf(&mut bytes).await.unwrap();
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length = length.map_or(0, |length| length.parse().unwrap());
        let body = &bytes[end + 4..];
        if body.len() >= length {
            return Received { head, body: body.to_vec() };
        }
    }
}

/// What a test draws when it is about the answer.
pub(crate) struct Sketch {
    pub(crate) catalogue: Catalogue,
    pub(crate) model: &'static str,
    pub(crate) ratio: &'static str,
    pub(crate) size: Option<&'static str>,
    pub(crate) references: Vec<Reference>,
    pub(crate) watermark: Option<bool>,
    pub(crate) time_limit: Duration,
}

impl Sketch {
    /// By the provider's default model.
    pub(crate) fn by(kind: Kind) -> Self {
        let model = match kind {
            Kind::Gemini => "gemini-3-pro-image",
            Kind::Seedream => "seedream-4-5-251128",
            Kind::OpenAi => "gpt-image-2",
        };
        Self {
            catalogue: Catalogue::built_in().unwrap(),
            model,
            ratio: "16:9",
            size: None,
            references: Vec::new(),
            watermark: None,
            time_limit: Duration::from_secs(30),
        }
    }

    pub(crate) async fn draw(&self, providers: &Providers) -> Result<Drawing, Failure> {
        let model = self.catalogue.image_model(self.model).unwrap().model;
        let request = DrawRequest {
            model,
            prompt: "Draw a red square",
            aspect_ratio: self.ratio.parse().unwrap(),
            image_size: self.size,
            references: &self.references,
            watermark: self.watermark,
            time_limit: self.time_limit,
        };
        providers.get(&model.provider).unwrap().draw(request).await
    }
}

/// One drawing by a provider, answered so.
pub(crate) async fn answered(kind: Kind, answer: Answer) -> Result<Drawing, Failure> {
    let server = Server::start(answer).await;
    Sketch::by(kind).draw(&server.providers()).await
}

/// The request of one drawing that goes well.
pub(crate) async fn sent(sketch: Sketch, answer: Answer) -> Received {
    let server = Server::start(answer).await;
    sketch.draw(&server.providers()).await.unwrap();
    let [request] = server.received().try_into().unwrap();
    request
}

/// The PNG of one pixel in the recordings.
pub(crate) fn pixel() -> Bytes {
    let hex = "89504e470d0a1a0a0000000d49484452000000010000000108020000009077\
               53de0000000c4944415478da633821670300\
               02d401234c9f0bda0000000049454e44ae426082";
    let hex: String = hex.split_whitespace().collect();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The pixel as a reference of this type.
pub(crate) fn reference(mime_type: &str) -> Reference {
    Reference { mime_type: mime_type.into(), bytes: pixel() }
}

/// Each header of a recorded request, the key's and those named apart, is a line of what was sent.
pub(crate) fn assert_headers(request: &Received, recorded: &Value, but: &[&str]) {
    let lines: Vec<_> = request.head.lines().skip(1).map(str::to_owned).collect();
    for (name, value) in recorded["headers"].as_object().unwrap() {
        let line = format!("{}: {}", name.to_lowercase(), value.as_str().unwrap().replace("oracle-key", KEY));
        assert!(but.contains(&name.as_str()) || lines.contains(&line), "{line} is not in {lines:?}");
    }
}
