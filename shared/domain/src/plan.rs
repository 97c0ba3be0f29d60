//! What a job will draw: written once before the job exists, and never changed.

mod slots;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    AccountId, AspectRatio, Choice, Choices, Credits, Failover, FileId, JobId, JobKind, ModelId, Naming, PixelSize,
    ProviderId, Publication, SlotIndex, credits::CreditsOutOfRange,
};

pub use slots::{PicturePlan, RequestPlan, SlotPlan};

/// The version of the plan's JSON.
pub const PLAN_VERSION: u32 = 1;

/// A job's plan, kept as one immutable object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub v: u32,
    pub job: JobId,
    pub account: AccountId,
    pub kind: JobKind,
    /// Before the slot's own part of an object key: `accounts/{account}/jobs/{job}`.
    pub object_prefix: String,
    pub stages: Vec<StagePlan>,
    /// Of a job that several requests made together, in their order; else none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<RequestPlan>,
}

/// One stage: a prompt, made into `quantity` results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StagePlan {
    /// What to draw, or the text to answer.
    pub prompt: String,
    pub quantity: u32,
    pub provider: ProviderId,
    pub model: ModelId,
    /// When a slot may be drawn by one of the alternatives.
    #[serde(default, skip_serializing_if = "is_never")]
    pub failover: Failover,
    /// Who else can draw this stage, one of each other provider. The price stays that of the first choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Choice>,
    /// Credits for one slot, frozen at submit.
    pub price: Credits,
    /// Whether results become files of their own. Without, they are kept in their job alone.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub keep_files: bool,
    /// How the results' objects are named; by their job and slot without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub naming: Option<Naming>,
    /// Whether the files go after a day, unless somebody saves them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub temporary: bool,
    /// The row of one of the owner's lists that every slot's commit writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish: Option<Publication>,
    /// What single slots have in the place of the stage's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slots: BTreeMap<SlotIndex, SlotPlan>,
    pub work: Work,
}

/// What the slots of a stage are filled with, and what only that needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Work {
    Image(ImageWork),
    Text(TextWork),
}

/// Which queue a stage's messages go to, and so which worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkKind {
    Image,
    Text,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageWork {
    pub aspect_ratio: AspectRatio,
    /// As the model's catalogue row names sizes: `1K`, `2K`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_size: Option<String>,
    /// A visible mark that a machine drew it; as the catalogue has it if none was asked for or against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watermark: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputImage>,
    /// The files that the inputs are of, in the same order, for answers that name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input_files: Vec<FileId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TextWork {
    /// What the model is told before the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// As the model has it if none was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    pub max_output_tokens: u32,
    /// A JSON Schema that the answer must satisfy; without one any text will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
}

/// An input picture, pinned by its content.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InputImage {
    pub object_key: String,
    /// Lower-case hex of the object's bytes.
    pub sha256: String,
    pub mime_type: String,
    pub size_bytes: u64,
    /// As it is to be looked at; unknown of what is no picture, and older plans do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pixels: Option<PixelSize>,
    /// Whether it must be prepared before it is sent: its bytes hold it turned, with a note that says how it is to be looked
    /// at, or as an animation, or without an end marker.
    #[serde(default, skip_serializing_if = "is_false")]
    pub turned: bool,
}

impl Plan {
    /// What the whole job costs, and so holds, at most.
    pub fn price(&self) -> Result<Credits, CreditsOutOfRange> {
        self.stages.iter().try_fold(Credits::ZERO, |sum, stage| sum.plus(stage.price.times(u64::from(stage.quantity))?))
    }
}

impl StagePlan {
    /// Who may draw it.
    pub fn choices(&self) -> Choices<'_> {
        let Self { failover, provider, model, alternatives, .. } = self;
        Choices { failover: *failover, provider, model, alternatives }
    }

    /// The most tokens that its texts may come to: a character that is sent counts as one, and all that are asked for.
    pub fn text_tokens(&self) -> u64 {
        let Work::Text(text) = &self.work else { return 0 };
        let chars = |text: &str| u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        let around = text.system.as_deref().map_or(0, chars).saturating_add(text.max_output_tokens.into());
        let of_slot = |slot| chars(self.prompt_of(SlotIndex(slot))).saturating_add(around);
        (0..self.quantity).map(of_slot).fold(0, u64::saturating_add)
    }
}

impl Work {
    pub const fn kind(&self) -> WorkKind {
        match self {
            Self::Image(_) => WorkKind::Image,
            Self::Text(_) => WorkKind::Text,
        }
    }
}

impl WorkKind {
    pub const ALL: [Self; 2] = [Self::Image, Self::Text];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Text => "text",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether no two slots of a stage may hold the same bytes (AR-2). Two pictures never come out alike by
    /// chance; two short texts may.
    pub const fn must_differ(self) -> bool {
        match self {
            Self::Image => true,
            Self::Text => false,
        }
    }
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_true(flag: &bool) -> bool {
    *flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field by reference")]
fn is_never(failover: &Failover) -> bool {
    *failover == Failover::Never
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}
