//! Every endpoint with its sample from `events/requests`, by the whole deployment: a sample added there is tested here.

use std::{collections::BTreeSet, fs};

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::harness::{Cloud, root};

/// Those that say by themselves who makes what they ask for.
const NO_CHOICE: [&str; 5] = [
    "generate-character-image",
    "generate-monster-prompt",
    "pipeline",
    "regenerate-image-batch",
    "script-to-storyboard",
];

/// Those that make no job.
const NO_JOB: [&str; 2] = ["characters", "regenerate-image-save"];

#[tokio::test]
async fn every_endpoint_answers_its_sample_whoever_draws_and_names_every_wrong_field_at_once() {
    let habits = ["ReadsPerMinute=100000", "WritesPerMinute=100000", "WritesPerHour=100000"];
    let mut options = vec!["--failure-rate", "0"];
    options.extend(habits.iter().flat_map(|habit| ["--parameter", habit]));
    let cloud = Cloud::up("test-endpoints", &options).await;
    let ann = cloud.token("ann");
    cloud.grant("ann", 100_000);
    let mut names: Vec<_> = fs::read_dir(root().join("events/requests")).unwrap().map(|entry| entry.unwrap()).collect();
    names.sort_by_key(fs::DirEntry::path);
    for entry in names {
        let name = entry.path().file_stem().unwrap().to_str().unwrap().to_owned();
        let requests: Vec<Value> = serde_json::from_slice(&fs::read(entry.path()).unwrap()).unwrap();
        let own = requests.iter().rposition(|request| request["post"].is_string()).unwrap();
        let mut answers = Vec::new();
        for (at, request) in requests.iter().enumerate() {
            let (path, body) = (filled(&request["post"], &answers), filled(&request["body"], &answers));
            if let Some(path) = path.as_str() {
                let body = uploaded(&cloud, &ann, body).await;
                if at == own {
                    every_wrong_field_is_named(&cloud, &ann, path, &body).await;
                    the_result_is_the_same_held_or_asked_for(&cloud, &ann, &name, path, &body).await;
                }
                answers.push(held(&cloud, &ann, path, &body).await.0);
            } else {
                let path = filled(&request["get"], &answers);
                let answer = cloud.get(path.as_str().unwrap(), &ann).await;
                assert_eq!(answer.status(), 200, "{path}");
                answers.push(answer.json().await.unwrap());
            }
        }
    }
}

/// A body in which nothing is of its type.
async fn every_wrong_field_is_named(cloud: &Cloud, token: &str, path: &str, body: &Value) {
    let fields = body.as_object().unwrap();
    let wrong: Map<_, _> = fields.keys().map(|name| (name.clone(), json!([[]]))).collect();
    if wrong.is_empty() {
        return;
    }
    let answer = cloud.post(path, token, &wrong.into()).await;
    assert_eq!(answer.status(), 400, "{path}");
    let problem: Value = answer.json().await.unwrap();
    let named: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    for name in fields.keys() {
        let own = format!("/{name}");
        assert!(
            named.iter().any(|pointer| *pointer == own || pointer.starts_with(&format!("{own}/"))),
            "{path} {name}: {named:?}"
        );
    }
}

async fn the_result_is_the_same_held_or_asked_for(cloud: &Cloud, token: &str, name: &str, path: &str, body: &Value) {
    let providers: &[&str] = if NO_CHOICE.contains(&name) { &[""] } else { &["gemini", "seedream"] };
    for provider in providers {
        let mut body = body.clone();
        if !provider.is_empty() && path != "/api/v1/jobs" {
            body["apiProvider"] = (*provider).into();
        }
        let (answer, status) = held(cloud, token, path, &body).await;
        let Some(job) = answer["jobId"].as_str() else {
            assert!(NO_JOB.contains(&name), "{path}: {answer}");
            return;
        };
        assert_eq!(status, 200, "{path}: {answer}");
        let job = cloud.job(token, job).await;
        assert_eq!(job["status"], "COMPLETED", "{path}: {}", job["error"]);
        for (member, value) in job["result"].as_object().unwrap() {
            assert!(is_same(member, value, &answer), "{path} {member}: {value} is not {}", answer[member]);
        }
        if path.starts_with("/api/generate") && !answer["provider"].is_null() && body["apiProvider"].is_string() {
            assert_eq!(answer["provider"], *provider, "{path}");
        }
        let accepted = cloud.post(path, token, &body).await;
        assert_eq!(accepted.status(), 202, "{path}");
        let id = accepted.json::<Value>().await.unwrap()["jobId"].as_str().unwrap().to_owned();
        let ended = cloud.ended(token, &id).await;
        let members = |job: &Value| job["result"].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(members(&ended), members(&job), "{path}");
    }
}

/// Whether an answer that was held has what the job's result has. Links are made at every read, and data is only in the answer.
fn is_same(member: &str, of_job: &Value, answer: &Value) -> bool {
    let of_answer = &answer[member];
    match (of_job, of_answer) {
        (Value::String(one), Value::String(other)) if one.starts_with("http") => {
            other.starts_with("data:") || one.split('?').next() == other.split('?').next()
        }
        (Value::Object(members), other) => members.iter().all(|(name, value)| is_same(name, value, other)),
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            items.iter().zip(others).all(|(item, other)| is_same("x", item, &json!({ "x": other })))
        }
        _ => member == "urlExpiresAt" || of_job == of_answer,
    }
}

async fn held(cloud: &Cloud, token: &str, path: &str, body: &Value) -> (Value, u16) {
    let answer = cloud.request(Method::POST, path, token).header("prefer", "wait=25").json(body).send().await.unwrap();
    let status = answer.status().as_u16();
    let told = answer.json().await.unwrap();
    assert!((200..203).contains(&status), "{path}: {told}");
    (told, status)
}

/// A value with what it takes of the answers before it: `${0/fileId}`.
fn filled(value: &Value, answers: &[Value]) -> Value {
    let at = |place: &str| {
        let (number, pointer) = place.split_at(place.find('/').unwrap());
        answers[number.parse::<usize>().unwrap()].pointer(pointer).unwrap().clone()
    };
    match value {
        Value::String(text) => match (text.find("${"), text.find('}')) {
            (Some(0), Some(end)) if end + 1 == text.len() => at(&text[2..end]),
            (Some(start), Some(end)) => {
                let found = at(&text[start + 2..end]);
                format!("{}{}{}", &text[..start], found.as_str().unwrap(), &text[end + 1..]).into()
            }
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(|item| filled(item, answers)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), filled(value, answers))).collect::<Map<_, _>>().into()
        }
        plain => plain.clone(),
    }
}

/// A body with the ids of the files that it names, which are uploaded.
async fn uploaded(cloud: &Cloud, token: &str, mut body: Value) -> Value {
    while let Some(name) = placeholder(&body) {
        let id = cloud.upload(token, &name).await;
        let text = body.to_string().replace(&format!("\"upload:{name}\""), &format!("\"{id}\""));
        body = serde_json::from_str(&text).unwrap();
    }
    body
}

fn placeholder(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.strip_prefix("upload:").map(str::to_owned),
        Value::Array(items) => items.iter().find_map(placeholder),
        Value::Object(members) => members.values().find_map(placeholder),
        _ => None,
    }
}
