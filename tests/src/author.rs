//! A text model whose every outcome the test chooses.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use toonmill_domain::{Failure, Usage};
use toonmill_providers::{FinishReason, WriteFuture, WriteRequest, Writer, Writing};

type Script = dyn Fn(&str, u32) -> Result<Writing, Failure> + Send + Sync;

/// Writes as its script says: input and number of the call (from 1) to an outcome.
#[derive(Clone)]
pub struct Author(Arc<Inner>);

struct Inner {
    script: Mutex<Arc<Script>>,
    calls: AtomicU32,
}

impl Author {
    /// Answers every input with the same words around it.
    pub fn plain() -> Self {
        let script: Arc<Script> = Arc::new(|input: &str, _| Ok(writing(&format!("About {input}."))));
        Self(Arc::new(Inner { script: Mutex::new(script), calls: AtomicU32::new(0) }))
    }

    /// From now on writes by another script.
    pub fn rewrite(&self, script: impl Fn(&str, u32) -> Result<Writing, Failure> + Send + Sync + 'static) {
        *self.0.script.lock().unwrap() = Arc::new(script);
    }

    pub fn calls(&self) -> u32 {
        self.0.calls.load(Ordering::Relaxed)
    }
}

/// A text as a provider gives it.
pub fn writing(text: &str) -> Writing {
    let usage = Usage { prompt_tokens: 7, output_tokens: 5, thinking_tokens: 2, total_tokens: 14 };
    Writing {
        text: text.to_owned(),
        model_version: Some("gpt-5.6-mini-2026-08-07".to_owned()),
        usage: Some(usage),
        finish_reason: FinishReason::Stop,
    }
}

impl Writer for Author {
    fn write<'a>(&'a self, request: WriteRequest<'a>) -> WriteFuture<'a> {
        let call = self.0.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let script = Arc::clone(&self.0.script.lock().unwrap());
        Box::pin(async move { script(request.input, call) })
    }
}

impl fmt::Debug for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Author({} calls)", self.calls())
    }
}
