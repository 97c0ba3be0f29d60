//! What good bodies come to.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use toonmill_domain::{FileId, JobKind, Publication, RequestPlan, SlotIndex, StageIndex, Work};
use toonmill_providers::Catalogue;
use uuid::Uuid;

use crate::{
    bodies::{full, least},
    studio::{BOARD, OTHER, PICTURE, plan, plan_for, ratio, told},
};

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
fn every_provider_draws_a_cut_after_the_sheets_of_its_people() {
    for provider in ["gemini", "seedream", "openai"] {
        let mut body = full(JobKind::StoryboardCutImage);
        body["apiProvider"] = provider.into();
        let stage = plan(JobKind::StoryboardCutImage, &body).unwrap().stages.remove(0);
        assert_eq!((stage.provider.as_str(), ratio(&stage).as_str()), (provider, "16:9"));
        let files: Vec<_> = stage.input_files_of(SlotIndex(1)).iter().map(ToString::to_string).collect();
        assert_eq!(files, [OTHER]);
    }
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
