//! One stream: reads its job, tells what is new, and stays awake in between.

use std::{convert::Infallible, error::Error, future::ready, time::Duration};

use axum::body::Body;
use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;
use toonmill_cloud::CloudError;
use toonmill_domain::{Job, JobId, Stage};

use crate::{
    App, events,
    place::Place,
    tell::{State, What, tell},
};

/// Between two readings: of a job that moves, and of one that does not.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// The longest silence.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Failed readings in a row, after which the client may try its luck with another connection.
const MOST_FAILURES: u32 = 5;

pub(crate) struct Feed {
    app: App,
    job: JobId,
    /// How far the client is, once it has been told all that was written to it. None if it has just come.
    place: Option<Place>,
    began: Instant,
    /// When something was last written.
    wrote: Instant,
    next_reading: Instant,
    pause: Duration,
    failures: u32,
    written: u64,
    over: Option<&'static str>,
}

impl Feed {
    pub(crate) fn new(app: App, job: JobId, has: Option<Place>) -> Self {
        let began = Instant::now();
        Self {
            app,
            job,
            place: has,
            began,
            wrote: began,
            next_reading: began,
            pause: SHORTEST_PAUSE,
            failures: 0,
            written: 0,
            over: None,
        }
    }

    /// Whether the job has ended and there is nothing to write about it.
    pub(crate) const fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// What is new about a job that was just read, written out.
    pub(crate) async fn news(&mut self, job: &Job, stages: &[Stage]) -> Result<String, CloudError> {
        let state = State { entries: job.events, revision: job.revision(stages), ended: job.status.is_terminal() };
        let log = match state.log_wanted(self.place) {
            Some(after) => self.app.table.load_events(self.job, after).await?,
            None => Vec::new(),
        };
        let telling = tell(self.place, state, &log);
        self.place = Some(telling.place);
        if telling.is_last {
            self.over = Some("the job has ended");
        }
        let written = telling.events.into_iter().map(|(at, what)| match what {
            What::Entry(entry) => events::entry(at, entry),
            What::Snapshot => events::snapshot(at, job, stages),
        });
        let text: String = written.collect();
        self.pause = if text.is_empty() { (self.pause * 5 / 4).min(LONGEST_PAUSE) } else { SHORTEST_PAUSE };
        // From when it was read, so that two readings are never closer together.
        self.next_reading = Instant::now() + self.pause;
        Ok(text)
    }

    /// The stream, which begins with what was found out already.
    pub(crate) fn into_body(mut self, first: &str) -> Body {
        self.note_written();
        let first = stream::once(ready(events::opening() + first));
        let rest = stream::unfold(self, async |mut feed| Some((feed.next().await?, feed)));
        Body::from_stream(first.chain(rest).map(Ok::<_, Infallible>))
    }

    /// What is written next, when it is time to. None when the stream has ended.
    async fn next(&mut self) -> Option<String> {
        let ends_at = self.began + self.app.longest;
        while self.over.is_none() {
            let silent_until = self.wrote + HEARTBEAT;
            tokio::time::sleep_until(self.next_reading.min(silent_until).min(ends_at)).await;
            let now = Instant::now();
            if now >= ends_at {
                self.over = Some("its time was over");
                return Some(events::reconnect());
            }
            let mut text = if now >= self.next_reading { self.read().await } else { String::new() };
            if text.is_empty() && self.over.is_none() && Instant::now() >= silent_until {
                text = events::heartbeat();
            }
            if !text.is_empty() {
                self.note_written();
                return Some(text);
            }
        }
        let duration_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(job.id = %self.job, writes = self.written, duration_ms, why = self.over, "a stream ended");
        None
    }

    /// What a reading brings; nothing if it fails, which the next may not.
    async fn read(&mut self) -> String {
        let found = match self.app.table.load_job(self.job).await {
            Ok(Some((job, stages))) => self.news(&job, &stages).await,
            Ok(None) => {
                self.over = Some("the job is gone");
                return String::new();
            }
            Err(error) => Err(error),
        };
        found.inspect(|_| self.failures = 0).unwrap_or_else(|error| {
            tracing::warn!(job.id = %self.job, error = &error as &dyn Error, "a job was not read for a stream");
            self.failures += 1;
            self.next_reading = Instant::now() + LONGEST_PAUSE;
            if self.failures >= MOST_FAILURES {
                self.over = Some("storage does not answer");
            }
            String::new()
        })
    }

    fn note_written(&mut self) {
        self.wrote = Instant::now();
        self.written += 1;
    }
}
