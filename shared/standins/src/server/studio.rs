//! What all handlers share: the desk that decides, the counters, and the drawing boards, of
//! which there are as many as processors.

use std::{
    collections::VecDeque,
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::{Semaphore, watch};

use super::{
    Settings, Stats,
    stats::{Counters, PICTURE},
};
use crate::{
    faults::{Call, Decision, Desk, Fault, Script},
    telegram::Telegram,
};

/// How many pictures can be fetched by their link before the first one is forgotten.
const KEPT_FILES: usize = 64;

#[derive(Debug)]
pub(crate) struct Studio {
    desk: Mutex<Desk>,
    counters: Mutex<Counters>,
    first_script: Script,
    api_key: Option<String>,
    boards: Semaphore,
    /// Pictures that were answered with a link.
    files: Mutex<VecDeque<(String, Bytes)>>,
    telegram: Arc<Telegram>,
    stopping: watch::Receiver<bool>,
}

impl Studio {
    pub(super) fn new(settings: Settings, stopping: watch::Receiver<bool>) -> Self {
        let boards = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            desk: Mutex::new(Desk::new(settings.script.clone())),
            counters: Mutex::default(),
            first_script: settings.script,
            api_key: settings.api_key,
            boards: Semaphore::new(boards),
            files: Mutex::default(),
            telegram: Arc::new(Telegram::new()),
            stopping,
        }
    }

    /// What bots talk to.
    pub(crate) fn telegram(&self) -> &Arc<Telegram> {
        &self.telegram
    }

    /// Whether a provider would let this key in.
    pub(crate) fn accepts(&self, key: &str) -> bool {
        match &self.api_key {
            Some(only) => only == key,
            None => !key.is_empty(),
        }
    }

    /// Counts a call that its provider refuses before it looks at the prompt.
    pub(crate) fn rejected(self: &Arc<Self>, provider: &'static str, status: u16) {
        self.turn(provider, &format!("rejected_{status}")).answered = true;
    }

    /// Numbers a call, reads its fate, counts it, and lets it wait as long as it has to.
    pub(crate) async fn take_turn(self: &Arc<Self>, call: Call<'_>) -> (Decision, Turn) {
        let decision = locked(&self.desk).decide(call);
        let outcome = decision.fault.as_ref().map_or_else(|| PICTURE.to_owned(), Fault::outcome);
        let turn = self.turn(call.provider, &outcome);
        self.wait(decision.latency).await;
        (decision, turn)
    }

    /// How long a hanging call is kept waiting when it is not said.
    pub(crate) fn hang(&self) -> Duration {
        Duration::from_millis(locked(&self.desk).script().hang_ms)
    }

    /// Waits, but not longer than the server lives.
    pub(crate) async fn wait(&self, time: Duration) {
        if !time.is_zero() {
            tokio::select! {
                () = pause(time) => {}
                () = stopped(self.stopping.clone()) => {}
            }
        }
    }

    /// Does work that keeps a processor busy, at one of the boards and off the async threads.
    /// `None` if it panicked.
    pub(crate) async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let _board = self.boards.acquire().await.ok()?;
        tokio::task::spawn_blocking(work).await.ok()
    }

    /// Keeps a file for a link, and lets go of the oldest when there are many.
    pub(crate) fn keep(&self, name: String, file: Vec<u8>) {
        let mut files = locked(&self.files);
        files.push_back((name, Bytes::from(file)));
        if files.len() > KEPT_FILES {
            files.pop_front();
        }
    }

    /// A file that is still kept, the latest of its name.
    pub(crate) fn kept(&self, name: &str) -> Option<Bytes> {
        locked(&self.files).iter().rev().find(|(kept, _)| kept == name).map(|(_, file)| file.clone())
    }

    /// The seed that pictures follow from.
    pub(crate) fn seed(&self) -> u64 {
        locked(&self.desk).script().seed
    }

    pub(super) fn stats(&self) -> Stats {
        locked(&self.counters).with_prompts(locked(&self.desk).prompts())
    }

    pub(super) fn script(&self) -> Script {
        locked(&self.desk).script().clone()
    }

    pub(super) fn set_script(&self, script: Script) {
        locked(&self.desk).set_script(script);
    }

    pub(super) fn reset(&self) {
        *locked(&self.desk) = Desk::new(self.first_script.clone());
        locked(&self.counters).reset();
    }

    fn turn(self: &Arc<Self>, provider: &str, outcome: &str) -> Turn {
        locked(&self.counters).begin(provider, outcome);
        Turn { studio: Arc::clone(self), answered: false }
    }
}

/// A call under way. It ends when this is dropped: answered, or left by its client.
#[derive(Debug)]
pub(crate) struct Turn {
    studio: Arc<Studio>,
    answered: bool,
}

impl Turn {
    pub(crate) fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        locked(&self.studio.counters).end(self.answered);
    }
}

/// Waits until the server is told to stop, or its owner is gone.
pub(crate) async fn stopped(mut stopping: watch::Receiver<bool>) {
    // An error means that the sender was dropped, which stops the server as well.
    let _ = stopping.wait_for(|stop| *stop).await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "a stand-in takes as long as the real provider; it never runs where sleep is billed"
)]
pub(crate) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// A counter is still a counter when a thread died with it in hand.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
