//! What single slots of a stage have of their own, and which request each slot is for.

use serde::{Deserialize, Serialize};

use super::{ImageWork, InputImage, StagePlan, Work};
use crate::{AspectRatio, FileId, Publication, SlotIndex, StageIndex};

/// What one slot has in the place of what its stage says. Who makes it, and what it costs, is the stage's to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SlotPlan {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish: Option<Publication>,
    /// An image's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PicturePlan>,
}

/// The shape of one image, and what it is drawn from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PicturePlan {
    pub aspect_ratio: AspectRatio,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputImage>,
    /// The files that the inputs are of, in the same order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input_files: Vec<FileId>,
}

/// What became of one request of several that made one job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RequestPlan {
    Slot {
        stage: StageIndex,
        slot: SlotIndex,
    },
    /// It cannot be drawn, which keeps no other from being drawn. It has no slot and no price.
    Refused {
        error: String,
    },
}

impl StagePlan {
    /// The prompt of one slot.
    pub fn prompt_of(&self, slot: SlotIndex) -> &str {
        self.slots.get(&slot).and_then(|own| own.prompt.as_deref()).unwrap_or(&self.prompt)
    }

    /// The row of one of the owner's lists that a slot's commit writes.
    pub fn publication_of(&self, slot: SlotIndex) -> Option<&Publication> {
        self.slots.get(&slot).and_then(|own| own.publish.as_ref()).or(self.publish.as_ref())
    }

    /// The shape of a slot's picture and what it is drawn from, in a stage of this work.
    pub fn picture_of<'a>(&'a self, slot: SlotIndex, work: &'a ImageWork) -> (AspectRatio, &'a [InputImage]) {
        match self.slots.get(&slot).and_then(|own| own.picture.as_ref()) {
            Some(own) => (own.aspect_ratio, &own.inputs),
            None => (work.aspect_ratio, &work.inputs),
        }
    }

    /// The files that a slot is made from.
    pub fn input_files_of(&self, slot: SlotIndex) -> &[FileId] {
        match (self.slots.get(&slot).and_then(|own| own.picture.as_ref()), &self.work) {
            (Some(own), _) => &own.input_files,
            (None, Work::Image(image)) => &image.input_files,
            (None, Work::Text(_)) => &[],
        }
    }

    /// The files that all of its slots are made from; one of several slots more than once.
    pub fn input_files(&self) -> impl Iterator<Item = FileId> {
        (0..self.quantity).flat_map(|slot| self.input_files_of(SlotIndex(slot))).copied()
    }
}
