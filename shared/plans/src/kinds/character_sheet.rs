//! `POST /api/generate-character-sheet`: four full-body views of the person in a picture, a sheet of the character that the
//! request may name.

use toonmill_domain::{Character, Publication, SheetEntry};

use crate::{
    Records,
    kinds::{drawn_from, fixed_ratio, ours, stage},
    pictures::Pictures,
    prompts::CHARACTER_SHEET,
    reader::Fields,
    stage::StageDraft,
};

pub(super) fn read(fields: &Fields<'_>, pictures: &Pictures<'_>, records: &Records) -> StageDraft {
    let picture = pictures.either(fields, "imageBase64", "imageMimeType");
    let wording = CHARACTER_SHEET.fill(&[]);
    let entry = |character: &Character| Publication::Sheet(SheetEntry { character: character.id });
    let publish = records.character(fields).map(entry);
    let stage = StageDraft { publish, ..stage(fields, ours(), wording, fixed_ratio(21, 9)) };
    drawn_from(stage, picture.into_iter().collect())
}
