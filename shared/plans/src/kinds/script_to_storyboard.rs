//! `POST /api/script-to-storyboard`: a script as cuts, a call for each of its parts.

use crate::{
    Records,
    kinds::{language::read_language, read_own_id},
    letters,
    names::which,
    prompts::{STORYBOARD, STORYBOARD_PART},
    reader::Fields,
    script,
    stage::{read_name, read_provider},
    storyboard,
    text::{TextDraft, TextLimits, none, read_input},
};

/// A long episode has some 20,000.
const MAX_SCRIPT_CHARS: usize = 60_000;
/// A part whose cuts one answer can hold: a cut of a webtoon takes 150 to 250 characters of a script.
const PART_CHARS: usize = 2_400;
/// For sixteen cuts of some 300 tokens each, thoughts and all.
const PART_TOKENS: u32 = 6_144;
/// How much of the part before is shown to the model.
const CONTEXT_CHARS: usize = 300;

pub(super) fn read(fields: &Fields<'_>, records: &Records) -> TextDraft {
    let given = read_input(fields, "script");
    let script = given
        .value
        .as_deref()
        .filter(|script| letters::too_long(script, MAX_SCRIPT_CHARS).is_none())
        .unwrap_or_default();
    let language = read_language(fields, script);
    let most = storyboard::MOST_CUTS.to_string();
    TextDraft {
        instructions: Some(STORYBOARD.fill(&[("language", language), ("most", &most)])),
        limits: Some(TextLimits { max_chars: MAX_SCRIPT_CHARS, max_output_tokens: PART_TOKENS }),
        schema: Some(storyboard::schema()),
        parts: parts(script, records),
        input: given,
        system: none(),
        temperature: none(),
        max_output_tokens: none(),
        provider: read_provider(fields, "apiProvider"),
        model: read_name(fields, "model"),
        keep_files: false,
    }
}

/// The episode that the caller means it for: the job's `productionId`, where it has no other.
pub(crate) fn episode(fields: &Fields<'_>, production: Option<&str>) -> Option<String> {
    let given = read_own_id(fields, "episodeId");
    if production.is_some() && given.value.is_some() && given.value != production {
        fields.problem(&given.pointer, "must be the productionId, if both are given");
    }
    given.value.map(str::to_owned)
}

/// What is asked for each part. The parts are written at the same time and know nothing of each other's answers, so
/// that each is told the names of the whole script, and how the part before it ends.
fn parts(script: &str, records: &Records) -> Vec<String> {
    let parts = script::split(script, PART_CHARS);
    let names = cast(script, records);
    let names = match names.as_slice() {
        [] => String::new(),
        names => format!("People of this script, spelt as they are always to be spelt: {}.", names.join(", ")),
    };
    let prompt = |(index, part): (usize, &String)| {
        let before = index.checked_sub(1).and_then(|before| parts.get(before)).map(|before| ending(before));
        let place =
            if parts.len() > 1 { format!("This is part {} of {}.", index + 1, parts.len()) } else { String::new() };
        STORYBOARD_PART.fill(&[
            ("place", &place),
            ("names", &names),
            ("before", before.as_deref().unwrap_or_default()),
            ("script", part),
        ])
    };
    parts.iter().enumerate().map(prompt).collect()
}

/// The caller's characters that the script speaks of, and whoever else has words in it.
fn cast(script: &str, records: &Records) -> Vec<String> {
    let mut names: Vec<String> = records.cast.iter().map(|member| member.name.clone()).collect();
    for speaker in script::speakers(script) {
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        if which(&speaker.label, &known).or_else(|| which(&speaker.name, &known)).is_none() {
            names.push(speaker.name);
        }
    }
    names
}

/// The last words of a part, in one line.
fn ending(part: &str) -> String {
    let skipped = part.chars().count().saturating_sub(CONTEXT_CHARS);
    let last: String = part.chars().skip(skipped).collect();
    crate::names::tidy(&last)
}
