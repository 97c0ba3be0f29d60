//! What every answer about a job carries, the 202 included.

use serde::Serialize;
use serde_json::Value;
use toonmill_domain::{
    Counts, Credits, Job, JobId, JobKind, JobStatus, ModelId, ProviderId, Stage, Timestamp, WorkKind,
};
use toonmill_flows::submit::NewJob;
use toonmill_http_api::ticket;
use toonmill_plans::{Finding, arguments};

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head {
    id: JobId,
    job_id: JobId,
    kind: &'static str,
    status: JobStatus,
    cancel_requested: bool,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider: Option<ProviderId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model_id: Option<ModelId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) arguments: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    production_id: Option<String>,
    status_url: String,
    events_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<String>,
}

/// A job without its stages, as lists have it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    #[serde(flatten)]
    pub(crate) head: Head,
    credits: CreditsView,
    created_at: String,
    updated_at: String,
}

/// The 202 of a submit.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Accepted {
    #[serde(flatten)]
    pub(crate) head: Head,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<Finding>,
}

/// Of all epochs. What is held and neither captured nor released yet is still reserved.
#[derive(Clone, Copy, Debug, Serialize)]
struct CreditsView {
    held: Credits,
    captured: Credits,
    released: Credits,
}

/// When a job is shown, and what the address of its stream of events begins with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Showing<'a> {
    pub(crate) now: Timestamp,
    pub(crate) events_base: &'a str,
}

impl Showing<'_> {
    /// With a ticket, since a page's `EventSource` sends no token. Older jobs have none.
    pub(crate) fn events_url(self, job: JobId, ticket_key: Option<&str>) -> String {
        let url = format!("{}{}/events", self.events_base, status_url(job));
        match ticket_key {
            Some(key) => format!("{url}?{}={}", ticket::PARAMETER, ticket::make(key, job, self.now)),
            None => url,
        }
    }
}

pub(crate) fn status_url(job: JobId) -> String {
    format!("/api/v1/jobs/{job}")
}

impl Head {
    /// Without counts, where the stages were not read.
    pub(crate) fn of(job: &Job, counts: Option<Counts>, showing: Showing<'_>) -> Self {
        Self {
            id: job.id,
            job_id: job.id,
            kind: job.kind.as_str(),
            status: job.status,
            cancel_requested: job.cancel_requested,
            message: message(job, counts),
            provider: None,
            model_id: None,
            arguments: None,
            production_id: job.production_id.clone(),
            status_url: status_url(job.id),
            events_url: showing.events_url(job.id, job.ticket_key.as_deref()),
            started_at: job.started_at.map(Timestamp::to_rfc3339),
            completed_at: job.completed_at.map(Timestamp::to_rfc3339),
        }
    }

    /// Of a job that was written just now, and need not be read for this.
    pub(crate) fn new(id: JobId, new: &NewJob, showing: Showing<'_>) -> Self {
        let one = new.stages.first().filter(|_| new.kind.has_one_stage());
        Self {
            id,
            job_id: id,
            kind: new.kind.as_str(),
            status: JobStatus::InQueue,
            cancel_requested: false,
            message: format!("{}.", state(JobStatus::InQueue, false)),
            provider: one.map(|stage| stage.provider.clone()),
            model_id: one.map(|stage| stage.model.clone()),
            arguments: one.filter(|_| new.kind.is_single()).map(arguments),
            production_id: new.production_id.clone(),
            status_url: status_url(id),
            events_url: showing.events_url(id, Some(&new.ticket_key)),
            started_at: None,
            completed_at: None,
        }
    }

    /// Names who draws, where that is one model: stages of a pipeline each have their own.
    pub(crate) fn name_model(&mut self, stages: &[Stage]) {
        if JobKind::parse(self.kind).is_some_and(JobKind::has_one_stage)
            && let Some(stage) = stages.first()
        {
            self.provider = Some(stage.provider.clone());
            self.model_id = Some(stage.model.clone());
        }
    }
}

impl Summary {
    pub(crate) fn of(job: &Job, counts: Option<Counts>, showing: Showing<'_>) -> Self {
        Self {
            head: Head::of(job, counts, showing),
            credits: CreditsView { held: job.held, captured: job.captured, released: job.released },
            created_at: job.created_at.to_rfc3339(),
            updated_at: job.updated_at.to_rfc3339(),
        }
    }
}

fn message(job: &Job, counts: Option<Counts>) -> String {
    let done = counts.filter(|_| job.status != JobStatus::InQueue).map(|counts| {
        let (thing, done) = match job.kind.work() {
            WorkKind::Image => ("image", "drawn"),
            WorkKind::Text => ("text", "written"),
        };
        match counts.requested {
            1 if counts.stored == 1 => format!(" The {thing} is {done}."),
            1 => format!(" The {thing} is not {done}."),
            requested => format!(" {} of {requested} {thing}s are {done}.", counts.stored),
        }
    });
    format!("{}.{}", state(job.status, job.cancel_requested), done.unwrap_or_default())
}

const fn state(status: JobStatus, cancel_requested: bool) -> &'static str {
    match status {
        JobStatus::InQueue | JobStatus::InProgress if cancel_requested => "Being cancelled",
        JobStatus::InQueue => "Waiting to begin",
        JobStatus::InProgress => "Under way",
        JobStatus::Completed => "Completed",
        JobStatus::Partial => "Ended short, with a reason for everything that is missing",
        JobStatus::Failed => "Failed",
        JobStatus::Cancelled => "Cancelled",
    }
}
