//! The webtoon endpoints: each turns its body into a stage, in a file of its own.

mod character_image;
mod character_preview;
mod character_sheet;
mod language;
mod monster_image;
mod monster_prompt;
mod pose;
mod regenerate;
mod regenerate_batch;
pub(crate) mod script_to_storyboard;
pub(crate) mod storyboard_cut_image;

use toonmill_domain::{AspectRatio, FileId, HistoryEntry, JobKind, Naming, Publication, Timestamp};

use crate::{
    MAX_PROMPT_CHARS, Records,
    draft::WorkDraft,
    letters,
    pictures::Pictures,
    pipeline::read_failover,
    reader::{Fields, Given},
    stage::{StageDraft, WantedFile, read_provider},
};

/// The most variants of one picture that a request may ask for.
const MAX_COUNT: u32 = 100;

/// What a plan needs and a body does not have.
#[derive(Clone, Copy)]
pub struct Making<'a> {
    pub now: Timestamp,
    /// Makes the ids of pictures that come in the body.
    pub new_file: &'a dyn Fn() -> FileId,
    /// What there is of what the request names.
    pub records: &'a Records,
}

/// What a body of one of the webtoon endpoints asks for.
pub(crate) fn read(kind: JobKind, fields: &Fields<'_>, pictures: &Pictures<'_>, making: Making<'_>) -> WorkDraft {
    let Making { now, records, .. } = making;
    let stage = match kind {
        JobKind::GenerateMonsterImage => monster_image::read(fields),
        JobKind::GenerateCharacterImagePreview => character_preview::read(fields),
        JobKind::GenerateCharacterSheet => character_sheet::read(fields, pictures, records),
        JobKind::Convert3dCharacter => pose::read(fields, pictures, now),
        JobKind::RegenerateImage => regenerate::read(fields, pictures),
        JobKind::RegenerateImageBatch => return WorkDraft::Batch(regenerate_batch::read(fields, pictures)),
        JobKind::StoryboardCutImage => storyboard_cut_image::read(fields, records),
        JobKind::GenerateCharacterImage => {
            let Some(character) = &records.subject else {
                fields.problem("", "there is no such character");
                return WorkDraft::Images(Vec::new());
            };
            character_image::read(fields, character)
        }
        JobKind::GenerateMonsterPrompt => return WorkDraft::Text(Box::new(monster_prompt::read(fields))),
        JobKind::ScriptToStoryboard => {
            return WorkDraft::Text(Box::new(script_to_storyboard::read(fields, records)));
        }
        // These say by their body which of them they are.
        JobKind::Pipeline | JobKind::SingleImage | JobKind::SingleText => return WorkDraft::Images(Vec::new()),
    };
    WorkDraft::Images(vec![stage])
}

/// A stage of these words, with what every endpoint may say about it and nothing else.
fn stage(fields: &Fields<'_>, prompt: Given<String>, wording: String, ratio: Given<AspectRatio>) -> StageDraft {
    StageDraft {
        prompt,
        wording: Some(wording),
        quantity: fields.integer("count", 1, MAX_COUNT).value.unwrap_or(1),
        aspect_ratio: ratio,
        image_size: crate::stage::read_name(fields, "imageSize"),
        provider: read_provider(fields, "apiProvider"),
        model: crate::stage::read_name(fields, "model"),
        failover: read_failover(fields),
        // The job's, which has a single stage.
        watermark: None,
        files: Vec::new(),
        files_at: String::new(),
        keep_files: true,
        naming: None,
        temporary: false,
        publish: None,
        measured: None,
    }
}

/// The prompt of a request whose words are all ours: nothing of them has a place in the body.
fn ours() -> Given<String> {
    Given { pointer: String::new(), value: Some(String::new()), absent: false }
}

/// The pictures that a stage is drawn from, and where a problem with all of them is told.
fn drawn_from(stage: StageDraft, files: Vec<WantedFile>) -> StageDraft {
    let files_at = files.first().map(|file| file.pointer.clone()).unwrap_or_default();
    StageDraft { files, files_at, ..stage }
}

/// A ratio that the endpoint has where the request has none.
fn or_ratio(given: Given<AspectRatio>, width: u16, height: u16) -> Given<AspectRatio> {
    let value = if given.absent { format!("{width}:{height}").parse().ok() } else { given.value };
    Given { value, ..given }
}

/// A ratio that is always the same: it has no place in the body.
fn fixed_ratio(width: u16, height: u16) -> Given<AspectRatio> {
    or_ratio(Given { pointer: "/apiProvider".to_owned(), value: None, absent: true }, width, height)
}

/// The caller's own ids of what a picture is for.
#[derive(Clone)]
struct Cut {
    cut: String,
    process: Option<String>,
}

impl Cut {
    /// The files of a cut without a process lie under `_`.
    fn naming(&self, stem: impl Into<String>) -> Naming {
        let process = self.process.as_deref().unwrap_or("_");
        Naming { folder: format!("{}/{process}", self.cut), stem: stem.into() }
    }

    fn history(self, prompt: &str) -> Publication {
        Publication::History(HistoryEntry { cut: self.cut, process: self.process, prompt: prompt.to_owned() })
    }
}

fn read_cut(fields: &Fields<'_>, process: Process) -> Option<Cut> {
    let cut = fields.require(read_own_id(fields, "cutId"));
    let process = match process {
        Process::Needed => Some(fields.require(read_own_id(fields, "processId")).value?.to_owned()),
        Process::Unknown => None,
    };
    Some(Cut { cut: cut.value?.to_owned(), process })
}

#[derive(Clone, Copy)]
enum Process {
    Needed,
    /// The endpoint knows no processes.
    Unknown,
}

/// Checks ids of the caller's own that are taken and mean nothing to us.
pub fn own_ids(fields: &Fields<'_>, names: &[&str]) {
    for name in names {
        read_own_id(fields, name);
    }
}

/// An id that the caller made and that is never looked up.
pub fn read_own_id<'a>(fields: &Fields<'a>, name: &str) -> Given<&'a str> {
    let given = fields.choice(name);
    let fits = |id: &&str| {
        (1..=128).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    if given.value.is_some_and(|id| !fits(&id)) {
        fields.problem(&given.pointer, "must be 1 to 128 of A-Z, a-z, 0-9, _ and -");
    }
    Given { value: given.value.filter(fits), ..given }
}

/// A text that may be left out, and may be blank, but not longer than a prompt.
fn read_words(fields: &Fields<'_>, name: &str) -> Given<String> {
    let words = fields.words(name);
    if let Some(why) = words.value.as_ref().and_then(|words| letters::too_long(words, MAX_PROMPT_CHARS)) {
        fields.problem(&words.pointer, why);
    }
    words
}

fn words(given: &Given<String>) -> &str {
    given.value.as_deref().unwrap_or_default()
}
