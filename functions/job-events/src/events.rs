//! Events as they are written.

use serde::Serialize;
use serde_json::{Value, json};
use toonmill_domain::{Happening, Job, JobEvent, JobId, JobStatus, Progress, Stage, StageProgress};

use crate::place::Place;

/// How long a client waits before it comes back, in milliseconds.
const RETRY_MS: u32 = 2_000;

/// How a job is: `progress` and `stages` as `GET /api/v1/jobs/{id}` has them, without files and failures.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Snapshot {
    job_id: JobId,
    status: JobStatus,
    cancel_requested: bool,
    revision: u64,
    progress: Progress,
    stages: Vec<StageProgress>,
}

/// What every stream begins with.
pub(crate) fn opening() -> String {
    format!("retry: {RETRY_MS}\n\n")
}

/// Keeps those between from taking the silence for an end.
pub(crate) fn heartbeat() -> String {
    ": heartbeat\n\n".to_owned()
}

/// The stream ends, and the job does not. It has no id: the client comes back from where it was.
pub(crate) fn reconnect() -> String {
    "event: reconnect\ndata: {}\n\n".to_owned()
}

pub(crate) fn snapshot(at: Place, job: &Job, stages: &[Stage]) -> String {
    let snapshot = Snapshot {
        job_id: job.id,
        status: job.status,
        cancel_requested: job.cancel_requested,
        revision: job.revision(stages),
        progress: Progress::of(job, stages),
        stages: stages.iter().map(|stage| StageProgress::of(job, stage)).collect(),
    };
    event(at, "progress", &snapshot)
}

pub(crate) fn entry(at: Place, entry: &JobEvent) -> String {
    let mut data = match entry.what {
        Happening::RoundOpened { stage, round } => json!({ "stage": stage, "round": round.0 }),
        Happening::StageFinished { stage, stored, requested } => {
            json!({ "stage": stage, "stored": stored, "requested": requested })
        }
        Happening::Reopened => json!({}),
        Happening::Ended { status, stored, requested, captured, released } => json!({
            "status": status, "stored": stored, "requested": requested,
            "credits": { "captured": captured, "released": released },
        }),
    };
    if let Value::Object(members) = &mut data {
        members.insert("at".to_owned(), entry.at.to_rfc3339().into());
    }
    event(at, entry.what.name(), &data)
}

/// JSON has no line breaks of its own, so that one line of data holds it.
fn event(at: Place, name: &str, data: &impl Serialize) -> String {
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("id: {at}\nevent: {name}\ndata: {data}\n\n")
}
