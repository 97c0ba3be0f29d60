//! What bodies come to: plans of good ones, and every problem of bad ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use toonmill_domain::{Failover, InputImage, JobKind, ModelId, ProviderId, StagePlan, Work};
use toonmill_plans::{Draft, Finding, Inputs, Planned, Studio, TextLimits};
use toonmill_providers::Catalogue;

const PICTURE: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const VIDEO: &str = "01890a5d-ac96-774b-bcce-b302099a8058";
const GONE: &str = "01890a5d-ac96-774b-bcce-b302099a8059";

fn files() -> Inputs {
    let image = |mime_type: &str| InputImage {
        object_key: "accounts/a/uploads/1".to_owned(),
        sha256: "00".repeat(32),
        mime_type: mime_type.to_owned(),
        size_bytes: 1_000,
        pixels: None,
        turned: false,
    };
    [
        (PICTURE.parse().unwrap(), Ok(image("image/png"))),
        (VIDEO.parse().unwrap(), Ok(image("video/mp4"))),
        (GONE.parse().unwrap(), Err("nothing was uploaded for this file yet".to_owned())),
    ]
    .into()
}

fn plan(body: &Value) -> Result<Planned, Vec<Finding>> {
    let catalogue = Catalogue::built_in().unwrap();
    let configured = BTreeSet::from(["gemini".parse().unwrap()]);
    plan_with(body, &catalogue, &configured, None)
}

fn plan_with(
    body: &Value,
    catalogue: &Catalogue,
    configured: &BTreeSet<ProviderId>,
    default_provider: Option<&ProviderId>,
) -> Result<Planned, Vec<Finding>> {
    let (text, unhealthy) = (TextLimits::default(), &BTreeSet::new());
    let studio = Studio { catalogue, configured, unhealthy, default_provider, max_images_per_job: 5_000, text };
    Draft::read(body).finish(studio, &files())
}

/// The plan where these providers are configured, and these models cannot be called.
fn plan_among(body: &Value, configured: &[&str], unhealthy: &[&str]) -> Result<Planned, Vec<Finding>> {
    let catalogue = &Catalogue::built_in().unwrap();
    let configured: &BTreeSet<_> = &configured.iter().map(|name| name.parse().unwrap()).collect();
    let unhealthy: &BTreeSet<ModelId> = &unhealthy.iter().map(|name| name.parse().unwrap()).collect();
    let (text, default_provider) = (TextLimits::default(), None);
    let studio = Studio { catalogue, configured, unhealthy, default_provider, max_images_per_job: 5_000, text };
    Draft::read(body).finish(studio, &files())
}

#[test]
fn a_stage_that_may_fail_over_freezes_who_else_can_draw_it() {
    let body = |failover: &str, ratio: &str| {
        let stage = json!({"prompt": "a gate", "quantity": 2, "aspectRatio": ratio, "failover": failover});
        json!({ "stages": [stage] })
    };
    let all = ["gemini", "seedream", "openai"];
    let stage = |body: &Value, configured| plan_among(body, configured, &[]).unwrap().stages.remove(0);
    let moves = stage(&body("after_rounds", "16:9"), &all);
    let names: Vec<_> = moves.alternatives.iter().map(|choice| choice.provider.as_str()).collect();
    assert_eq!((moves.failover, names), (Failover::AfterRounds, vec!["seedream", "openai"]));
    assert_eq!(moves.price, stage(&body("never", "16:9"), &all).price, "the price is the first choice's");
    assert!(stage(&body("never", "16:9"), &all).alternatives.is_empty());
    let alone = plan_among(&body("on_refusal", "1:8"), &all, &[]).unwrap();
    assert_eq!(alone.stages[0].failover, Failover::Never);
    assert_eq!(alone.warnings[0].pointer, "/stages/0/failover");
    let wrong = plan_among(&body("sometimes", "16:9"), &all, &[]).unwrap_err();
    assert_eq!(wrong[0].detail, "must be never, after_rounds, on_refusal");
}

#[test]
fn auto_passes_over_who_cannot_be_called_and_a_named_provider_is_waited_for() {
    let body = |provider: &str| json!({"stages": [{"prompt": "x", "quantity": 1, "provider": provider}]});
    let drawn_by = |provider: &str| {
        let plan = plan_among(&body(provider), &["gemini", "seedream"], &["gemini-3-pro-image"]);
        plan.unwrap().stages[0].model.to_string()
    };
    assert_ne!(drawn_by("auto"), "gemini-3-pro-image");
    assert_eq!(drawn_by("gemini"), "gemini-3-pro-image");
}

fn problems(body: &Value) -> Vec<String> {
    let problems = plan(body).err().unwrap_or_default();
    problems.into_iter().map(|problem| format!("{}: {}", problem.pointer, problem.detail)).collect()
}

fn as_json(planned: &Planned) -> Value {
    json!({
        "kind": planned.kind,
        "stages": planned.stages,
        "productionId": planned.production_id,
        "maxRounds": planned.max_rounds,
        "deadlineSeconds": planned.deadline.as_secs(),
        "warnings": planned.warnings,
    })
}

#[test]
fn a_pipeline_becomes_stages_with_a_model_and_a_frozen_price() {
    let body = json!({
        "productionId": "gate-hunter-s1",
        "maxRounds": 3,
        "deadlineSeconds": 600,
        "webhookUrl": "https://studio.example/hook",
        "watermark": false,
        "unknown": {"is": "ignored"},
        "stages": [
            {"prompt": "a gate", "quantity": 50},
            {"prompt": "한서윤", "aspect_ratio": "3:4", "quantity": 2.0, "inputFileIds": [PICTURE], "imageSize": "4K", "failover": "on_refusal"},
            {"prompt": "a strip", "aspect-ratio": "1:8", "quantity": 1, "provider": "auto", "mergedImageAttachId": PICTURE},
            {"prompt": "a wolf", "quantity": 1, "provider": "gemini", "model": "gemini-2.5-flash-image"},
        ],
    });
    insta::assert_json_snapshot!(as_json(&plan(&body).unwrap()));
}

#[test]
fn a_stage_says_more_about_its_watermark_than_its_job() {
    let watermark = |stage: &StagePlan| match &stage.work {
        Work::Image(image) => image.watermark,
        Work::Text(_) => panic!("a text has no mark"),
    };
    let watermarks = |body: Value| plan(&body).unwrap().stages.iter().map(watermark).collect::<Vec<_>>();
    let stage = json!({"prompt": "x", "quantity": 1});
    let marked = json!({"prompt": "x", "quantity": 1, "watermark": true});
    assert_eq!(watermarks(json!({"stages": [stage, marked]})), [None, Some(true)]);
    assert_eq!(watermarks(json!({"watermark": false, "stages": [stage, marked]})), [Some(false), Some(true)]);
    assert_eq!(watermarks(json!({"arguments": {"prompt": "x", "watermark": true}})), [Some(true)]);
}

#[test]
fn a_single_call_becomes_one_slot() {
    let body = json!({
        "provider": "gemini",
        "model_id": "gemini-3-pro-image",
        "arguments": {"prompt": "a wolf", "aspect_ratio": "1:1", "size": "2K", "reference_file_ids": [PICTURE]},
        "store_result": true,
    });
    let planned = plan(&body).unwrap();
    insta::assert_json_snapshot!(as_json(&planned));
    assert_eq!(toonmill_plans::arguments(&planned.stages[0]), body["arguments"]);
}

#[test]
fn a_single_text_becomes_one_slot_at_the_price_of_its_worst_case() {
    let body = json!({
        "provider": "gemini",
        "model_id": "gemini-3.8-flash",
        "arguments": {
            "input_text": "몬스터를 묘사해줘", "system_prompt": "짧게", "temperature": 0.5, "max_output_tokens": 256
        },
        "store_result": false,
    });
    let planned = plan(&body).unwrap();
    insta::assert_json_snapshot!(as_json(&planned));
    assert_eq!(toonmill_plans::arguments(&planned.stages[0]), body["arguments"]);
}

#[test]
fn a_single_call_that_names_nobody_goes_to_the_default() {
    let catalogue = Catalogue::built_in().unwrap();
    let [gemini, seedream, openai] = ["gemini", "seedream", "openai"].map(|name| name.parse::<ProviderId>().unwrap());
    let all = BTreeSet::from([gemini.clone(), seedream.clone(), openai.clone()]);
    let asked = |body: Value, configured: &BTreeSet<ProviderId>, default: Option<&ProviderId>| {
        let planned = plan_with(&body, &catalogue, configured, default).unwrap();
        (planned.kind, planned.stages[0].provider.to_string(), planned.stages[0].model.to_string())
    };
    let text = || json!({"arguments": {"input_text": "x"}});
    let image = || json!({"arguments": {"prompt": "x"}});
    let of = |kind, provider: &str, model: Option<&toonmill_domain::ModelId>| {
        (kind, provider.to_owned(), model.unwrap().to_string())
    };
    let text_model = |provider| catalogue.default_text_model(provider).map(|model| &model.id);
    let image_model = |provider| catalogue.default_image_model(provider).map(|model| &model.id);
    let (words, picture) = (JobKind::SingleText, JobKind::SingleImage);
    assert_eq!(asked(text(), &all, Some(&openai)), of(words, "openai", text_model(&openai)));
    assert_eq!(asked(image(), &all, Some(&openai)), of(picture, "openai", image_model(&openai)));
    assert_eq!(asked(text(), &all, None), of(words, "gemini", text_model(&gemini)), "the first that writes");
    let named = json!({"provider": "auto", "arguments": {"input_text": "x"}});
    assert_eq!(asked(named, &all, Some(&openai)).1, "gemini", "auto is auto");
    let by_model = json!({"model_id": "gemini-1.5-pro", "arguments": {"input_text": "x"}});
    assert_eq!(asked(by_model, &all, Some(&openai)).1, "gemini", "a model says whose it is");
    let nobody = plan_with(&text(), &catalogue, &[seedream].into(), None).unwrap_err();
    assert_eq!(nobody[0].detail, "has no text model in this deployment");
}

#[test]
fn the_files_of_a_request_are_named_once_each() {
    let stage = json!({"prompt": "x", "quantity": 1, "inputFileIds": [PICTURE, GONE, PICTURE]});
    let wanted = Draft::read(&json!({"stages": [stage, stage]})).wanted_files();
    let wanted: Vec<_> = wanted.iter().map(|wanted| (wanted.pointer.as_str(), wanted.file.to_string())).collect();
    let first = |at: &'static str, id: &str| (at, id.to_owned());
    assert_eq!(wanted, [first("/stages/0/inputFileIds/0", PICTURE), first("/stages/0/inputFileIds/1", GONE)]);
}

#[test]
fn every_problem_of_a_bad_body_is_told_at_once() {
    let stage = |changes: Value| {
        let mut stage = json!({"prompt": "x", "quantity": 1});
        stage.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        json!({"stages": [stage]})
    };
    let single = |changes: Value| {
        let mut body = json!({"arguments": {"prompt": "x"}});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        body
    };
    let cases = [
        ("a list", json!([])),
        ("nothing", json!({})),
        ("stages of the wrong type", json!({"stages": {"prompt": "x"}})),
        ("no stages", json!({"stages": []})),
        ("too many stages", json!({"stages": vec![json!({"prompt": "x", "quantity": 1}); 21]})),
        ("too many images", json!({"stages": vec![json!({"prompt": "x", "quantity": 1000}); 6]})),
        ("a stage that is none", json!({"stages": [7]})),
        ("an empty stage", json!({"stages": [{}]})),
        ("a blank prompt", stage(json!({"prompt": " \n"}))),
        ("a long prompt", stage(json!({"prompt": "가".repeat(4_001)}))),
        ("a quantity of none", stage(json!({"quantity": 0}))),
        ("a quantity of too many", stage(json!({"quantity": 1_001}))),
        ("a quantity in words", stage(json!({"quantity": "50"}))),
        ("half an image", stage(json!({"quantity": 1.5}))),
        ("no ratio", stage(json!({"aspect_ratio": "wide"}))),
        ("a ratio that nobody draws", stage(json!({"aspect-ratio": "7:1"}))),
        ("a size that nobody draws", stage(json!({"imageSize": "8K"}))),
        ("a numeric attachment", stage(json!({"mergedImageAttachId": 12}))),
        ("a file that is none", stage(json!({"inputFileIds": ["x", 5]}))),
        ("a file that is not there", stage(json!({"inputFileIds": [GONE, "01890a5d-ac96-774b-bcce-b302099a8060"]}))),
        ("a video", stage(json!({"inputFileIds": [PICTURE, VIDEO]}))),
        ("too many files", stage(json!({"inputFileIds": vec![PICTURE; 15]}))),
        ("one file too many", stage(json!({"inputFileIds": vec![PICTURE; 14], "mergedImageAttachId": PICTURE}))),
        ("a provider without a key", stage(json!({"provider": "openai"}))),
        ("no name of a provider", stage(json!({"provider": "Gemini!"}))),
        ("an unknown model", stage(json!({"model": "dall-e-2"}))),
        ("an unknown failover", stage(json!({"failover": "sometimes"}))),
        ("a wrong watermark", stage(json!({"watermark": "no"}))),
        (
            "wrong options",
            json!({
                "stages": [{"prompt": "x", "quantity": 1}], "productionId": "a b", "maxRounds": 11, "deadlineSeconds": 59,
                "webhookUrl": "http://studio.example", "userId": 5
            }),
        ),
        (
            "a webhook with a password",
            json!({"stages": [{"prompt": "x", "quantity": 1}], "webhookUrl": "https://a:b@studio.example/"}),
        ),
        (
            "many at once",
            json!({
                "maxRounds": "many",
                "stages": [{"quantity": 0, "aspectRatio": "7:1", "inputFileIds": [GONE]}, {"prompt": 5, "quantity": 1, "imageSize": "8K"}]
            }),
        ),
        ("a stream", single(json!({"stream": true}))),
        ("no arguments", json!({"model_id": "gemini-3-pro-image"})),
        ("arguments of the wrong type", json!({"arguments": "x"})),
        ("no prompt", json!({"arguments": {}})),
        ("a text and an image", json!({"arguments": {"input_text": "hello", "prompt": "x"}})),
        ("a blank text", json!({"arguments": {"input_text": " "}})),
        ("a long text", json!({"arguments": {"input_text": "가".repeat(8_001), "system_prompt": "x".repeat(8_001)}})),
        (
            "wrong options of a text",
            json!({"stream": true, "store_result": 1, "arguments": {
                "input_text": 5, "system_prompt": [], "temperature": "hot", "max_output_tokens": 0
            }}),
        ),
        ("too many tokens", json!({"arguments": {"input_text": "x", "max_output_tokens": 1_025}})),
        ("too hot", json!({"arguments": {"input_text": "x", "temperature": 2.5}})),
        ("a text model that nobody knows", json!({"model_id": "gpt-99", "arguments": {"input_text": "x"}})),
        ("a text of an image model", json!({"model_id": "gemini-3-pro-image", "arguments": {"input_text": "x"}})),
        ("an image of a text model", json!({"model_id": "gemini-3.8-flash", "arguments": {"prompt": "x"}})),
        ("a text of a provider without a key", json!({"provider": "openai", "arguments": {"input_text": "x"}})),
        (
            "a size in arguments",
            json!({"arguments": {"prompt": "x", "size": "8K", "aspect_ratio": "0:0", "reference_file_ids": [GONE]}}),
        ),
    ];
    let told: BTreeMap<_, _> = cases.iter().map(|(name, body)| (*name, problems(body))).collect();
    assert!(told.values().all(|problems| !problems.is_empty()), "{told:#?}");
    insta::assert_json_snapshot!(told);
}

#[test]
fn a_hundred_thousand_problems_are_not_all_told() {
    let body = json!({"stages": vec![json!({"inputFileIds": vec![1; 14]}); 20]});
    assert_eq!(problems(&body).len(), 100);
}

#[test]
fn whatever_stands_in_any_place_is_read_or_told() {
    let good = json!({
        "productionId": "p", "maxRounds": 3, "deadlineSeconds": 600, "webhookUrl": "https://a.example/", "watermark": true,
        "provider": "gemini", "model_id": "gemini-3-pro-image", "store_result": true, "stream": false,
        "arguments": {"prompt": "x", "aspect_ratio": "1:1", "size": "1K", "reference_file_ids": [PICTURE]},
        "stages": [{
            "prompt": "x", "aspectRatio": "1:1", "quantity": 1, "inputFileIds": [PICTURE], "mergedImageAttachId": PICTURE,
            "provider": "auto", "model": "gemini-3-pro-image", "imageSize": "1K", "failover": "never", "watermark": false
        }]
    });
    let mut single = good.clone();
    single.as_object_mut().unwrap().remove("stages");
    let junk = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e308),
        json!(u64::MAX),
        json!(""),
        json!("\u{0}"),
        json!("x".repeat(5_000)),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"prompt": {}}),
    ];
    let mut told = 0;
    for body in [good, single] {
        assert_eq!(problems(&body), Vec::<String>::new());
        for place in places(&body, "") {
            for junk in &junk {
                let mut body = body.clone();
                *body.pointer_mut(&place).unwrap() = junk.clone();
                match plan(&body) {
                    Ok(planned) => assert!(!planned.stages.is_empty(), "{place} {junk}"),
                    Err(problems) => told += usize::from(!problems.is_empty()),
                }
            }
        }
    }
    assert!(told > 300, "{told}");
}

/// The pointers of everything in a value.
fn places(value: &Value, at: &str) -> Vec<String> {
    let inner: Vec<_> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (format!("{at}/{name}"), value)).collect(),
        Value::Array(values) => {
            values.iter().enumerate().map(|(index, value)| (format!("{at}/{index}"), value)).collect()
        }
        _ => Vec::new(),
    };
    let deeper = inner.into_iter().flat_map(|(at, value)| places(value, &at));
    [at.to_owned()].into_iter().chain(deeper).collect()
}
