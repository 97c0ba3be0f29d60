//! The Responses API: its shapes beside recorded ones, and what it refuses.

use serde_json::{Value, json};
use toonmill_standins::faults::{BrokenText, Fault};

use crate::world::{Answer, World, names, recorded};

const PATH: &str = "/v1/responses";

async fn ask(world: &World, more: Value) -> Answer {
    let mut body = json!({ "model": "gpt-5.6-luna", "input": "Say hi", "reasoning": { "effort": "none" } });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.send_json(PATH, &body).await
}

fn shape(body: &Value) -> Vec<String> {
    // What is empty in one answer and not in the other has no shape.
    names(body).into_iter().filter(|name| !name.starts_with("metadata") && !name.starts_with("usage")).collect()
}

#[tokio::test]
async fn an_answer_has_the_recorded_shape() {
    let blocked = Fault::Blocked { reason: "SAFETY".into() };
    let failed = Fault::Finished { reason: "server_error".into() };
    for (fault, name) in [
        (Fault::None {}, "responses_text"),
        (blocked, "responses_refusal"),
        (Fault::BrokenText { how: BrokenText::CutOff }, "responses_incomplete"),
        (failed, "responses_failed"),
    ] {
        let answer = ask(&World::failing(fault).await, json!({})).await;
        let expected = recorded("openai", name);
        assert_eq!(answer.status.as_u16(), 200);
        assert_eq!(shape(&answer.body), shape(&expected["body"]), "{name}");
        assert_eq!(names(&answer.body["output"]), names(&expected["body"]["output"]), "{name}");
        assert_eq!(names(&answer.body["usage"]), names(&expected["body"]["usage"]), "{name}");
        assert_eq!(answer.body["status"], expected["body"]["status"]);
        assert_eq!(answer.header("x-request-id"), "req_0123456789abcdef");
    }
}

/// Name and data of each event.
fn events(text: &str) -> Vec<(String, Value)> {
    text.split_terminator("\n\n")
        .map(|event| {
            let (name, data) = event.split_once('\n').unwrap();
            let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
            (name.strip_prefix("event: ").unwrap().to_owned(), data)
        })
        .collect()
}

#[tokio::test]
async fn a_stream_has_the_recorded_events_in_their_order() {
    let answer = ask(&World::new().await, json!({ "stream": true })).await;
    assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
    let ours = events(answer.body.as_str().unwrap());
    let theirs = recorded("openai", "responses_stream");
    let theirs = events(theirs["body"].as_str().unwrap());
    let order = |events: &[(String, Value)]| {
        let mut names: Vec<_> = events.iter().map(|(name, _)| name.clone()).collect();
        names.dedup();
        names
    };
    assert_eq!(order(&ours), order(&theirs));
    for (number, (name, data)) in ours.iter().enumerate() {
        assert_eq!((&data["type"], &data["sequence_number"]), (&json!(name), &json!(number)));
        let (_, recorded) = theirs.iter().find(|(other, _)| other == name).unwrap();
        assert_eq!(shape(data), shape(recorded), "{name}");
    }
    let deltas: String = ours.iter().filter_map(|(_, data)| data["delta"].as_str()).collect();
    let done = &ours.last().unwrap().1["response"];
    assert_eq!(done["output"][0]["content"][0]["text"], json!(deltas));
}

#[tokio::test]
async fn a_stream_ends_as_the_response_does() {
    for (fault, last) in [
        (Fault::Finished { reason: "server_error".into() }, "response.failed"),
        (Fault::Finished { reason: "SAFETY".into() }, "response.incomplete"),
        (Fault::Blocked { reason: "SAFETY".into() }, "response.completed"),
    ] {
        let answer = ask(&World::failing(fault.clone()).await, json!({ "stream": true })).await;
        let events = events(answer.body.as_str().unwrap());
        assert_eq!(events.last().unwrap().0, last);
        let refused = events.iter().any(|(name, _)| name == "response.refusal.done");
        assert_eq!(refused, matches!(fault, Fault::Blocked { .. }));
    }
}

#[tokio::test]
async fn thoughts_are_an_item_of_their_own_and_are_counted() {
    let world = World::new().await;
    let answer = ask(&world, json!({ "reasoning": { "effort": "low" }, "max_output_tokens": 20 })).await;
    assert_eq!(answer.body["output"], json!([{ "id": "rs_1", "type": "reasoning", "summary": [] }]));
    assert_eq!(answer.body["incomplete_details"]["reason"], "max_output_tokens", "all of it was thought away");
    assert_eq!(answer.body["usage"]["output_tokens_details"]["reasoning_tokens"], 32);
}

fn format(schema: &Value) -> Value {
    json!({ "text": { "format": { "type": "json_schema", "name": "answer", "strict": true, "schema": schema } } })
}

#[tokio::test]
async fn what_the_real_one_refuses_is_refused() {
    let world = World::new().await;
    let open = json!({ "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"] });
    let mut optional = open.clone();
    optional["additionalProperties"] = json!(false);
    optional["required"] = json!([]);
    let inner = json!({
        "type": "object", "properties": { "b": open }, "required": ["b"], "additionalProperties": false,
    });
    let image =
        |url: &str| json!({ "input": [{ "role": "user", "content": [{ "type": "input_image", "image_url": url }] }] });
    let cases = [
        (json!({ "model": "gpt-7" }), 404, "model_not_found", Value::Null),
        (json!({ "prompt_text": "x" }), 400, "unknown_parameter", json!("prompt_text")),
        (json!({ "input": 7 }), 400, "invalid_type", json!("input")),
        (json!({ "input": [{ "role": "boss", "content": "x" }] }), 400, "invalid_value", json!("input[0].role")),
        (image("https://example.com/"), 400, "invalid_image", json!("input[0].content[0].image_url")),
        (json!({ "max_output_tokens": 15 }), 400, "integer_below_min_value", json!("max_output_tokens")),
        (json!({ "max_output_tokens": "64" }), 400, "invalid_type", json!("max_output_tokens")),
        (json!({ "temperature": 2.1 }), 400, "decimal_above_max_value", json!("temperature")),
        (json!({ "temperature": 1.0, "model": "gpt-6-luna" }), 400, "unsupported_parameter", json!("temperature")),
        (
            json!({ "temperature": 1.0, "reasoning": { "effort": "low" } }),
            400,
            "unsupported_parameter",
            json!("temperature"),
        ),
        (json!({ "reasoning": { "effort": "most" } }), 400, "invalid_value", json!("reasoning.effort")),
        (json!({ "model": "gpt-4o-mini" }), 400, "unsupported_parameter", json!("reasoning.effort")),
        (json!({ "instructions": 7 }), 400, "invalid_type", json!("instructions")),
        (json!({ "stream": "yes" }), 400, "invalid_type", json!("stream")),
        (json!({ "background": true }), 400, "invalid_value", json!("background")),
        (format(&open), 400, "invalid_json_schema", json!("text.format.schema")),
        (format(&optional), 400, "invalid_json_schema", json!("text.format.schema")),
        (format(&inner), 400, "invalid_json_schema", json!("text.format.schema")),
        (format(&json!({ "type": "array" })), 400, "invalid_json_schema", json!("text.format.schema")),
        (
            json!({ "text": { "format": { "type": "json_schema" } } }),
            400,
            "missing_required_parameter",
            json!("text.format.name"),
        ),
        (json!({ "text": { "format": { "type": "xml" } } }), 400, "invalid_value", json!("text.format.type")),
    ];
    for (more, status, code, param) in cases {
        let answer = ask(&world, more.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{more}");
        assert_eq!((&answer.error()["code"], &answer.error()["param"]), (&json!(code), &param), "{more}");
    }
    let missing = world.send_json(PATH, &json!({ "model": "gpt-5.6-luna" })).await;
    assert_eq!(missing.error()["param"], "input");
    assert_eq!(world.send(PATH, "application/json", "{").await.status.as_u16(), 400);
    assert_eq!(world.send(PATH, "text/plain", "{}").await.error()["code"], "unsupported_content_type");
}
