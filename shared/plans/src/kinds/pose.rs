//! `POST /api/convert-3d-character`: the looks of a character sheet in the posture of another picture.

use toonmill_domain::{AspectRatio, Timestamp};

use crate::{
    kinds::{Process, drawn_from, or_ratio, own_ids, read_cut, read_words, stage, words},
    pictures::Pictures,
    prompts::CHARACTER_POSE,
    reader::{Fields, Given},
    stage::StageDraft,
};

pub(super) fn read(fields: &Fields<'_>, pictures: &Pictures<'_>, now: Timestamp) -> StageDraft {
    // The order is the one that the words speak of: the first picture, the second picture.
    let files = [pictures.require(fields, "characterSheetImage"), pictures.require(fields, "poseImage")];
    let additional = read_words(fields, "additionalPrompt");
    let wording = CHARACTER_POSE.fill(&[("additional", words(&additional))]);
    let ratio = read_orientation(fields);
    let cut = read_cut(fields, Process::Needed);
    let naming = cut.map(|cut| cut.naming(format!("character-pose-{}", now.as_millis())));
    own_ids(fields, &["webtoonId"]);
    let prompt = Given { value: Some(additional.value.unwrap_or_default()), ..additional };
    let stage = StageDraft { naming, temporary: true, ..stage(fields, prompt, wording, ratio) };
    drawn_from(stage, files.into_iter().flatten().collect())
}

/// This endpoint's words for ratios.
fn read_orientation(fields: &Fields<'_>) -> Given<AspectRatio> {
    let given = fields.choice("aspectRatio");
    let ratio = match given.value {
        None | Some("landscape") => "16:9",
        Some("portrait") => "9:16",
        Some("square") => "1:1",
        Some(_) => {
            fields.problem(&given.pointer, "must be landscape, portrait or square");
            "16:9"
        }
    };
    or_ratio(Given { pointer: given.pointer, value: ratio.parse().ok(), absent: false }, 16, 9)
}
