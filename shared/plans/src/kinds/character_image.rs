//! `POST /api/characters/{characterId}/generate-image`: a stored character, drawn whole, as a sheet of its.

use toonmill_domain::{Character, ProviderId, Publication, SheetEntry};

use crate::{
    kinds::{or_ratio, ours, stage},
    prompts::CHARACTER,
    reader::Fields,
    stage::{StageDraft, read_ratio},
    wish::Wish,
};

/// Who draws characters.
const PROVIDER: &str = "gemini";

pub(super) fn read(fields: &Fields<'_>, character: &Character) -> StageDraft {
    let wording = CHARACTER.fill(&[("name", &character.name), ("description", &character.description)]);
    let stage = stage(fields, ours(), wording, or_ratio(read_ratio(fields, "aspectRatio"), 3, 4));
    let (pointer, asked) = stage.provider;
    let wish = match (asked, PROVIDER.parse::<ProviderId>()) {
        (Wish::Auto | Wish::Default, Ok(provider)) => Wish::Named(provider),
        (Wish::Named(asked), Ok(provider)) if asked == provider => Wish::Named(provider),
        (Wish::Unknown, _) => Wish::Unknown,
        _ => {
            fields.problem(&pointer, format!("must be {PROVIDER}, which draws characters here"));
            Wish::Unknown
        }
    };
    let publish = Some(Publication::Sheet(SheetEntry { character: character.id }));
    StageDraft { provider: (pointer, wish), publish, ..stage }
}
