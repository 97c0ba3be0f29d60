//! `POST /api/generate-character-sheet`: four full-body views of the person in a picture.

use crate::{
    kinds::{drawn_from, fixed_ratio, stage},
    pictures::Pictures,
    prompts::CHARACTER_SHEET,
    reader::{Fields, Given},
    stage::StageDraft,
};

pub(super) fn read(fields: &Fields<'_>, pictures: &Pictures<'_>) -> StageDraft {
    let picture = pictures.either(fields, "imageBase64", "imageMimeType");
    let wording = CHARACTER_SHEET.fill(&[]);
    // The words are all ours: nothing of them has a place in the body.
    let prompt = Given { pointer: String::new(), value: Some(String::new()), absent: false };
    let stage = stage(fields, prompt, wording, fixed_ratio(21, 9));
    drawn_from(stage, picture.into_iter().collect())
}
