//! The shapes of requests. Names in camel case may be written with `_` and `-` too, and null stands for absent. What no
//! schema can say (that a file is there, that a model can do it) is a 400 that says so.

use serde_json::{Value, json};
use toonmill_domain::{JobKind, MAX_IMAGES_PER_STAGE, MAX_ROUNDS};
use toonmill_http_api::openapi::schema::{
    any, count, flag, lists, map, number, object, one_of, or_null, text, texts, uuid, whole, with,
};

const LONGEST_PROMPT: u64 = 4_000;
const MOST_VARIANTS: u64 = 100;
const MOST_INPUTS: u64 = 14;
const MOST_STAGES: u64 = 20;

fn prompt() -> Value {
    texts(1, LONGEST_PROMPT)
}

/// A caller's own id.
fn own_id() -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,128}$" })
}

/// An inline picture, or the id of a file.
fn picture() -> Value {
    let inline = object([("base64", text()), ("mimeType", text())]);
    json!({ "anyOf": [inline, object([("fileId", uuid())])] })
}

/// What every POST that makes a job may say.
pub(super) fn options() -> Value {
    object([
        ("productionId?", or_null(&own_id())),
        ("maxRounds?", or_null(&whole(1, MAX_ROUNDS.into()))),
        ("deadlineSeconds?", or_null(&whole(60, 86_400))),
        ("watermark?", or_null(&flag())),
        ("userId?", or_null(&text())),
    ])
}

/// `POST /api/v1/jobs`: one of two forms.
pub(super) fn job() -> Value {
    let stage = object([
        ("prompt", prompt()),
        ("quantity", whole(1, MAX_IMAGES_PER_STAGE.into())),
        ("aspectRatio?", or_null(&text())),
        ("inputFileIds?", or_null(&lists(&uuid(), 0, MOST_INPUTS))),
        ("mergedImageAttachId?", or_null(&uuid())),
        ("provider?", or_null(&text())),
        ("model?", or_null(&text())),
        ("imageSize?", or_null(&text())),
        ("failover?", or_null(&one_of(["never", "after_rounds", "on_refusal"]))),
        ("watermark?", or_null(&flag())),
    ]);
    let pipeline = with(options(), object([("stages", lists(&stage, 1, MOST_STAGES))]));
    let arguments = object([
        ("input_text?", or_null(&text())),
        ("system_prompt?", or_null(&text())),
        ("temperature?", or_null(&number(0.0, 2.0))),
        ("max_output_tokens?", or_null(&whole(1, 1_000_000))),
        ("prompt?", or_null(&text())),
        ("aspect_ratio?", or_null(&text())),
        ("size?", or_null(&text())),
        ("reference_file_ids?", or_null(&lists(&uuid(), 0, MOST_INPUTS))),
        ("watermark?", or_null(&flag())),
    ]);
    let single = object([
        ("arguments", arguments),
        ("provider?", or_null(&text())),
        ("model_id?", or_null(&text())),
        ("store_result?", or_null(&flag())),
    ]);
    json!({ "anyOf": [pipeline, with(options(), single)] })
}

/// A body of one of the webtoon's endpoints.
pub(super) fn of(kind: JobKind) -> Value {
    let drawn = || {
        let fields = object([
            ("apiProvider?", or_null(&text())),
            ("aspectRatio?", or_null(&text())),
            ("count?", or_null(&whole(1, MOST_VARIANTS))),
        ]);
        with(options(), fields)
    };
    let written = || with(options(), object([("apiProvider?", or_null(&text())), ("language?", or_null(&text()))]));
    let ids = |member| or_null(&lists(&object([(member, uuid())]), 0, MOST_INPUTS));
    match kind {
        JobKind::GenerateMonsterImage => with(drawn(), object([("prompt", prompt()), ("cutId", own_id())])),
        JobKind::GenerateCharacterImagePreview => {
            with(drawn(), object([("name", prompt()), ("description?", or_null(&text()))]))
        }
        JobKind::GenerateCharacterSheet => with(
            drawn(),
            object([
                ("imageBase64?", or_null(&text())),
                ("imageMimeType?", or_null(&text())),
                ("fileId?", or_null(&uuid())),
            ]),
        ),
        JobKind::Convert3dCharacter => with(
            drawn(),
            object([
                ("characterSheetImage", picture()),
                ("poseImage", picture()),
                ("aspectRatio?", or_null(&one_of(["landscape", "portrait", "square"]))),
                ("cutId", own_id()),
                ("processId", own_id()),
                ("webtoonId?", or_null(&own_id())),
                ("additionalPrompt?", or_null(&text())),
            ]),
        ),
        JobKind::RegenerateImage => with(
            drawn(),
            object([
                ("prompt", prompt()),
                ("imageUrl?", or_null(&text())),
                ("fileId?", or_null(&uuid())),
                ("cutId", own_id()),
                ("processId", own_id()),
                ("referenceImages?", ids("id")),
                ("characterSheets?", ids("sheetId")),
                ("useOriginalImageAsReference?", or_null(&flag())),
            ]),
        ),
        JobKind::RegenerateImageBatch => {
            let request = object([("prompt", prompt())]);
            let fields = [("cutId", own_id()), ("processId", own_id()), ("requests", lists(&request, 1, 100))];
            with(options(), object(fields))
        }
        JobKind::GenerateMonsterPrompt => with(written(), object([("description?", or_null(&text()))])),
        JobKind::ScriptToStoryboard => {
            with(written(), object([("script", texts(1, 1_000_000)), ("episodeId?", or_null(&own_id()))]))
        }
        JobKind::StoryboardCutImage => with(
            drawn(),
            object([
                ("title?", or_null(&text())),
                ("background?", or_null(&text())),
                ("description", prompt()),
                ("dialogue?", or_null(&text())),
                ("storyboardId", uuid()),
                ("cutIndex", count()),
                ("selectedCharacterSheets?", or_null(&map(&any()))),
            ]),
        ),
        JobKind::GenerateCharacterImage => options(),
        JobKind::Pipeline | JobKind::SingleImage | JobKind::SingleText => job(),
    }
}

pub(super) fn retry() -> Value {
    object([("deadlineSeconds?", or_null(&whole(60, 86_400)))])
}

pub(super) fn character() -> Value {
    object([
        ("name", texts(1, 100)),
        ("description?", or_null(&texts(0, LONGEST_PROMPT))),
        ("projectId?", or_null(&own_id())),
    ])
}

pub(super) fn save() -> Value {
    object([("fileIds", lists(&uuid(), 1, 100)), ("cutId?", or_null(&own_id())), ("processId?", or_null(&own_id()))])
}

pub(super) fn upload() -> Value {
    object([
        ("fileName", texts(1, 255)),
        ("mimeType", one_of(["image/jpeg", "image/png", "image/webp", "video/mp4", "video/webm"])),
        ("sizeBytes", whole(1, 100_000_000)),
        ("sha256?", or_null(&text())),
    ])
}
