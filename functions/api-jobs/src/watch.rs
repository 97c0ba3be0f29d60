//! Waiting with a caller who would rather wait than ask again.

use std::{error::Error, time::Duration};

use tokio::time::Instant;
use toonmill_cloud::table::WaitPlace;
use toonmill_domain::{Job, JobId, Limit, Stage};
use toonmill_http_api::{Arrival, Caller, Problem, prefer::LONGEST_WAIT};

use crate::App;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// When an answer that may be held for `wait` must be given, the time already spent included.
pub(crate) fn until(arrival: &Arrival, wait: Duration) -> Instant {
    let latest = Instant::from_std(arrival.at) + LONGEST_WAIT;
    latest.min(Instant::now() + wait)
}

/// Reads a job until it is as it should be, or time is up; then the job is as it was read last. Only a caller whose account has
/// a place for one more waiting request waits: others are answered at once, by the job as it is.
pub(crate) async fn watch(
    app: &App,
    caller: &Caller,
    id: JobId,
    until: Instant,
    seen: impl Fn(&Job, &[Stage]) -> bool,
) -> Result<(Job, Vec<Stage>), Problem> {
    let (job, stages) = app.load_job(caller, id).await?;
    if seen(&job, &stages) || Instant::now() + FIRST_PAUSE > until {
        return Ok((job, stages));
    }
    let Some(place) = place(app, caller, until).await else { return Ok((job, stages)) };
    let waited = wait(app, caller, id, until, seen).await;
    if let Err(error) = app.table.leave_wait_place(place).await {
        tracing::warn!(
            error = &error as &dyn Error,
            "the place of a waiting request was not given back, and falls free later"
        );
    }
    waited
}

/// A place among the account's waiting requests. A request that waits occupies a function that others need, so that one account
/// may not have many of them; and if the places cannot be counted, nobody waits.
async fn place(app: &App, caller: &Caller, until: Instant) -> Option<WaitPlace> {
    let most = app.door.limits().overlaid(&caller.limits).get(Limit::Waits);
    let now = app.clock.now();
    let ends = now.plus(until.saturating_duration_since(Instant::now()));
    match app.table.take_wait_place(&caller.account, most, ends, now).await {
        Ok(place) => place,
        Err(error) => {
            tracing::warn!(error = &error as &dyn Error, "a request could not be counted among those that wait");
            None
        }
    }
}

async fn wait(
    app: &App,
    caller: &Caller,
    id: JobId,
    until: Instant,
    seen: impl Fn(&Job, &[Stage]) -> bool,
) -> Result<(Job, Vec<Stage>), Problem> {
    let mut pause = FIRST_PAUSE;
    loop {
        rest(pause).await;
        pause = (pause + pause / 4).min(LONGEST_PAUSE);
        let (job, stages) = app.load_job(caller, id).await?;
        if seen(&job, &stages) || Instant::now() + pause > until {
            return Ok((job, stages));
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the caller asked for the answer to be held, and pays no provider meanwhile"
)]
async fn rest(pause: Duration) {
    tokio::time::sleep(pause).await;
}
