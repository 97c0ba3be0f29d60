//! An HTTP/1.1 server of one answer, which can also break off as networks do.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use toonmill_providers::http_client;
use toonmill_telegram::{Bot, Chat, ChatKind, Language, Token, Upload, UploadKind};

/// Looked for wherever a token must not be.
pub(crate) const SECRET: &str = "marker-token-77c1";

#[derive(Clone)]
pub(crate) enum Answer {
    /// Status, header lines and body.
    Whole(u16, String, Vec<u8>),
    /// A status that announces this body and ends half-way.
    Half(u16, Vec<u8>),
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

    /// A recorded answer of Telegram's.
    pub(crate) fn recorded(name: &str) -> Self {
        let recording = recording("responses", name);
        let status = u16::try_from(recording["status"].as_u64().unwrap()).unwrap();
        let headers = recording["headers"].as_object().unwrap().iter();
        let headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {}\r\n", value.as_str().unwrap())).collect();
        let headers = headers.concat();
        Self::Whole(status, headers, recording["body"].to_string().into_bytes())
    }
}

pub(crate) fn recording(folder: &str, name: &str) -> Value {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fixtures", folder, &format!("{name}.json")].iter().collect();
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The names of all recorded answers.
pub(crate) fn recordings() -> Vec<String> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fixtures", "responses"].iter().collect();
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
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

    /// The one request that came.
    pub(crate) fn request(&self) -> Received {
        let [request] = self.received().try_into().unwrap();
        request
    }

    pub(crate) fn bot(&self) -> Bot {
        bot(&self.url)
    }
}

pub(crate) fn bot(url: &str) -> Bot {
    Bot::new(http_client().unwrap(), token(), Some(url)).unwrap()
}

pub(crate) fn token() -> Token {
    Token::new(format!("123456:{SECRET}")).unwrap()
}

pub(crate) const CHAT: Chat = Chat { id: 42, kind: ChatKind::Private, thread: None, language: Language::Ko };

pub(crate) fn picture(kind: UploadKind) -> Upload {
    Upload { kind, file_name: "image.png", mime_type: "image/png", bytes: b"\x89PNG\r\n--and so on".as_slice().into() }
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
        Answer::Half(status, body) => {
            stream.write_all(&reply(status, "", body.len(), &body[..body.len() / 2])).await.unwrap();
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
