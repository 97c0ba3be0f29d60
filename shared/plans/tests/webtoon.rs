//! What the bodies of the webtoon endpoints come to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use toonmill_domain::{
    Character, FileId, InputImage, JobKind, MeasuredImage, PixelSize, ProviderId, Publication, RequestPlan, SlotIndex,
    StageIndex, StagePlan, Timestamp, Work,
};
use toonmill_plans::{
    Board, Draft, Finding, Making, Member, Named, Planned, Records, Sheet, Studio, TextLimits, mentioned,
};
use toonmill_providers::Catalogue;
use uuid::Uuid;

const PICTURE: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const OTHER: &str = "01890a5d-ac96-774b-bcce-b302099a8058";
const BOARD: &str = "01890a5d-ac96-774b-bcce-b302099a8062";
const GONE: &str = "01890a5d-ac96-774b-bcce-b302099a8059";

/// What the body comes to for these providers. Every inline picture is a good one.
fn plan_for(providers: &[&str], kind: JobKind, body: &Value) -> Result<Planned, Vec<Finding>> {
    let image = |file: &FileId| MeasuredImage {
        image: InputImage {
            object_key: format!("accounts/a/uploads/{file}.png"),
            sha256: "00".repeat(32),
            mime_type: "image/png".to_owned(),
            size_bytes: 1_000,
            pixels: None,
            turned: false,
        },
        // A page of a phone: nearest to 2:3 for whoever has it.
        pixels: Some(PixelSize { width: 1_000, height: 1_480 }),
    };
    let made = Cell::new(0);
    let new_file = || {
        made.set(made.get() + 1);
        FileId::new(Uuid::from_u128(made.get()))
    };
    let records = records(kind, body);
    let making = Making { now: Timestamp::from_millis(1_795_000_000_000), new_file: &new_file, records: &records };
    let mut draft = Draft::of_kind(kind, body, making);
    let (known, gone): (FileId, FileId) = (PICTURE.parse().unwrap(), GONE.parse().unwrap());
    let other: FileId = OTHER.parse().unwrap();
    let mut inputs = BTreeMap::from([
        (known, Ok(image(&known))),
        (other, Ok(image(&other))),
        (gone, Err("there is no such file".to_owned())),
    ]);
    inputs.extend(draft.linked().iter().map(|picture| (picture.file, Ok(image(&picture.file)))));
    inputs.extend(draft.take_inline().iter().map(|picture| (picture.file, Ok(image(&picture.file)))));
    let catalogue = Catalogue::built_in().unwrap();
    let configured: BTreeSet<ProviderId> = providers.iter().map(|name| name.parse().unwrap()).collect();
    let text = TextLimits::default();
    let studio = Studio {
        catalogue: &catalogue,
        configured: &configured,
        unhealthy: &BTreeSet::new(),
        default_provider: None,
        max_images_per_job: 5_000,
        text,
    };
    draft.finish(studio, &inputs)
}

const HERO: &str = "01890a5d-ac96-774b-bcce-b302099a8061";

/// What there is of what a body names.
fn records(kind: JobKind, body: &Value) -> Records {
    let hero = Character {
        id: HERO.parse().unwrap(),
        account: "a".parse().unwrap(),
        name: "한서윤".to_owned(),
        description: "은빛 단발, 왼쪽 눈썹의 흉터".to_owned(),
        project: None,
        created_at: Timestamp::from_millis(1_794_000_000_000),
    };
    let named = Named::of(kind, body);
    let characters = named.characters.into_iter().filter(|id| *id == hero.id).map(|id| (id, hero.clone())).collect();
    let names = mentioned(named.text.as_deref().unwrap_or_default(), ["한서윤", "민수"]);
    let sheet = |file: &str, is_there| Sheet { file: file.parse().unwrap(), is_there };
    let member = |name: &str| match name {
        "민수" => Member {
            name: name.to_owned(),
            description: String::new(),
            sheets: vec![sheet(PICTURE, true), sheet(OTHER, true), sheet(GONE, false)],
        },
        _ => Member { name: name.to_owned(), description: hero.description.clone(), sheets: Vec::new() },
    };
    let cast = names.into_iter().chain(named.names.iter().map(String::as_str).filter(|name| *name == "민수"));
    let mut seen = BTreeSet::new();
    let cast: Vec<_> = cast.filter(|name| seen.insert(*name)).map(member).collect();
    let storyboard = named.storyboard.filter(|id| id.to_string() == BOARD).map(|id| Board { id, cuts: 4 });
    Records { subject: (kind == JobKind::GenerateCharacterImage).then_some(hero), characters, cast, storyboard }
}

fn plan(kind: JobKind, body: &Value) -> Result<Planned, Vec<Finding>> {
    plan_for(&["gemini", "seedream", "openai"], kind, body)
}

fn inline() -> Value {
    json!({"base64": BASE64_STANDARD.encode(b"pixels"), "mimeType": "image/png"})
}

/// A body in which nothing is wrong, with everything that may stand in it.
fn full(kind: JobKind) -> Value {
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
fn least(kind: JobKind) -> Value {
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

fn told(kind: JobKind, body: &Value) -> Vec<String> {
    let problems = plan(kind, body).err().unwrap_or_default();
    problems.into_iter().map(|problem| format!("{}: {}", problem.pointer, problem.detail)).collect()
}

fn ratio(stage: &StagePlan) -> String {
    match &stage.work {
        Work::Image(image) => image.aspect_ratio.to_string(),
        Work::Text(_) => panic!("a text has no ratio"),
    }
}

#[test]
fn every_endpoint_makes_its_plan() {
    for kind in JobKind::WEBTOON {
        for (amount, body) in [("full", full(kind)), ("least", least(kind))] {
            let planned = plan(kind, &body).unwrap_or_else(|problems| panic!("{kind:?} {amount}: {problems:?}"));
            assert_eq!(planned.kind, kind);
            insta::with_settings!({ filters => [(r"(비가 온다\.[ \\n]*)+", "[it rains] ")] }, {
                insta::assert_json_snapshot!(format!("{}-{amount}", kind.as_str()), planned.stages);
            });
        }
    }
}

#[test]
fn a_users_words_stand_in_the_prompt_as_they_were_written() {
    let prompt = |body: &Value| plan(JobKind::GenerateMonsterImage, body).unwrap().stages[0].prompt.clone();
    assert!(prompt(&full(JobKind::GenerateMonsterImage)).contains("옥상을 지키는 {세 머리} 늑대"));
    let long = "가".repeat(4_000);
    assert!(prompt(&json!({"prompt": long, "cutId": "c"})).contains(&long), "the limit is of what the user writes");
}

#[test]
fn no_slot_of_a_template_is_left_open() {
    for kind in JobKind::WEBTOON {
        let prompt = plan(kind, &least(kind)).unwrap().stages[0].prompt.clone();
        assert!(!prompt.contains(['{', '}']), "{kind:?}: {prompt}");
    }
}

#[test]
fn auto_takes_whoever_draws_the_ratio_and_a_named_provider_must() {
    let body = |provider: &str, ratio: &str| json!({"prompt": "x", "cutId": "c", "apiProvider": provider, "aspectRatio": ratio});
    let kind = JobKind::GenerateMonsterImage;
    let chosen =
        |providers: &[&str]| plan_for(providers, kind, &body("auto", "5:4")).unwrap().stages[0].provider.to_string();
    assert_eq!(
        (chosen(&["seedream", "gemini"]).as_str(), chosen(&["seedream", "openai"]).as_str()),
        ("gemini", "openai")
    );
    assert_eq!(
        told(kind, &body("seedream", "5:4")),
        ["/aspectRatio: seedream-4-5-251128 draws 21:9, 16:9, 4:3, 3:2, 1:1, 9:16, 3:4, 2:3"]
    );
    for provider in ["gemini", "seedream", "openai"] {
        let planned =
            plan_for(&[provider], JobKind::GenerateCharacterSheet, &least(JobKind::GenerateCharacterSheet)).unwrap();
        assert_eq!((planned.stages[0].provider.as_str(), ratio(&planned.stages[0]).as_str()), (provider, "21:9"));
    }
}

#[test]
fn a_regeneration_has_the_originals_ratio_as_near_as_its_provider_draws_it() {
    let kind = JobKind::RegenerateImage;
    let of = |changes: Value| {
        let mut body = least(kind);
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let stage = plan(kind, &body).unwrap().stages.remove(0);
        (ratio(&stage), stage.input_files().count())
    };
    for provider in ["gemini", "seedream", "openai", "auto"] {
        assert_eq!(of(json!({"apiProvider": provider})), ("2:3".to_owned(), 1), "{provider}");
    }
    assert_eq!(of(json!({"aspectRatio": "16:9"})), ("16:9".to_owned(), 1), "what is asked for goes before");
    let unseen = json!({"useOriginalImageAsReference": false});
    assert_eq!(of(unseen.clone()), ("2:3".to_owned(), 0), "the original is measured though it is not sent");
    let mut body = least(kind);
    body.as_object_mut().unwrap().extend(unseen.as_object().unwrap().clone());
    let prompt = plan(kind, &body).unwrap().stages.remove(0).prompt;
    assert!(!prompt.contains("first picture"), "{prompt}");
}

#[test]
fn a_monsters_prompt_is_in_the_language_asked_for_or_that_of_its_description() {
    let language = |body: Value| {
        let stage = plan(JobKind::GenerateMonsterPrompt, &body).unwrap().stages.remove(0);
        let Work::Text(text) = stage.work else { panic!("it is written") };
        let system = text.system.unwrap();
        assert!(!system.contains(['{', '}']), "{system}");
        if system.contains("in Korean") { "ko" } else { "en" }
    };
    assert_eq!(language(json!({"description": "지하철의 문어"})), "ko");
    assert_eq!(language(json!({"description": "an octopus"})), "en");
    assert_eq!(language(json!({"description": "an octopus", "language": "ko"})), "ko");
    assert_eq!((language(json!({})), language(json!({"description": " "}))), ("en", "en"));
}

#[test]
fn a_long_script_is_a_call_for_each_part_at_the_price_of_the_longest() {
    let script = |scenes: usize| json!({"script": "장면 1. 옥상. 민수가 달린다.\n수진: 민수야!\n\n".repeat(scenes)});
    let stage = |scenes| plan(JobKind::ScriptToStoryboard, &script(scenes)).unwrap().stages.remove(0);
    let (short, long) = (stage(2), stage(300));
    assert_eq!((short.quantity, short.slots.len()), (1, 0));
    assert_eq!(usize::try_from(long.quantity).unwrap(), long.slots.len() + 1);
    assert!((4..=8).contains(&long.quantity), "{}", long.quantity);
    let prompts: Vec<_> = (0..long.quantity).map(|slot| long.prompt_of(SlotIndex(slot))).collect();
    for (index, prompt) in prompts.iter().enumerate() {
        assert!(prompt.contains(&format!("part {} of {}", index + 1, prompts.len())), "{prompt}");
        assert!(prompt.contains("always to be spelt: 민수, 수진."), "{prompt}");
        assert_eq!(prompt.contains("The part before it ends so"), index > 0, "{prompt}");
    }
    let catalogue = Catalogue::built_in().unwrap();
    assert_eq!(catalogue.price_of(&long).unwrap().credits, long.price);
    assert_eq!(
        plan(JobKind::ScriptToStoryboard, &json!({"script": "x", "episodeId": "ep-1"}))
            .unwrap()
            .production_id
            .as_deref(),
        Some("ep-1")
    );
}

#[test]
fn whoever_a_cut_speaks_of_is_drawn_after_the_sheet_selected_or_the_newest() {
    let of = |changes: Value| {
        let mut body = json!({"description": "x", "storyboardId": BOARD, "cutIndex": 0});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let stage = plan(JobKind::StoryboardCutImage, &body).unwrap().stages.remove(0);
        let files: Vec<_> = stage.input_files().map(|file| file.to_string()).collect();
        (files, stage.prompt)
    };
    let files = |changes: Value| of(changes).0;
    assert_eq!(files(json!({"dialogue": "누구: 민수에게 말해."})), [OTHER], "the newest that is there");
    assert_eq!(files(json!({"description": "민수가 달린다"})), [OTHER]);
    assert_eq!(files(json!({"dialogue": "민수야!", "selectedCharacterSheets": {"민수": 0}})), [PICTURE]);
    assert_eq!(
        files(json!({"selectedCharacterSheets": {"민수": 0}})),
        [PICTURE],
        "selected, though nobody speaks of him"
    );
    assert_eq!(files(json!({"dialogue": "민수진: 안녕."})), [""; 0]);
    let (none, prompt) = of(json!({"dialogue": "한서윤이 왔다"}));
    assert_eq!(none, [""; 0], "she has no sheet");
    assert!(prompt.contains("한서윤: 은빛 단발, 왼쪽 눈썹의 흉터."), "{prompt}");
}

#[test]
fn the_requests_of_a_batch_share_a_stage_where_only_their_pictures_differ() {
    let planned = plan(JobKind::RegenerateImageBatch, &full(JobKind::RegenerateImageBatch)).unwrap();
    let at = |stage: u16, slot: u32| RequestPlan::Slot { stage: StageIndex(stage), slot: SlotIndex(slot) };
    let refused = RequestPlan::Refused { error: "there is no such file".to_owned() };
    assert_eq!(planned.requests, [at(0, 0), at(1, 0), at(0, 1), refused, at(2, 0)]);
    assert_eq!(planned.stages.iter().map(|stage| stage.quantity).collect::<Vec<_>>(), [2, 1, 1]);
    let warned: Vec<_> = planned.warnings.iter().map(|warning| warning.pointer.as_str()).collect();
    assert_eq!(warned, ["/requests/3/fileId"]);
    let shared = &planned.stages[0];
    let Work::Image(image) = &shared.work else { panic!("they are drawn") };
    let of = |slot| {
        let (ratio, inputs) = shared.picture_of(SlotIndex(slot), image);
        (ratio.to_string(), inputs.len(), shared.input_files_of(SlotIndex(slot)).len())
    };
    assert_eq!((of(0), of(1)), (("2:3".to_owned(), 1, 1), ("1:1".to_owned(), 0, 0)));
    assert!(shared.prompt_of(SlotIndex(1)).contains("새벽") && !shared.prompt_of(SlotIndex(0)).contains("새벽"));
    let told = |slot| match shared.publication_of(SlotIndex(slot)) {
        Some(Publication::History(entry)) => entry.prompt.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((told(0), told(1)), ("밤으로".to_owned(), "새벽".to_owned()));
}

#[test]
fn a_pose_has_words_of_its_own_for_ratios() {
    let kind = JobKind::Convert3dCharacter;
    let of = |word: &str| {
        let mut body = least(kind);
        body["aspectRatio"] = word.into();
        ratio(&plan(kind, &body).unwrap().stages[0])
    };
    assert_eq!([of("landscape"), of("portrait"), of("square")], ["16:9", "9:16", "1:1"]);
    assert_eq!(ratio(&plan(kind, &least(kind)).unwrap().stages[0]), "16:9");
}

#[test]
fn an_inline_picture_may_be_a_data_url() {
    let url = format!("data:image/png;base64,{}", BASE64_STANDARD.encode(b"pixels"));
    let body = json!({"imageBase64": url, "imageMimeType": "image/png"});
    let stages = plan(JobKind::GenerateCharacterSheet, &body).unwrap().stages;
    assert_eq!(stages[0].input_files().collect::<Vec<_>>(), [FileId::new(Uuid::from_u128(1))]);
}

#[test]
fn every_problem_of_a_bad_body_is_told_at_once() {
    let pose = |changes: Value| {
        let mut body = least(JobKind::Convert3dCharacter);
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        (JobKind::Convert3dCharacter, body)
    };
    let of = |kind: JobKind, body: Value| (kind, body);
    let (monster, preview, sheet) =
        (JobKind::GenerateMonsterImage, JobKind::GenerateCharacterImagePreview, JobKind::GenerateCharacterSheet);
    let cases = [
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
        ("a pose of nothing", of(JobKind::Convert3dCharacter, json!({}))),
        ("a pose of empty pictures", pose(json!({"characterSheetImage": {}, "poseImage": "x"}))),
        (
            "a pose with everything wrong",
            pose(json!({
                "characterSheetImage": {"fileId": GONE}, "poseImage": {"base64": "", "mimeType": "image/png"},
                "aspectRatio": "16:9", "cutId": "", "processId": "a b", "webtoonId": "..", "additionalPrompt": 4, "count": 0
            })),
        ),
    ];
    let told: BTreeMap<_, _> = cases.iter().map(|(name, (kind, body))| (*name, told(*kind, body))).collect();
    assert!(told.values().all(|problems| !problems.is_empty()), "{told:#?}");
    insta::assert_json_snapshot!(told);
}
