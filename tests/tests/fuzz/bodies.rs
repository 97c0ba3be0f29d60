//! Bodies of the endpoints that draw and write.

use std::{cell::Cell, collections::BTreeSet, sync::LazyLock};

use serde_json::{Value, json};
use toonmill_domain::{
    Character, CharacterId, FileId, InputImage, JobKind, PixelSize, ProviderId, StagePlan, Timestamp,
};
use toonmill_plans::{Board, Draft, Inputs, Making, Member, Named, Planned, Records, Sheet, Studio, TextLimits};
use toonmill_providers::Catalogue;
use uuid::Uuid;

use crate::{decisions::Decisions, spoil};

const MAX_IMAGES: u32 = 5_000;
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::built_in().unwrap());

fn picture() -> Value {
    json!({"base64": "iVBORw0KGgo=", "mimeType": "image/png"})
}

/// Bodies in which nothing is wrong, with as much in them as may be.
fn right(kind: JobKind) -> Vec<Value> {
    let file = "01890a5d-ac96-774b-bcce-b302099a8057";
    let cut = json!({"cutId": "cut-12", "processId": "p_1"});
    let with_cut = |mut body: Value| {
        body.as_object_mut().unwrap().extend(cut.as_object().unwrap().clone());
        body
    };
    match kind {
        JobKind::Pipeline => vec![json!({
            "stages": [
                {"prompt": "옥상의 결투", "aspectRatio": "16:9", "quantity": 50, "inputFileIds": [file], "failover": "after_rounds"},
                {"prompt": "A kitchen", "quantity": 3, "provider": "seedream", "imageSize": "2K", "watermark": true}
            ],
            "productionId": "page-12", "maxRounds": 3, "deadlineSeconds": 600, "webhookUrl": "https://studio.example/hooks",
            "mergedImageAttachId": file
        })],
        JobKind::SingleImage => vec![json!({
            "provider": "gemini", "model_id": "gemini-3-pro-image", "store_result": true,
            "arguments": {"prompt": "A quiet kitchen", "aspect_ratio": "4:3", "size": "1K", "reference_file_ids": [file]}
        })],
        JobKind::SingleText => vec![json!({
            "provider": "openai", "store_result": false, "stream": false,
            "arguments": {"input_text": "a monster", "system_prompt": "short", "temperature": 0.5, "max_output_tokens": 200}
        })],
        JobKind::RegenerateImage => vec![
            with_cut(json!({"prompt": "밤으로", "fileId": file})),
            with_cut(json!({"prompt": "밤으로", "imageUrl": "data:image/png; name=a ;base64, iVBO Rw0K-_o="})),
        ],
        _ => vec![with_cut(json!({
            "prompt": "옥상을 지키는 늑대", "name": "민수", "description": "검은 코트", "language": "ko", "apiProvider": "gemini", "count": 3,
            "aspectRatio": "square", "fileId": file, "imageBase64": "iVBORw0KGgo=", "imageMimeType": "image/png",
            "characterSheetImage": picture(), "poseImage": {"fileId": file}, "referenceImages": [{"id": file}], "characterSheets": [{"sheetId": file}],
            "script": "민수가 옥상에 선다.", "title": "1", "background": "옥상", "dialogue": "민수: 왔군.", "cutIndex": 0, "storyboardId": file,
            "selectedCharacterSheets": {"민수": 0}, "requests": [{"fileId": file, "prompt": "at night"}, {"fileId": file, "prompt": "비"}],
        }))],
    }
}

fn plan(kind: JobKind, body: &Value) -> Result<Planned, Vec<toonmill_plans::Finding>> {
    let made = Cell::new(0);
    let new_file = || {
        made.set(made.get() + 1);
        FileId::new(Uuid::from_u128(made.get()))
    };
    let named = Named::of(kind, body);
    let hero = |id: CharacterId| Character {
        id,
        account: "a".parse().unwrap(),
        name: "민수".to_owned(),
        description: "검은 코트".to_owned(),
        project: None,
        created_at: Timestamp::from_millis(1_794_000_000_000),
    };
    let sheet = |is_there| Sheet { file: FileId::new(Uuid::from_u128(7)), is_there };
    let member = |name: &String| Member {
        name: name.clone(),
        description: String::new(),
        sheets: vec![sheet(true), sheet(false)],
    };
    let records = Records {
        subject: Some(hero(CharacterId::new(Uuid::from_u128(8)))),
        characters: named.characters.iter().map(|id| (*id, hero(*id))).collect(),
        cast: named.names.iter().map(member).collect(),
        storyboard: named.storyboard.map(|id| Board { id, cuts: vec![vec!["민수".to_owned()]; 4] }),
    };
    let making = Making { now: Timestamp::from_millis(1_795_000_000_000), new_file: &new_file, records: &records };
    let mut draft = Draft::of_kind(kind, body, making);
    let image = |file: &FileId| InputImage {
        object_key: format!("accounts/a/uploads/{file}.png"),
        sha256: "00".repeat(32),
        mime_type: "image/png".to_owned(),
        size_bytes: 1_000,
        pixels: Some(PixelSize { width: 1_000, height: 1_480 }),
        turned: false,
    };
    let mut inputs = Inputs::new();
    inputs.extend(draft.wanted_files().iter().map(|wanted| (wanted.file, Ok(image(&wanted.file)))));
    inputs.extend(draft.linked().iter().map(|picture| (picture.file, Ok(image(&picture.file)))));
    inputs.extend(draft.take_inline().iter().map(|picture| (picture.file, Ok(image(&picture.file)))));
    let configured: BTreeSet<ProviderId> = ["gemini", "seedream", "openai"].map(|name| name.parse().unwrap()).into();
    let studio = Studio {
        catalogue: &CATALOGUE,
        configured: &configured,
        unhealthy: &BTreeSet::new(),
        default_provider: None,
        max_images_per_job: MAX_IMAGES,
        text: TextLimits::default(),
    };
    draft.finish(studio, &inputs)
}

fn check(kind: JobKind, body: &Value) {
    match plan(kind, body) {
        Ok(planned) => {
            let images: u32 = planned.stages.iter().map(|stage| stage.quantity).sum();
            assert!((1..=MAX_IMAGES).contains(&images), "{images} images");
            for stage in &planned.stages {
                assert!(stage.quantity > 0 && stage.price.get() > 0, "{stage:?}");
                let written = serde_json::to_string(stage).unwrap();
                let read: StagePlan = serde_json::from_str(&written).unwrap();
                assert_eq!(&read, stage, "what workers read is what was planned");
            }
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "turned away for nothing");
            for problem in problems {
                assert!(problem.pointer.is_empty() || problem.pointer.starts_with('/'), "{problem:?}");
                assert!((1..2_000).contains(&problem.detail.len()), "a detail of {} bytes", problem.detail.len());
            }
        }
    }
}

#[test]
fn bodies() {
    bolero::check!().for_each(|input: &[u8]| {
        let mut decisions = Decisions::new(input);
        let kind = *decisions.one_of(&JobKind::ALL);
        let right = right(kind);
        let right = decisions.one_of(&right).clone();
        check(kind, &spoil::json(&right, &mut decisions));
    });
}
