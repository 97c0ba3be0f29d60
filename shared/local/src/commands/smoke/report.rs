//! What a smoke test says: a line for each step as it ends, or one JSON object.

use std::future::Future;
use std::time::Instant;

use anyhow::Result;
use serde::Serialize;
use serde_json::json;

#[derive(Debug)]
pub(super) struct Report {
    json: bool,
    steps: Vec<Step>,
    /// The step that runs, since when.
    running: Option<(&'static str, Instant)>,
}

#[derive(Debug, Serialize)]
struct Step {
    name: &'static str,
    ok: bool,
    detail: String,
    seconds: f64,
}

impl Report {
    pub(super) const fn new(json: bool) -> Self {
        Self { json, steps: Vec::new(), running: None }
    }

    /// Does a step and says what came of it. None if it failed.
    pub(super) async fn step<T>(
        &mut self,
        name: &'static str,
        work: impl Future<Output = Result<(T, String)>>,
    ) -> Option<T> {
        self.running = Some((name, Instant::now()));
        let (ok, detail) = match work.await {
            Ok((value, detail)) => (Some(value), detail),
            Err(error) => (None, format!("{error:#}")),
        };
        self.end(ok.is_some(), detail);
        ok
    }

    /// The time is over: the step that ran has failed.
    pub(super) fn cut(&mut self, limit: u64) {
        self.end(false, format!("it had not ended when the {limit} s of this test were over"));
    }

    fn end(&mut self, ok: bool, detail: String) {
        let Some((name, since)) = self.running.take() else { return };
        let step = Step { name, ok, detail, seconds: since.elapsed().as_secs_f64() };
        if !self.json {
            let verdict = if ok { "ok" } else { "FAILED" };
            println!("{verdict:<7}{:<9} {:>6.1} s  {}", step.name, step.seconds, step.detail);
        }
        self.steps.push(step);
    }

    /// Says what came of it all. Whether all is well.
    pub(super) fn finish(self, url: &str) -> bool {
        let ok = !self.steps.is_empty() && self.steps.iter().all(|step| step.ok);
        if self.json {
            println!("{}", json!({ "ok": ok, "url": url, "steps": self.steps }));
        } else if ok {
            println!("all {} steps are well", self.steps.len());
        } else {
            println!("NOT well: the steps after the one that failed were not tried");
        }
        ok
    }
}
