//! What a stored slot adds to one of its owner's lists, as far as the plan knows it: the rest is the artifact's to say.

use serde::{Deserialize, Serialize};

use crate::{CharacterId, JobId};

/// One row of one list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Publication {
    History(HistoryEntry),
    Sheet(SheetEntry),
    CutImage(CutImageEntry),
}

/// What was drawn for a cut. The ids are the caller's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    pub cut: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    /// What the user asked for, without what it was put into.
    pub prompt: String,
}

/// A sheet of a stored character. Its id is its file's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SheetEntry {
    pub character: CharacterId,
}

/// An image of a storyboard's cut. The newest one is the cut's image, and the others are its history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CutImageEntry {
    /// A storyboard is named by the job that wrote it.
    pub storyboard: JobId,
    /// From 0.
    pub cut: u32,
    /// What the user asked for, without what it was put into.
    pub description: String,
    /// Whose sheets it was drawn from, in the order in which the text names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub characters: Vec<String>,
    /// Names that the cut's words or its storyboard have, and that it was drawn after no sheet of: nobody has the name,
    /// several do, or its character has no sheet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmatched_names: Vec<String>,
}
