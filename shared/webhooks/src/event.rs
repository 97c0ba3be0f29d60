//! What a hook is told: facts of a job, and nothing that opens anything. No link is in it, signed or not: a call may be
//! kept by whoever is called, and be made again for a day.

use serde::{Serialize, Serializer};
use serde_json::json;
use toonmill_domain::{Credits, JobId, JobKind, JobStatus, Round, StageIndex, Timestamp};

/// What kind of event it is. The names are told to others and kept in records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventType {
    JobProgress,
    JobCompleted,
    JobPartial,
    JobFailed,
    JobCancelled,
}

impl EventType {
    pub const ALL: [Self; 5] =
        [Self::JobProgress, Self::JobCompleted, Self::JobPartial, Self::JobFailed, Self::JobCancelled];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JobProgress => "job.progress",
            Self::JobCompleted => "job.completed",
            Self::JobPartial => "job.partial",
            Self::JobFailed => "job.failed",
            Self::JobCancelled => "job.cancelled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == text)
    }

    /// The end that a status is, if it is one.
    const fn of_end(status: JobStatus) -> Option<Self> {
        match status {
            JobStatus::InQueue | JobStatus::InProgress => None,
            JobStatus::Completed => Some(Self::JobCompleted),
            JobStatus::Partial => Some(Self::JobPartial),
            JobStatus::Failed => Some(Self::JobFailed),
            JobStatus::Cancelled => Some(Self::JobCancelled),
        }
    }
}

impl Serialize for EventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A job as it stood when something happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub job: JobId,
    pub kind: JobKind,
    pub status: JobStatus,
    /// Images or texts, as the other two.
    pub requested: u64,
    pub stored: u64,
    pub given_up: u64,
    /// Of all epochs, as the other two.
    pub held: Credits,
    pub captured: Credits,
    pub released: Credits,
    pub production_id: Option<String>,
}

/// What happened to a job that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Happened {
    /// Another round began for the slots of a stage that were missed.
    RoundOpened { stage: StageIndex, round: Round },
    /// Nothing more will be drawn for a stage.
    StageFinished { stage: StageIndex },
}

/// One event of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    #[serde(rename = "type")]
    kind: EventType,
    timestamp: String,
    data: Data,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    job_id: JobId,
    kind: JobKind,
    status: JobStatus,
    requested: u64,
    stored: u64,
    given_up: u64,
    credits: DataCredits,
    #[serde(skip_serializing_if = "Option::is_none")]
    production_id: Option<String>,
    /// Where the rest is to be asked for, with a token.
    status_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    happened: Option<Happened>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct DataCredits {
    held: Credits,
    captured: Credits,
    released: Credits,
}

impl Event {
    /// Something happened to a job, which goes on.
    pub fn progress(facts: Facts, happened: Happened, at: Timestamp) -> Self {
        Self { kind: EventType::JobProgress, timestamp: at.to_rfc3339(), data: Data::of(facts, Some(happened)) }
    }

    /// A job ended; none if its status is no end.
    pub fn ended(facts: Facts, at: Timestamp) -> Option<Self> {
        let kind = EventType::of_end(facts.status)?;
        Some(Self { kind, timestamp: at.to_rfc3339(), data: Data::of(facts, None) })
    }

    pub const fn kind(&self) -> EventType {
        self.kind
    }

    /// The body of a call. What is signed is its bytes, so that it is made once for all tries.
    pub fn body(&self) -> String {
        json!(self).to_string()
    }
}

impl Data {
    fn of(facts: Facts, happened: Option<Happened>) -> Self {
        let Facts { job, kind, status, requested, stored, given_up, held, captured, released, production_id } = facts;
        Self {
            job_id: job,
            kind,
            status,
            requested,
            stored,
            given_up,
            credits: DataCredits { held, captured, released },
            production_id,
            status_path: format!("/api/v1/jobs/{job}"),
            happened,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_175_100_250);

    fn facts(status: JobStatus) -> Facts {
        Facts {
            job: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(),
            kind: JobKind::Pipeline,
            status,
            requested: 150,
            stored: 147,
            given_up: 3,
            held: Credits::new(600).unwrap(),
            captured: Credits::new(588).unwrap(),
            released: Credits::new(12).unwrap(),
            production_id: Some("episode-1".to_owned()),
        }
    }

    #[test]
    fn the_names_of_events_are_kept() {
        insta::assert_json_snapshot!(EventType::ALL, @r#"
        [
          "job.progress",
          "job.completed",
          "job.partial",
          "job.failed",
          "job.cancelled"
        ]
        "#);
        assert!(EventType::ALL.into_iter().all(|event| EventType::parse(event.as_str()) == Some(event)));
    }

    #[test]
    fn an_end_is_told_with_what_was_delivered_and_what_it_cost() {
        insta::assert_json_snapshot!(Event::ended(facts(JobStatus::Partial), NOW).unwrap());
    }

    #[test]
    fn progress_is_told_with_what_happened() {
        let facts = Facts {
            given_up: 0,
            captured: Credits::ZERO,
            released: Credits::ZERO,
            production_id: None,
            ..facts(JobStatus::InProgress)
        };
        let opened = Happened::RoundOpened { stage: StageIndex(2), round: Round(3) };
        insta::assert_json_snapshot!(Event::progress(facts.clone(), opened, NOW));
        let finished = Happened::StageFinished { stage: StageIndex(2) };
        let body: Value = serde_json::from_str(&Event::progress(facts, finished, NOW).body()).unwrap();
        assert_eq!(body["data"]["happened"], json!({ "type": "stage_finished", "stage": 2 }));
    }

    #[test]
    fn every_end_has_an_event_of_its_own_and_nothing_else_has_one() {
        let kinds = JobStatus::ALL.map(|status| Event::ended(facts(status), NOW).map(|event| event.kind().as_str()));
        let ends = ["job.completed", "job.partial", "job.failed", "job.cancelled"].map(Some);
        assert_eq!(kinds[..2], [None; 2]);
        assert_eq!(kinds[2..], ends);
    }

    #[test]
    fn a_body_is_the_event_on_one_line() {
        let event = Event::ended(facts(JobStatus::Completed), NOW).unwrap();
        let body = event.body();
        assert!(!body.contains('\n'));
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), serde_json::to_value(&event).unwrap());
        assert!(!body.contains("://"), "{body}");
    }
}
