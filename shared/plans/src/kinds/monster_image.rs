//! `POST /api/generate-monster-image`: a creature on plain ground, a temporary file of its cut.

use crate::{
    kinds::{Process, or_ratio, read_naming, stage, words},
    prompts::MONSTER,
    reader::Fields,
    stage::{StageDraft, read_prompt, read_ratio},
};

pub(super) fn read(fields: &Fields<'_>) -> StageDraft {
    let prompt = read_prompt(fields, "prompt");
    let wording = MONSTER.fill(&[("prompt", words(&prompt))]);
    let ratio = or_ratio(read_ratio(fields, "aspectRatio"), 1, 1);
    let naming = read_naming(fields, "monster".to_owned(), Process::Unknown);
    StageDraft { naming, temporary: true, ..stage(fields, prompt, wording, ratio) }
}
