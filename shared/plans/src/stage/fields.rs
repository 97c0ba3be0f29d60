//! The fields that many requests have: prompts, ratios, files, and whom they want to be drawn by.

use toonmill_domain::{AspectRatio, FileId};

use crate::{
    MAX_INPUTS, MAX_PROMPT_CHARS, letters,
    reader::{Fields, Given},
    wish::Wish,
};

/// A file that a request names, and where it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedFile {
    pub pointer: String,
    pub file: FileId,
}

pub(crate) fn read_prompt(fields: &Fields<'_>, name: &str) -> Given<String> {
    let prompt = fields.require(fields.words(name));
    if let Some(text) = &prompt.value {
        if letters::is_blank(text) {
            fields.problem(&prompt.pointer, "must not be blank");
        } else if let Some(why) = letters::too_long(text, MAX_PROMPT_CHARS) {
            fields.problem(&prompt.pointer, why);
        }
    }
    prompt
}

pub(crate) fn read_ratio(fields: &Fields<'_>, name: &str) -> Given<AspectRatio> {
    fields.parsed(name, "an aspect ratio such as 16:9")
}

pub(crate) fn read_name(fields: &Fields<'_>, name: &str) -> Given<String> {
    fields.choice(name).owned()
}

pub(crate) fn read_provider(fields: &Fields<'_>, name: &str) -> (String, Wish) {
    let given = fields.choice(name);
    let wish = match given.value {
        None if given.absent => Wish::Auto,
        None => Wish::Unknown,
        Some("auto") => Wish::Auto,
        Some(text) => text.parse().map_or_else(
            |_| {
                fields.problem(&given.pointer, "must be auto or the name of a provider");
                Wish::Unknown
            },
            Wish::Named,
        ),
    };
    (given.pointer, wish)
}

/// The ids in a list of files. Those beyond what any model takes are not looked at.
pub(crate) fn read_files(fields: &Fields<'_>, name: &str) -> (String, Vec<WantedFile>) {
    let list = fields.list(name, MAX_INPUTS);
    let entries = list.value.unwrap_or_default();
    if entries.len > MAX_INPUTS {
        fields.problem(&list.pointer, format!("must name at most {MAX_INPUTS} files, not {}", entries.len));
    }
    let files = entries
        .first
        .into_iter()
        .filter_map(|(pointer, value)| fields.file_id(&pointer, value).map(|file| WantedFile { pointer, file }));
    (list.pointer, files.collect())
}
