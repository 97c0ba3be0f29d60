//! What a job will draw: written once before the job exists, and never changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, AspectRatio, Credits, FileId, JobId, JobKind, ModelId, ProviderId, SlotIndex, credits::CreditsOutOfRange,
};

/// The version of the plan's JSON.
pub const PLAN_VERSION: u32 = 1;

/// A job's plan, kept as one immutable object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub v: u32,
    pub job: JobId,
    pub account: AccountId,
    pub kind: JobKind,
    /// Before the slot's own part of an object key: `accounts/{account}/jobs/{job}`.
    pub object_prefix: String,
    pub stages: Vec<StagePlan>,
}

/// One stage: a prompt drawn `quantity` times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StagePlan {
    pub prompt: String,
    pub quantity: u32,
    pub aspect_ratio: AspectRatio,
    /// As the model's catalogue row names sizes: `1K`, `2K`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_size: Option<String>,
    pub provider: ProviderId,
    pub model: ModelId,
    /// A visible mark that a machine drew it; as the catalogue has it if none was asked for or against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watermark: Option<bool>,
    /// Credits for one image, frozen at submit.
    pub price: Credits,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputImage>,
    /// The files that the inputs are of, in the same order, for answers that name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input_files: Vec<FileId>,
    /// Prompts of single slots that differ from the stage's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slot_prompts: BTreeMap<SlotIndex, String>,
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
}

impl Plan {
    /// What the whole job costs, and so holds, at most.
    pub fn price(&self) -> Result<Credits, CreditsOutOfRange> {
        self.stages.iter().try_fold(Credits::ZERO, |sum, stage| sum.plus(stage.price.times(u64::from(stage.quantity))?))
    }

    pub fn images(&self) -> u64 {
        self.stages.iter().map(|stage| u64::from(stage.quantity)).fold(0, u64::saturating_add)
    }
}

impl StagePlan {
    /// The prompt of one slot.
    pub fn prompt_of(&self, slot: SlotIndex) -> &str {
        self.slot_prompts.get(&slot).unwrap_or(&self.prompt)
    }
}
