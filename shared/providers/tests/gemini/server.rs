//! An HTTP/1.1 server of one answer, which can also break off in every way a network does.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use toonmill_domain::Failure;
use toonmill_providers::{Account, Catalogue, DrawRequest, Drawing, Providers, Reference, Secret, Settings};

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

    /// A recorded answer.
    pub(crate) fn recorded(name: &str) -> Self {
        let recording = recording("responses", name);
        let status = u16::try_from(recording["status"].as_u64().unwrap()).unwrap();
        match &recording["body"] {
            Value::String(text) => Self::Whole(status, "content-type: text/plain\r\n".into(), text.clone().into()),
            body => Self::json(status, body),
        }
    }
}

pub(crate) fn recording(folder: &str, name: &str) -> Value {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "fixtures/gemini", folder, &format!("{name}.json")].iter().collect();
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

pub(crate) fn settings(url: &str) -> Settings {
    Settings { gemini: Some(Account { api_key: Secret::new(KEY), base_url: Some(url.to_owned()) }) }
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
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
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
    pub(crate) time_limit: Duration,
}

impl Default for Sketch {
    fn default() -> Self {
        Self {
            catalogue: Catalogue::built_in().unwrap(),
            model: "gemini-3-pro-image",
            ratio: "16:9",
            size: None,
            references: Vec::new(),
            time_limit: Duration::from_secs(30),
        }
    }
}

impl Sketch {
    pub(crate) async fn draw(&self, providers: &Providers) -> Result<Drawing, Failure> {
        let model = self.catalogue.resolve(self.model).unwrap().model;
        let request = DrawRequest {
            model,
            prompt: "Draw a red square",
            aspect_ratio: self.ratio.parse().unwrap(),
            image_size: self.size,
            references: &self.references,
            time_limit: self.time_limit,
        };
        providers.get(&model.provider).unwrap().draw(request).await
    }
}

/// One drawing, answered so.
pub(crate) async fn answered(answer: Answer) -> Result<Drawing, Failure> {
    let server = Server::start(answer).await;
    Sketch::default().draw(&server.providers()).await
}
