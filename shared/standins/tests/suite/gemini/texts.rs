//! Texts: their shapes beside recorded ones, and what is refused.

use serde_json::{Value, json};

use crate::world::{Answer, World, ask, names, recorded};

const TEXT_MODEL: &str = "gemini-3.8-flash";

async fn written(world: &World, config: &Value) -> Answer {
    world.post_to(&world.url("v1", TEXT_MODEL), &ask("A recipe", config)).await
}

fn text(answer: &Answer) -> &str {
    answer.body["candidates"][0]["content"]["parts"][0]["text"].as_str().unwrap()
}

#[tokio::test]
async fn a_text_has_the_recorded_shape() {
    let answer = written(&World::new().await, &json!({ "thinkingConfig": { "thinkingLevel": "MINIMAL" } })).await;
    assert_eq!(names(&answer.body), names(&recorded("gemini", "text")["body"]));
    assert_eq!(answer.body["candidates"][0]["finishReason"], "STOP");
}

#[tokio::test]
async fn the_sdks_schema_is_understood_in_both_dialects_and_casings() {
    let recording = recorded("gemini", "request_text_schema")["body"].clone();
    let open_api = &recording["generationConfig"]["responseSchema"];
    let json_schema = json!({
        "type": "object",
        "properties": { "stepName": { "type": "string" }, "steps": { "type": "array", "items": { "type": "string" } } },
        "required": ["stepName", "steps"],
    });
    let world = World::new().await;
    for version in ["v1", "v1beta"] {
        for (config, first) in [
            (json!({ "responseMimeType": "application/json", "responseSchema": open_api }), "name"),
            (json!({ "response_mime_type": "application/json", "response_schema": open_api }), "name"),
            (json!({ "responseMimeType": "application/json", "responseJsonSchema": json_schema }), "stepName"),
            (json!({ "response_mime_type": "application/json", "response_json_schema": json_schema }), "stepName"),
        ] {
            let answer = world.post_to(&world.url(version, TEXT_MODEL), &ask("A recipe", &config)).await;
            let data: Value = serde_json::from_str(text(&answer)).unwrap();
            assert!(data[first].is_string() && data["steps"][0].is_string(), "{data}");
        }
    }
}

#[tokio::test]
async fn a_stream_is_answers_with_a_piece_each() {
    let world = World::new().await;
    let url = world.url("v1beta", TEXT_MODEL).replace(":generateContent", ":streamGenerateContent?alt=sse");
    let body = ask("A recipe", &json!({ "thinkingConfig": { "thinkingLevel": "MEDIUM" } }));
    let answer = world.post_to(&url, &body).await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let events = |text: &str| -> Vec<Value> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("data: "));
        lines.map(|data| serde_json::from_str(data).unwrap()).collect()
    };
    let ours = events(answer.body.as_str().unwrap());
    let theirs = events(recorded("gemini", "text_stream")["body"].as_str().unwrap());
    assert_eq!(ours.len(), 3);
    assert_eq!(names(ours.last().unwrap()), names(theirs.last().unwrap()));
    assert!(ours[0]["candidates"][0].get("finishReason").is_none());
    let whole = written(&World::new().await, &json!({ "thinkingConfig": { "thinkingLevel": "MEDIUM" } })).await;
    let pieces = ours.iter().map(|event| event["candidates"][0]["content"]["parts"][0]["text"].as_str().unwrap());
    assert_eq!(pieces.collect::<String>(), text(&whole));
    let without_sse = world.post_to(url.trim_end_matches("?alt=sse"), &body).await;
    assert_eq!(without_sse.status.as_u16(), 501);
}

#[tokio::test]
async fn thoughts_are_shown_if_they_are_asked_for_and_counted_either_way() {
    let world = World::new().await;
    let shown = json!({ "thinkingConfig": { "includeThoughts": true, "thinkingLevel": "LOW" } });
    let answer = written(&world, &shown).await;
    assert_eq!(answer.body["candidates"][0]["content"]["parts"][0]["thought"], true);
    assert_eq!(answer.body["usageMetadata"]["thoughtsTokenCount"], 8);
    let away = written(&world, &json!({ "maxOutputTokens": 8, "thinkingConfig": { "thinkingLevel": "LOW" } })).await;
    assert_eq!(away.body["candidates"][0]["finishReason"], "MAX_TOKENS");
    assert_eq!(away.body["candidates"][0]["content"]["parts"], json!([]));
}

#[tokio::test]
async fn what_the_real_one_refuses_is_refused() {
    let schema = json!({ "type": "OBJECT", "properties": { "a": { "type": "STRING" } } });
    let json_mode = |more: Value| {
        let mut config = json!({ "responseMimeType": "application/json" });
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        config
    };
    let world = World::new().await;
    for config in [
        json!({ "responseSchema": schema }),
        json_mode(json!({ "responseSchema": schema, "responseJsonSchema": schema })),
        json_mode(json!({ "responseSchema": { "type": "OBJECT", "additionalProperties": false } })),
        json_mode(json!({ "responseSchema": { "properties": { "a": { "minimun": 1 } } } })),
        json_mode(json!({ "responseJsonSchema": 7 })),
        json!({ "responseMimeType": "text/html" }),
        json!({ "thinkingConfig": { "thinkingLevel": "SOME" } }),
        json!({ "thinkingConfig": { "thinkingLevel": "LOW", "thinkingBudget": 1 } }),
        json!({ "thinkingConfig": { "effort": "low" } }),
        json!({ "maxOutputTokens": 65_537 }),
        json!({ "temperature": 2.1 }),
        json!({ "responseModalities": ["IMAGE"] }),
    ] {
        let answer = written(&world, &config).await;
        assert_eq!(answer.status.as_u16(), 400, "{config}");
        assert_eq!(answer.error()["status"], "INVALID_ARGUMENT");
    }
    let gone = world.post_to(&world.url("v1", "gemini-1.5-flash"), &ask("x", &json!({}))).await;
    assert_eq!(gone.status.as_u16(), 404);
}
