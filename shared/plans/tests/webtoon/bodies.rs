//! Good bodies of every endpoint.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use toonmill_domain::JobKind;

use crate::studio::{BOARD, GONE, HERO, OTHER, PICTURE};

pub(crate) fn inline() -> Value {
    json!({"base64": BASE64_STANDARD.encode(b"pixels"), "mimeType": "image/png"})
}

/// A body in which nothing is wrong, with everything that may stand in it.
pub(crate) fn full(kind: JobKind) -> Value {
    match kind {
        JobKind::GenerateMonsterImage => json!({
            "prompt": "옥상을 지키는 {세 머리} 늑대", "aspectRatio": "3:4", "cutId": "cut-12", "userId": "a", "apiProvider": "gemini",
            "count": 3, "watermark": false
        }),
        JobKind::GenerateCharacterImagePreview => json!({
            "name": "한서윤", "description": "A hunter of twenty-four, silver hair to the chin, a scar through the left brow."
        }),
        JobKind::GenerateCharacterSheet => json!({
            "imageBase64": BASE64_STANDARD.encode(b"pixels"), "imageMimeType": "image/png", "apiProvider": "seedream",
            "characterId": HERO
        }),
        JobKind::Convert3dCharacter => json!({
            "characterSheetImage": inline(), "poseImage": {"fileId": PICTURE}, "aspectRatio": "portrait", "cutId": "cut-12",
            "processId": "p_1", "webtoonId": "w", "additionalPrompt": "검을 든 손은 오른손"
        }),
        JobKind::RegenerateImage => json!({
            "imageUrl": "accounts/a/cut-12/_/monster-1.webp", "prompt": "비 오는 밤으로 바꿔줘", "cutId": "cut-12", "processId": "p_1",
            "apiProvider": "openai", "referenceImages": [{"id": PICTURE}, {"id": PICTURE}], "characterSheets": [{"sheetId": PICTURE}],
            "useOriginalImageAsReference": true
        }),
        JobKind::GenerateMonsterPrompt => {
            json!({"description": "지하철의 문어", "language": "en", "apiProvider": "gemini"})
        }
        JobKind::GenerateCharacterImage => json!({"apiProvider": "gemini", "count": 2, "aspectRatio": "2:3"}),
        JobKind::RegenerateImageBatch => json!({
            "cutId": "cut-12", "processId": "p_1", "watermark": true, "requests": [
                {"fileId": PICTURE, "prompt": "밤으로", "apiProvider": "gemini"},
                {"fileId": OTHER, "prompt": "비 오게", "apiProvider": "seedream", "watermark": false},
                {"fileId": PICTURE, "prompt": "새벽", "apiProvider": "gemini", "aspectRatio": "1:1", "useOriginalImageAsReference": false},
                {"fileId": GONE, "prompt": "눈 오게"},
                {"imageUrl": "accounts/a/x.webp", "prompt": "해 질 녘", "apiProvider": "gemini", "imageSize": "2K", "referenceImages": [{"id": OTHER}]}
            ]
        }),
        JobKind::StoryboardCutImage => json!({
            "title": "문 앞", "background": "밤의 옥상, 비", "description": "한서윤이 문을 연다. 아래에서 올려다본 전신.", "dialogue": "민수: 왔어?\n한서윤: 응.",
            "storyboardId": BOARD, "cutIndex": 3, "selectedCharacterSheets": {"민수": 1}, "apiProvider": "gemini", "count": 2
        }),
        JobKind::ScriptToStoryboard => json!({
            "script": format!("장면 1. 옥상.\n민수: 왔어?\n수진: 응.\n한서윤이 문을 연다.\n\n{}", "비가 온다. ".repeat(400)),
            "episodeId": "ep-1", "language": "ko", "apiProvider": "openai"
        }),
        other => panic!("{other:?} is of no webtoon endpoint"),
    }
}

/// The least that a body needs.
pub(crate) fn least(kind: JobKind) -> Value {
    match kind {
        JobKind::GenerateMonsterImage => json!({"prompt": "a wolf", "cutId": "c"}),
        JobKind::GenerateCharacterImagePreview => json!({"name": "Ann"}),
        JobKind::GenerateCharacterSheet => json!({"fileId": PICTURE}),
        JobKind::Convert3dCharacter => {
            json!({"characterSheetImage": {"fileId": PICTURE}, "poseImage": inline(), "cutId": "c", "processId": "p"})
        }
        JobKind::RegenerateImage => json!({"fileId": PICTURE, "prompt": "at night", "cutId": "c", "processId": "p"}),
        JobKind::GenerateMonsterPrompt | JobKind::GenerateCharacterImage => json!({}),
        JobKind::ScriptToStoryboard => json!({"script": "Ann: Run!"}),
        JobKind::RegenerateImageBatch => {
            json!({"cutId": "c", "processId": "p", "requests": [{"fileId": PICTURE, "prompt": "at night"}]})
        }
        JobKind::StoryboardCutImage => {
            json!({"description": "An empty roof.", "storyboardId": BOARD, "cutIndex": 0})
        }
        other => panic!("{other:?} is of no webtoon endpoint"),
    }
}
