//! `POST /api/generate-monster-prompt`: words for an image model, from a few words or none.

use crate::{
    prompts::MONSTER_PROMPT,
    reader::{Fields, Given},
    stage::{read_name, read_provider},
    text::TextDraft,
};

/// What is asked for where the request leaves it all open.
const ANY: &str = "Any monster, one that surprises.";

pub(super) fn read(fields: &Fields<'_>) -> TextDraft {
    let given = fields.text("description").owned();
    let description = given.value.clone().filter(|text| !text.trim().is_empty());
    let language = read_language(fields, description.as_deref().unwrap_or_default());
    TextDraft {
        // Blank or absent is as good as none, and of the wrong type it was told.
        input: Given { value: Some(description.unwrap_or_else(|| ANY.to_owned())), ..given },
        system: none(),
        instructions: Some(MONSTER_PROMPT.fill(&[("language", language)])),
        temperature: none(),
        max_output_tokens: none(),
        provider: read_provider(fields, "apiProvider"),
        model: read_name(fields, "model"),
        keep_files: false,
    }
}

/// The language that is asked for, or that of the description.
fn read_language(fields: &Fields<'_>, description: &str) -> &'static str {
    let given = fields.text("language");
    match given.value {
        Some("ko") => "Korean",
        Some("en") => "English",
        Some(_) => {
            fields.problem(&given.pointer, "must be ko or en");
            "English"
        }
        None if description.chars().any(is_hangul) => "Korean",
        None => "English",
    }
}

/// Syllables and letters: <https://www.unicode.org/charts/PDF/UAC00.pdf>, <https://www.unicode.org/charts/PDF/U3130.pdf>.
fn is_hangul(letter: char) -> bool {
    matches!(letter, '가'..='힣' | '\u{3131}'..='\u{318e}')
}

fn none<T>() -> Given<T> {
    Given { pointer: String::new(), value: None, absent: true }
}
