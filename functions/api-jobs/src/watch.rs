//! Waiting with a caller who would rather wait than ask again.

use std::time::Duration;

use tokio::time::Instant;
use toonmill_domain::{Job, JobId, Stage};
use toonmill_http_api::{Arrival, Caller, Problem, prefer::LONGEST_WAIT};

use crate::App;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// When an answer that may be held for `wait` must be given, the time already spent included.
pub(crate) fn until(arrival: &Arrival, wait: Duration) -> Instant {
    let latest = Instant::from_std(arrival.at) + LONGEST_WAIT;
    latest.min(Instant::now() + wait)
}

/// Reads a job until it is as it should be, or time is up; then the job is as it was read last.
pub(crate) async fn watch(
    app: &App,
    caller: &Caller,
    id: JobId,
    until: Instant,
    seen: impl Fn(&Job, &[Stage]) -> bool,
) -> Result<(Job, Vec<Stage>), Problem> {
    let mut pause = FIRST_PAUSE;
    loop {
        let (job, stages) = app.load_job(caller, id).await?;
        if seen(&job, &stages) || Instant::now() + pause > until {
            return Ok((job, stages));
        }
        rest(pause).await;
        pause = (pause + pause / 4).min(LONGEST_PAUSE);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the caller asked for the answer to be held, and pays no provider meanwhile"
)]
async fn rest(pause: Duration) {
    tokio::time::sleep(pause).await;
}
