//! One job: its record and the statuses it goes through.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Credits, DeliveryId, Epoch, JobId, Stage, Statistics, Timestamp, UnknownName, UserId, WorkKind,
};

/// What a caller sees. The first two can go on; the others end the job, unless a retry opens it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobStatus {
    InQueue,
    InProgress,
    /// Every slot of every stage is stored.
    Completed,
    /// Ended short; every slot that is missing says why.
    Partial,
    /// Nothing was stored.
    Failed,
    Cancelled,
}

impl JobStatus {
    pub const ALL: [Self; 6] =
        [Self::InQueue, Self::InProgress, Self::Completed, Self::Partial, Self::Failed, Self::Cancelled];

    pub const fn is_terminal(self) -> bool {
        match self {
            Self::InQueue | Self::InProgress => false,
            Self::Completed | Self::Partial | Self::Failed | Self::Cancelled => true,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InQueue => "IN_QUEUE",
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Partial => "PARTIAL",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// What kind of request made the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobKind {
    Pipeline,
    SingleImage,
    SingleText,
    GenerateMonsterImage,
    GenerateCharacterImagePreview,
    GenerateCharacterSheet,
    #[serde(rename = "convert-3d-character")]
    Convert3dCharacter,
    RegenerateImage,
    GenerateMonsterPrompt,
    GenerateCharacterImage,
    ScriptToStoryboard,
    StoryboardCutImage,
    RegenerateImageBatch,
}

impl JobKind {
    pub const ALL: [Self; 13] = [
        Self::Pipeline,
        Self::SingleImage,
        Self::SingleText,
        Self::GenerateMonsterImage,
        Self::GenerateCharacterImagePreview,
        Self::GenerateCharacterSheet,
        Self::Convert3dCharacter,
        Self::RegenerateImage,
        Self::GenerateMonsterPrompt,
        Self::GenerateCharacterImage,
        Self::ScriptToStoryboard,
        Self::StoryboardCutImage,
        Self::RegenerateImageBatch,
    ];

    /// Those of the webtoon endpoints.
    pub const WEBTOON: [Self; 10] = [
        Self::GenerateMonsterImage,
        Self::GenerateCharacterImagePreview,
        Self::GenerateCharacterSheet,
        Self::Convert3dCharacter,
        Self::RegenerateImage,
        Self::GenerateMonsterPrompt,
        Self::GenerateCharacterImage,
        Self::ScriptToStoryboard,
        Self::StoryboardCutImage,
        Self::RegenerateImageBatch,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
            Self::SingleImage => "single-image",
            Self::SingleText => "single-text",
            Self::GenerateMonsterImage => "generate-monster-image",
            Self::GenerateCharacterImagePreview => "generate-character-image-preview",
            Self::GenerateCharacterSheet => "generate-character-sheet",
            Self::Convert3dCharacter => "convert-3d-character",
            Self::RegenerateImage => "regenerate-image",
            Self::GenerateMonsterPrompt => "generate-monster-prompt",
            Self::GenerateCharacterImage => "generate-character-image",
            Self::ScriptToStoryboard => "script-to-storyboard",
            Self::StoryboardCutImage => "storyboard-cut-image",
            Self::RegenerateImageBatch => "regenerate-image-batch",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What its slots hold.
    pub const fn work(self) -> WorkKind {
        match self {
            Self::Pipeline
            | Self::SingleImage
            | Self::GenerateMonsterImage
            | Self::GenerateCharacterImagePreview
            | Self::GenerateCharacterSheet
            | Self::Convert3dCharacter
            | Self::RegenerateImage
            | Self::GenerateCharacterImage
            | Self::StoryboardCutImage
            | Self::RegenerateImageBatch => WorkKind::Image,
            Self::SingleText | Self::GenerateMonsterPrompt | Self::ScriptToStoryboard => WorkKind::Text,
        }
    }

    /// Whether it is one call, with its arguments spelt as the older text-and-image API spells them.
    pub const fn is_single(self) -> bool {
        matches!(self, Self::SingleImage | Self::SingleText)
    }

    /// Whether all of it is made by the model of its one stage.
    pub const fn has_one_stage(self) -> bool {
        !matches!(self, Self::Pipeline | Self::RegenerateImageBatch)
    }
}

/// Why a job is being closed. The status follows from the slots; this says what set the close going.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClosingReason {
    Finished,
    Cancelled,
    DeadlinePassed,
    /// A worker found that no slot of the job can be drawn (a wrong key, no quota, no such model).
    Stopped,
    /// A reason of a newer version. It is only ever read from a record, and the job is closed like any other.
    Unknown(UnknownName),
}

impl ClosingReason {
    /// Those that this version knows.
    pub const ALL: [Self; 4] = [Self::Finished, Self::Cancelled, Self::DeadlinePassed, Self::Stopped];

    pub const fn as_str(&self) -> &str {
        match self {
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::DeadlinePassed => "deadline_passed",
            Self::Stopped => "stopped",
            Self::Unknown(name) => name.as_str(),
        }
    }

    /// A reason as a record has it, which may be one of a newer version. None of what no version writes.
    pub fn of_record(text: &str) -> Option<Self> {
        let known = Self::ALL.into_iter().find(|reason| reason.as_str() == text);
        known.or_else(|| UnknownName::new(text).map(Self::Unknown))
    }
}

/// That the reconcile of a job failed for good, and nothing has gone well since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stuck {
    pub since: Timestamp,
    /// How often it failed.
    pub times: u32,
}

/// A job's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub account: AccountId,
    pub user: UserId,
    pub kind: JobKind,
    pub status: JobStatus,
    pub epoch: Epoch,
    /// Grows with each write that a decision about the job could depend on.
    pub version: u64,
    pub cancel_requested: bool,
    /// The failure that makes the job hopeless, as a worker saw it.
    pub stop_requested: Option<String>,
    pub closing: Option<ClosingReason>,
    pub deadline: Timestamp,
    /// When the sweep should look at the job; none once it has ended.
    pub next_check_at: Option<Timestamp>,
    /// None of a job that goes on, and of one that has ended.
    pub stuck: Option<Stuck>,
    pub max_rounds: u32,
    /// What this epoch reserved, and has not resolved yet while the job is open.
    pub hold: Credits,
    /// Reserved, taken and given back in all epochs.
    pub held: Credits,
    pub captured: Credits,
    pub released: Credits,
    pub production_id: Option<String>,
    /// The number of the last entry of its log; 0 if it has none.
    pub events: u64,
    /// What tickets for the stream of its events are made and checked with.
    pub ticket_key: Option<String>,
    /// Who is told of its progress and its end.
    pub webhook_url: Option<String>,
    /// The message in a chat that shows how it stands: that of its last epoch.
    pub telegram_post: Option<DeliveryId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    /// How it went; none until it has ended.
    pub statistics: Option<Statistics>,
}

impl Job {
    /// Whether a record's status is one that ends a job.
    pub fn has_ended(status: &str) -> bool {
        JobStatus::parse(status).is_some_and(JobStatus::is_terminal)
    }

    /// A number that grows with everything a caller can see of the job and its stages.
    ///
    /// It is derived, so that counting an image stays one write: within a round the sets only grow, and
    /// a new round outweighs the missed slots that it opens again.
    pub fn revision(&self, stages: &[Stage]) -> u64 {
        let rounds =
            |stage: &Stage| u64::from(stage.epoch.0).saturating_mul(16).saturating_add(u64::from(stage.round.0));
        let progress = |stage: &Stage| {
            rounds(stage)
                .saturating_mul(u64::from(stage.quantity).saturating_add(1))
                .saturating_add(u64::try_from(stage.stored.len()).unwrap_or(u64::MAX))
                .saturating_add(u64::try_from(stage.missed.len()).unwrap_or(u64::MAX))
        };
        let started = u64::from(self.status != JobStatus::InQueue);
        stages.iter().map(progress).fold(self.version.saturating_add(started), u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_persisted_name_reads_back() {
        for status in JobStatus::ALL {
            assert_eq!(JobStatus::parse(status.as_str()), Some(status));
            assert_eq!(serde_spelling(status), status.as_str());
        }
        for kind in JobKind::ALL {
            assert_eq!(JobKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for reason in ClosingReason::ALL {
            assert_eq!(ClosingReason::of_record(reason.as_str()), Some(reason));
        }
        assert_eq!(ClosingReason::of_record("eclipsed").unwrap().as_str(), "eclipsed");
        assert_eq!(ClosingReason::of_record(""), None);
    }

    fn serde_spelling(status: JobStatus) -> String {
        format!("{status:?}").chars().fold(String::new(), |text, c| {
            let gap = if c.is_uppercase() && !text.is_empty() { "_" } else { "" };
            format!("{text}{gap}{}", c.to_ascii_uppercase())
        })
    }
}
