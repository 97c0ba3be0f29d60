//! The shapes of requests. Names in camel case may be written with `_` and `-` too. Null, and whatever else says nothing
//! ([`or_nothing`]), stands for absent. What no schema can say (that a file is there, that a model can do it) is a 400 that
//! says so.

use serde_json::{Value, json};
use toonmill_domain::{JobKind, MAX_IMAGES_PER_STAGE, MAX_ROUNDS};
use toonmill_http_api::openapi::schema::{
    any, count, flag, lists, map, number, object, one_of, or_nothing, text, texts, uuid, whole, with,
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
        ("productionId?", or_nothing(&own_id())),
        ("maxRounds?", or_nothing(&whole(1, MAX_ROUNDS.into()))),
        ("deadlineSeconds?", or_nothing(&whole(60, 86_400))),
        ("watermark?", or_nothing(&flag())),
        ("userId?", or_nothing(&text())),
    ])
}

/// `POST /api/v1/jobs`: one of two forms.
pub(super) fn job() -> Value {
    let stage = object([
        ("prompt", prompt()),
        ("quantity", whole(1, MAX_IMAGES_PER_STAGE.into())),
        ("aspectRatio?", or_nothing(&text())),
        ("inputFileIds?", or_nothing(&lists(&uuid(), 0, MOST_INPUTS))),
        ("mergedImageAttachId?", or_nothing(&uuid())),
        ("provider?", or_nothing(&text())),
        ("model?", or_nothing(&text())),
        ("imageSize?", or_nothing(&text())),
        ("failover?", or_nothing(&one_of(["never", "after_rounds", "on_refusal"]))),
        ("watermark?", or_nothing(&flag())),
    ]);
    let pipeline = with(options(), object([("stages", lists(&stage, 1, MOST_STAGES))]));
    let arguments = object([
        ("input_text?", or_nothing(&text())),
        ("system_prompt?", or_nothing(&text())),
        ("temperature?", or_nothing(&number(0.0, 2.0))),
        ("max_output_tokens?", or_nothing(&whole(1, 1_000_000))),
        ("prompt?", or_nothing(&text())),
        ("aspect_ratio?", or_nothing(&text())),
        ("size?", or_nothing(&text())),
        ("reference_file_ids?", or_nothing(&lists(&uuid(), 0, MOST_INPUTS))),
        ("watermark?", or_nothing(&flag())),
    ]);
    let single = object([
        ("arguments", arguments),
        ("provider?", or_nothing(&text())),
        ("model_id?", or_nothing(&text())),
        ("store_result?", or_nothing(&flag())),
    ]);
    json!({ "anyOf": [pipeline, with(options(), single)] })
}

/// A body of one of the webtoon's endpoints.
pub(super) fn of(kind: JobKind) -> Value {
    let drawn = || {
        let fields = object([
            ("apiProvider?", or_nothing(&text())),
            ("aspectRatio?", or_nothing(&text())),
            ("count?", or_nothing(&whole(1, MOST_VARIANTS))),
        ]);
        with(options(), fields)
    };
    let written =
        || with(options(), object([("apiProvider?", or_nothing(&text())), ("language?", or_nothing(&text()))]));
    let ids = |member| or_nothing(&lists(&object([(member, uuid())]), 0, MOST_INPUTS));
    match kind {
        JobKind::GenerateMonsterImage => with(drawn(), object([("prompt", prompt()), ("cutId", own_id())])),
        JobKind::GenerateCharacterImagePreview => {
            with(drawn(), object([("name", prompt()), ("description?", or_nothing(&text()))]))
        }
        JobKind::GenerateCharacterSheet => with(
            drawn(),
            object([
                ("imageBase64?", or_nothing(&text())),
                ("imageMimeType?", or_nothing(&text())),
                ("fileId?", or_nothing(&uuid())),
            ]),
        ),
        JobKind::Convert3dCharacter => with(
            drawn(),
            object([
                ("characterSheetImage", picture()),
                ("poseImage", picture()),
                ("aspectRatio?", or_nothing(&one_of(["landscape", "portrait", "square"]))),
                ("cutId", own_id()),
                ("processId", own_id()),
                ("webtoonId?", or_nothing(&own_id())),
                ("additionalPrompt?", or_nothing(&text())),
            ]),
        ),
        JobKind::RegenerateImage => with(
            drawn(),
            object([
                ("prompt", prompt()),
                ("imageUrl?", or_nothing(&text())),
                ("fileId?", or_nothing(&uuid())),
                ("cutId", own_id()),
                ("processId", own_id()),
                ("referenceImages?", ids("id")),
                ("characterSheets?", ids("sheetId")),
                ("useOriginalImageAsReference?", or_nothing(&flag())),
            ]),
        ),
        JobKind::RegenerateImageBatch => {
            let request = object([("prompt", prompt())]);
            let fields = [("cutId", own_id()), ("processId", own_id()), ("requests", lists(&request, 1, 100))];
            with(options(), object(fields))
        }
        JobKind::GenerateMonsterPrompt => with(written(), object([("description?", or_nothing(&text()))])),
        JobKind::ScriptToStoryboard => {
            with(written(), object([("script", texts(1, 1_000_000)), ("episodeId?", or_nothing(&own_id()))]))
        }
        JobKind::StoryboardCutImage => with(
            drawn(),
            object([
                ("title?", or_nothing(&text())),
                ("background?", or_nothing(&text())),
                ("description", prompt()),
                ("dialogue?", or_nothing(&text())),
                ("storyboardId", uuid()),
                ("cutIndex", count()),
                ("selectedCharacterSheets?", or_nothing(&map(&any()))),
            ]),
        ),
        JobKind::GenerateCharacterImage => options(),
        JobKind::Pipeline | JobKind::SingleImage | JobKind::SingleText => job(),
    }
}

pub(super) fn retry() -> Value {
    object([("deadlineSeconds?", or_nothing(&whole(60, 86_400)))])
}

pub(super) fn character() -> Value {
    object([
        ("name", texts(1, 100)),
        ("description?", or_nothing(&texts(0, LONGEST_PROMPT))),
        ("projectId?", or_nothing(&own_id())),
    ])
}

pub(super) fn save() -> Value {
    object([
        ("fileIds", lists(&uuid(), 1, 100)),
        ("cutId?", or_nothing(&own_id())),
        ("processId?", or_nothing(&own_id())),
    ])
}

pub(super) fn upload() -> Value {
    object([
        ("fileName", texts(1, 255)),
        ("mimeType", text()),
        ("sizeBytes", whole(1, 100_000_000)),
        ("sha256?", or_nothing(&text())),
    ])
}
