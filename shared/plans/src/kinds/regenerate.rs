//! `POST /api/regenerate-image`: a picture drawn again as its prompt asks, with references and character sheets.

use crate::{
    MAX_INPUTS,
    kinds::{Cut, Process, drawn_from, read_cut, stage, words},
    pictures::Pictures,
    prompts::{REGENERATE, REGENERATE_ANEW},
    reader::Fields,
    stage::{StageDraft, WantedFile, read_prompt, read_ratio},
};

pub(super) fn read(fields: &Fields<'_>, pictures: &Pictures<'_>) -> StageDraft {
    read_for(fields, pictures, |fields| read_cut(fields, Process::Needed))
}

/// A regeneration for a cut that `read_cut` knows.
pub(super) fn read_for(
    fields: &Fields<'_>,
    pictures: &Pictures<'_>,
    read_cut: impl FnOnce(&Fields<'_>) -> Option<Cut>,
) -> StageDraft {
    let original = pictures.original(fields);
    let shows_original = fields.flag("useOriginalImageAsReference").value.unwrap_or(true);
    let references = read_ids(fields, "referenceImages", "id");
    let sheets = read_ids(fields, "characterSheets", "sheetId");
    let prompt = read_prompt(fields, "prompt");
    let cut = read_cut(fields);

    let first = usize::from(shows_original) + 1;
    let after = first + references.len();
    let (template, original_sent) =
        if shows_original { (REGENERATE, original.clone()) } else { (REGENERATE_ANEW, None) };
    let wording = template.fill(&[
        ("prompt", words(&prompt)),
        (
            "references",
            &told(
                first,
                references.len(),
                "a reference for hand, mood and things: take of it what the request speaks of",
            ),
        ),
        (
            "sheets",
            &told(
                after,
                sheets.len(),
                "a character sheet: whoever it shows looks exactly so, in face, hair, build and clothes",
            ),
        ),
    ]);
    let stage = StageDraft {
        naming: cut.as_ref().map(|cut| cut.naming("regenerated")),
        temporary: true,
        publish: cut.map(|cut| cut.history(words(&prompt))),
        measured: original,
        ..stage(fields, prompt, wording, read_ratio(fields, "aspectRatio"))
    };
    drawn_from(stage, original_sent.into_iter().chain(references).chain(sheets).collect())
}

/// The ids in a list of objects: `[{"id": …}]`.
fn read_ids(fields: &Fields<'_>, list: &str, member: &str) -> Vec<WantedFile> {
    let mut files = Vec::new();
    for inner in fields.objects(list, MAX_INPUTS) {
        let id = inner.require(inner.any(member));
        if let Some(file) = id.value.and_then(|value| inner.file_id(&id.pointer, value)) {
            files.push(WantedFile { pointer: id.pointer, file });
        }
    }
    files
}

/// Says what some of the pictures are that are sent along, by their places.
fn told(first: usize, count: usize, what: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!("Picture {first} is {what}."),
        _ => format!("Each of the pictures {first} to {} is {what}.", first + count - 1),
    }
}
