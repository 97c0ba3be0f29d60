//! A small internet in this process: names with addresses that a test chooses, and one server of https behind every
//! address that is found public.

use std::{
    collections::BTreeMap,
    fmt, io,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{RootCertStore, ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;
use toonmill_outbound::{Lookup, LookupFuture, Network};

/// What the server's certificate is of.
const NAMES: [&str; 5] = ["pictures.example", "mirror.example", "hooks.example", "rebinding.example", "inside.example"];
/// Where the first three of them are.
const PUBLIC: &str = "93.184.216.34";

/// What is at a path.
#[derive(Clone, Debug)]
pub struct Page {
    /// Everything that is sent at first, status line and headers included.
    pub start: Vec<u8>,
    /// What then follows, again and again.
    pub then: Then,
}

#[derive(Clone, Debug)]
pub enum Then {
    Close,
    /// Nothing comes, and the connection stays.
    Silence,
    /// A byte now and then, without an end.
    Drip,
    /// These bytes, without an end.
    Again(Vec<u8>),
}

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its first line and its headers, each with its line end.
    pub head: String,
    pub body: Vec<u8>,
}

#[derive(Clone)]
pub struct Internet(Arc<Inner>);

struct Inner {
    /// The answers about each name in the order of the questions; the last one stays.
    names: Mutex<BTreeMap<String, Vec<Vec<IpAddr>>>>,
    pages: Mutex<BTreeMap<String, Page>>,
    looked_up: Mutex<Vec<String>>,
    asked: Mutex<Vec<String>>,
    received: Mutex<Vec<Received>>,
}

impl Page {
    /// A whole answer with this type.
    pub fn of(mime_type: &str, body: &[u8]) -> Self {
        Self::raw(&format!("200 OK\r\nContent-Type: {mime_type}\r\nContent-Length: {}", body.len()), body)
    }

    pub fn redirect(location: &str) -> Self {
        Self::raw(&format!("302 Found\r\nLocation: {location}\r\nContent-Length: 0"), b"")
    }

    /// An answer by its status and headers, and what there is of its body.
    pub fn raw(head: &str, body: &[u8]) -> Self {
        let start = [format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes(), body].concat();
        Self { start, then: Then::Close }
    }

    #[must_use]
    pub fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }
}

impl Internet {
    /// Begins to serve, with nothing at any path.
    pub async fn begin() -> (Self, Network) {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(NAMES.map(str::to_owned)).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(cert.der().clone()).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap();
        let internet = Self(Arc::new(Inner {
            names: Mutex::default(),
            pages: Mutex::default(),
            looked_up: Mutex::default(),
            asked: Mutex::default(),
            received: Mutex::default(),
        }));
        for name in ["pictures.example", "mirror.example", "hooks.example"] {
            internet.name(name, &[&[PUBLIC]]);
        }
        tokio::spawn(internet.clone().serve(listener, TlsAcceptor::from(Arc::new(tls))));
        #[expect(clippy::disallowed_methods, reason = "this is the pretence that the lint keeps from production")]
        let network = Network::pretended(Arc::new(internet.clone()), move |_| place, roots).unwrap();
        (internet, network)
    }

    /// The answers about a name, in order.
    pub fn name(&self, name: &str, answers: &[&[&str]]) {
        let answer = |addresses: &&[&str]| addresses.iter().map(|address| address.parse().unwrap()).collect();
        self.0.names.lock().unwrap().insert(name.to_owned(), answers.iter().map(answer).collect());
    }

    /// What is at `name/path`.
    pub fn put(&self, place: &str, page: Page) {
        self.0.pages.lock().unwrap().insert(place.to_owned(), page);
    }

    /// The places that were asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.0.asked.lock().unwrap().clone()
    }

    /// The requests that came so far and were whole.
    pub fn received(&self) -> Vec<Received> {
        self.0.received.lock().unwrap().clone()
    }

    /// The names that were looked up so far.
    pub fn looked_up(&self) -> Vec<String> {
        self.0.looked_up.lock().unwrap().clone()
    }

    async fn serve(self, listener: TcpListener, tls: TlsAcceptor) {
        while let Ok((connection, _)) = listener.accept().await {
            let (internet, tls) = (self.clone(), tls.clone());
            // A client that hangs up in the middle is what some tests are about.
            tokio::spawn(async move { drop(internet.answer(connection, tls).await) });
        }
    }

    async fn answer(self, connection: TcpStream, tls: TlsAcceptor) -> io::Result<()> {
        let mut connection = tls.accept(connection).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(connection.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default();
        let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        let place = format!("{host}{path}");
        self.0.asked.lock().unwrap().push(place.clone());
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        connection.read_exact(&mut body).await?;
        self.0.received.lock().unwrap().push(Received { head, body });
        let page = self.0.pages.lock().unwrap().get(&place).cloned();
        let Page { start, then } = page.unwrap_or_else(|| Page::raw("404 Not Found\r\nContent-Length: 0", b""));
        connection.write_all(&start).await?;
        match then {
            Then::Close => connection.shutdown().await,
            Then::Silence => connection.read_u8().await.map(drop),
            Then::Drip => {
                let mut beat = tokio::time::interval(Duration::from_millis(30));
                loop {
                    beat.tick().await;
                    connection.write_all(b".").await?;
                    connection.flush().await?;
                }
            }
            Then::Again(bytes) => loop {
                connection.write_all(&bytes).await?;
            },
        }
    }
}

impl Lookup for Internet {
    fn lookup<'a>(&'a self, host: &'a str) -> LookupFuture<'a> {
        self.0.looked_up.lock().unwrap().push(host.to_owned());
        let mut names = self.0.names.lock().unwrap();
        let found = match names.get_mut(host) {
            Some(answers) if answers.len() > 1 => Ok(answers.remove(0)),
            Some(answers) => Ok(answers.first().cloned().unwrap_or_default()),
            None => Err(io::Error::other("no such name")),
        };
        Box::pin(async move { found })
    }
}

impl fmt::Debug for Internet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Internet({} asked)", self.asked().len())
    }
}
