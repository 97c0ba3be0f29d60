//! `POST /api/generate-character-image-preview`: a first look at a character, of which nothing is kept.

use crate::{
    kinds::{or_ratio, read_words, stage, words},
    prompts::CHARACTER_PREVIEW,
    reader::Fields,
    stage::{StageDraft, read_prompt, read_ratio},
};

pub(super) fn read(fields: &Fields<'_>) -> StageDraft {
    let name = read_prompt(fields, "name");
    let description = read_words(fields, "description");
    let wording = CHARACTER_PREVIEW.fill(&[("name", words(&name)), ("description", words(&description))]);
    let ratio = or_ratio(read_ratio(fields, "aspectRatio"), 3, 4);
    StageDraft { temporary: true, ..stage(fields, name, wording, ratio) }
}
