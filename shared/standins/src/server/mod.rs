//! The socket, the shared state behind it, the control endpoint and the counters. It knows no
//! provider's wire format; it only puts the providers' routes behind one door.

mod control;
mod socket;
mod stats;
mod studio;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{Router, http::StatusCode, response::Html};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    ark,
    faults::Script,
    firebase, gemini, openai,
    telegram::{self, Telegram},
};

pub use stats::{Calls, PromptCalls, Stats};

pub(crate) use socket::Line;
pub(crate) use studio::{Studio, pause, stopped};

/// How long open connections may take to end when the server stops.
const FAREWELL: Duration = Duration::from_secs(2);

/// How a server is started.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// The only key that is accepted; without one, any key that is not empty.
    pub api_key: Option<String>,
    /// What happens to calls until somebody sets another script.
    pub script: Script,
}

/// The server could not be started.
#[derive(Debug, thiserror::Error)]
#[error("the stand-in providers cannot listen on 127.0.0.1:{port}")]
pub struct StartError {
    port: u16,
    #[source]
    source: io::Error,
}

/// The stand-in providers.
#[derive(Debug)]
pub struct Standins;

impl Standins {
    /// Opens the port and answers from then on, in the background of the calling runtime.
    pub async fn start(settings: Settings) -> Result<Running, StartError> {
        let port = settings.port;
        let failed = |source| StartError { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopping) = watch::channel(false);
        let studio = Arc::new(Studio::new(settings, stopping.clone()));
        tokio::spawn(telegram::deliver(Arc::clone(studio.telegram()), stopping.clone()));
        let doors = socket::Door::new(listener);
        let service = router(Arc::clone(&studio)).into_make_service_with_connect_info::<Line>();
        let serving =
            axum::serve(doors, service).with_graceful_shutdown(async move { studio::stopped(stopping).await });
        let served = tokio::spawn(async move { serving.await });
        Ok(Running { address, studio, stop, served })
    }
}

/// A server that is answering. When it is dropped it stops too, but nobody waits for it.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    studio: Arc<Studio>,
    stop: watch::Sender<bool>,
    served: JoinHandle<io::Result<()>>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL, such as `http://127.0.0.1:49152`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has been asked and answered so far.
    pub fn stats(&self) -> Stats {
        self.studio.stats()
    }

    /// The script in force.
    pub fn script(&self) -> Script {
        self.studio.script()
    }

    /// Puts another script in force for the calls to come.
    pub fn set_script(&self, script: Script) {
        self.studio.set_script(script);
    }

    /// Back to the script of the start, with every counter at zero.
    pub fn reset(&self) {
        self.studio.reset();
    }

    /// The chats of the bots that talk to it.
    pub fn telegram(&self) -> &Telegram {
        self.studio.telegram()
    }

    /// Stops: no new calls, and those under way end within two seconds.
    pub async fn shutdown(mut self) {
        // Nobody listening any more means that it has stopped already.
        let _ = self.stop.send(true);
        if tokio::time::timeout(FAREWELL, &mut self.served).await.is_err() {
            self.served.abort();
        }
    }
}

fn router(studio: Arc<Studio>) -> Router {
    Router::new()
        .merge(gemini::routes())
        .merge(ark::routes())
        .merge(openai::routes())
        .merge(firebase::routes())
        .merge(telegram::routes())
        .merge(control::routes())
        .fallback(async || (StatusCode::NOT_FOUND, Html(NOT_FOUND)))
        .with_state(studio)
}

const NOT_FOUND: &str = "<!DOCTYPE html>\n<html lang=en><title>Error 404 (Not Found)!!1</title>\n\
    <p><b>404.</b> <ins>That’s an error.</ins>\n\
    <p>The requested URL was not found on this server.</html>\n";
