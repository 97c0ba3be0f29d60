//! `POST /api/generate-monster-prompt`: words for an image model, from a few words or none.

use crate::{
    kinds::language::read_language,
    letters,
    prompts::MONSTER_PROMPT,
    reader::{Fields, Given},
    stage::{read_name, read_provider},
    text::{TextDraft, none},
};

/// What is asked for where the request leaves it all open.
const ANY: &str = "Any monster, one that surprises.";

pub(super) fn read(fields: &Fields<'_>) -> TextDraft {
    let given = fields.words("description");
    let description = given.value.clone().filter(|text| !letters::is_blank(text));
    let language = read_language(fields, description.as_deref().unwrap_or_default());
    TextDraft {
        // Blank or absent is as good as none, and of the wrong type it was told.
        input: Given { value: Some(description.unwrap_or_else(|| ANY.to_owned())), ..given },
        system: none(),
        limits: None,
        schema: None,
        parts: Vec::new(),
        instructions: Some(MONSTER_PROMPT.fill(&[("language", language)])),
        temperature: none(),
        max_output_tokens: none(),
        provider: read_provider(fields, "apiProvider"),
        model: read_name(fields, "model"),
        keep_files: false,
    }
}
