//! What bad bodies are told: everything at once.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use toonmill_domain::JobKind;

use crate::{
    bodies::least,
    studio::{BOARD, GONE, PICTURE, told},
};

type Case = (&'static str, (JobKind, Value));

const fn of(kind: JobKind, body: Value) -> (JobKind, Value) {
    (kind, body)
}

fn monsters_and_previews() -> Vec<Case> {
    let (monster, preview) = (JobKind::GenerateMonsterImage, JobKind::GenerateCharacterImagePreview);
    vec![
        ("no object", of(monster, json!([]))),
        ("a monster of nothing", of(monster, json!({}))),
        (
            "a monster with everything wrong",
            of(
                monster,
                json!({
                    "prompt": " ", "aspect_ratio": "wide", "cutId": "a/b", "apiProvider": "midjourney", "count": 101, "watermark": 1,
                    "imageSize": 2, "productionId": "..", "deadlineSeconds": 1
                }),
            ),
        ),
        ("a monster too long", of(monster, json!({"prompt": "가".repeat(4_001), "cutId": "c".repeat(129)}))),
        ("a monster of a strange ratio", of(monster, json!({"prompt": "x", "cutId": "c", "aspectRatio": "7:1"}))),
        ("a nameless preview", of(preview, json!({"description": "x".repeat(4_001)}))),
        ("a preview of the wrong types", of(preview, json!({"name": 5, "description": []}))),
    ]
}

fn sheets_and_characters() -> Vec<Case> {
    let sheet = JobKind::GenerateCharacterSheet;
    vec![
        ("a sheet of nothing", of(sheet, json!({}))),
        (
            "a sheet of two pictures",
            of(sheet, json!({"imageBase64": "eA==", "imageMimeType": "image/png", "fileId": PICTURE})),
        ),
        ("a sheet of no picture", of(sheet, json!({"imageBase64": "not base64!", "imageMimeType": "image/gif"}))),
        ("a sheet without a type", of(sheet, json!({"imageBase64": "eA=="}))),
        ("a sheet of a lost file", of(sheet, json!({"fileId": GONE}))),
        ("a sheet of no file", of(sheet, json!({"fileId": 7}))),
        ("a sheet of a lost character", of(sheet, json!({"fileId": PICTURE, "characterId": GONE}))),
        ("a sheet of no character", of(sheet, json!({"fileId": PICTURE, "characterId": "Ann"}))),
        (
            "a character with everything wrong",
            of(JobKind::GenerateCharacterImage, json!({"apiProvider": "seedream", "count": 0, "aspectRatio": "wide"})),
        ),
    ]
}

fn regenerations() -> Vec<Case> {
    vec![
        ("a regeneration of nothing", of(JobKind::RegenerateImage, json!({}))),
        (
            "a regeneration with everything wrong",
            of(
                JobKind::RegenerateImage,
                json!({
                    "imageUrl": "x", "fileId": GONE, "prompt": [], "aspectRatio": "1", "cutId": 5, "processId": "", "apiProvider": 1,
                    "referenceImages": [7, {"id": 5}, {}], "characterSheets": vec![json!({"sheetId": GONE}); 15],
                    "useOriginalImageAsReference": "yes"
                }),
            ),
        ),
        (
            "an original that is gone and not sent",
            of(
                JobKind::RegenerateImage,
                json!({
                    "fileId": GONE, "prompt": "x", "cutId": "c", "processId": "p", "useOriginalImageAsReference": false
                }),
            ),
        ),
    ]
}

fn texts() -> Vec<Case> {
    vec![
        (
            "a monster's prompt with everything wrong",
            of(
                JobKind::GenerateMonsterPrompt,
                json!({"description": 5, "language": "fr", "apiProvider": "x y", "model": []}),
            ),
        ),
        ("a long description", of(JobKind::GenerateMonsterPrompt, json!({"description": "가".repeat(8_001)}))),
        ("a writer that does not write", of(JobKind::GenerateMonsterPrompt, json!({"apiProvider": "seedream"}))),
        ("a storyboard of nothing", of(JobKind::ScriptToStoryboard, json!({}))),
        (
            "a storyboard with everything wrong",
            of(
                JobKind::ScriptToStoryboard,
                json!({"script": " ", "episodeId": "a b", "language": 5, "apiProvider": "seedream", "productionId": "p"}),
            ),
        ),
        ("a storyboard of too much", of(JobKind::ScriptToStoryboard, json!({"script": "가".repeat(60_001)}))),
        (
            "a storyboard of two episodes",
            of(JobKind::ScriptToStoryboard, json!({"script": "x", "episodeId": "e", "productionId": "p"})),
        ),
    ]
}

fn batches() -> Vec<Case> {
    vec![
        ("a batch of nothing", of(JobKind::RegenerateImageBatch, json!({"requests": []}))),
        (
            "a batch with everything wrong",
            of(
                JobKind::RegenerateImageBatch,
                json!({
                    "cutId": "a b", "requests": [
                        5, {}, {"fileId": PICTURE, "imageUrl": "x", "prompt": "가".repeat(4_001), "count": 1, "watermark": "no"},
                        {"fileId": PICTURE, "prompt": "x", "apiProvider": "seedream", "aspectRatio": "5:4"},
                        {"fileId": GONE, "prompt": "y", "characterSheets": [{"id": PICTURE}]}
                    ]
                }),
            ),
        ),
        (
            "a batch of which nothing can be drawn",
            of(
                JobKind::RegenerateImageBatch,
                json!({"cutId": "c", "processId": "p", "requests": vec![json!({"fileId": GONE, "prompt": "x"}); 2]}),
            ),
        ),
    ]
}

fn cuts() -> Vec<Case> {
    vec![
        ("a cut of nothing", of(JobKind::StoryboardCutImage, json!({}))),
        (
            "a cut with everything wrong",
            of(
                JobKind::StoryboardCutImage,
                json!({
                    "title": 5, "background": [], "description": " ", "dialogue": {}, "storyboardId": "x", "cutIndex": -1,
                    "selectedCharacterSheets": {"아무개": 0}, "apiProvider": "midjourney", "aspectRatio": "wide"
                }),
            ),
        ),
        (
            "a cut that is not there",
            of(JobKind::StoryboardCutImage, json!({"description": "x", "storyboardId": BOARD, "cutIndex": 4})),
        ),
        (
            "a cut of a lost storyboard",
            of(JobKind::StoryboardCutImage, json!({"description": "x", "storyboardId": GONE, "cutIndex": 0})),
        ),
        (
            "sheets that are none",
            of(
                JobKind::StoryboardCutImage,
                json!({"description": "민수", "storyboardId": BOARD, "cutIndex": 0, "selectedCharacterSheets": {"민수": 3}}),
            ),
        ),
        (
            "a sheet that was removed",
            of(
                JobKind::StoryboardCutImage,
                json!({"description": "x", "storyboardId": BOARD, "cutIndex": 0, "selectedCharacterSheets": {"민수": 2}}),
            ),
        ),
    ]
}

fn poses() -> Vec<Case> {
    let pose = |changes: Value| {
        let mut body = least(JobKind::Convert3dCharacter);
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        of(JobKind::Convert3dCharacter, body)
    };
    vec![
        ("a pose of nothing", of(JobKind::Convert3dCharacter, json!({}))),
        ("a pose of empty pictures", pose(json!({"characterSheetImage": {}, "poseImage": "x"}))),
        (
            "a pose with everything wrong",
            pose(json!({
                "characterSheetImage": {"fileId": GONE}, "poseImage": {"base64": "", "mimeType": "image/png"},
                "aspectRatio": "16:9", "cutId": "", "processId": "a b", "webtoonId": "..", "additionalPrompt": 4, "count": 0
            })),
        ),
    ]
}

#[test]
fn every_problem_of_a_bad_body_is_told_at_once() {
    let cases =
        [monsters_and_previews(), sheets_and_characters(), regenerations(), texts(), batches(), cuts(), poses()]
            .concat();
    let told: BTreeMap<_, _> = cases.iter().map(|(name, (kind, body))| (*name, told(*kind, body))).collect();
    assert_eq!(told.len(), cases.len());
    assert!(told.values().all(|problems| !problems.is_empty()), "{told:#?}");
    insta::assert_json_snapshot!(told);
}
