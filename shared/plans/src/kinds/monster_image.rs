//! `POST /api/generate-monster-image`: a creature on plain ground, a temporary file of its cut.

use crate::{
    kinds::{Process, or_ratio, read_cut, stage, words},
    prompts::MONSTER,
    reader::Fields,
    stage::{StageDraft, read_prompt, read_ratio},
};

pub(super) fn read(fields: &Fields<'_>) -> StageDraft {
    let prompt = read_prompt(fields, "prompt");
    let wording = MONSTER.fill(&[("prompt", words(&prompt))]);
    let ratio = or_ratio(read_ratio(fields, "aspectRatio"), 1, 1);
    let cut = read_cut(fields, Process::Unknown);
    StageDraft {
        naming: cut.as_ref().map(|cut| cut.naming("monster")),
        temporary: true,
        publish: cut.map(|cut| cut.history(words(&prompt))),
        ..stage(fields, prompt, wording, ratio)
    }
}
