//! A server, a client, and the words they share.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{Client, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use toonmill_standins::{
    Running, Settings, Standins,
    faults::{Fault, Rule, Script},
};

pub(crate) const MODEL: &str = "gemini-3-pro-image";
pub(crate) const PROMPT: &str = "A hunter stands before the gate";

/// A server, and a client that talks to it.
pub(crate) struct World {
    pub(crate) server: Running,
    pub(crate) client: Client,
}

impl World {
    pub(crate) async fn with(script: Script) -> Self {
        let server = Standins::start(Settings { script, ..Settings::default() }).await.unwrap();
        Self { server, client: Client::new() }
    }

    pub(crate) async fn new() -> Self {
        Self::with(Script::default()).await
    }

    /// A world in which every call ends like this.
    pub(crate) async fn failing(fault: Fault) -> Self {
        Self::with(Script { rules: vec![Rule::always(fault)], ..Script::default() }).await
    }

    pub(crate) fn url(&self, version: &str, model: &str) -> String {
        format!("{}/{version}/models/{model}:generateContent", self.server.base_url())
    }

    pub(crate) async fn post(&self, body: &Value) -> Answer {
        self.post_to(&self.url("v1beta", MODEL), body).await
    }

    pub(crate) async fn post_to(&self, url: &str, body: &Value) -> Answer {
        let request = self.client.post(url).header("x-goog-api-key", "any").json(body);
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }

    /// Posts to a path as clients of ARK and OpenAI do, with a key in front.
    pub(crate) async fn send(&self, path: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = self.client.post(format!("{}{path}", self.server.base_url()));
        let request = request.header("authorization", "Bearer any").header("content-type", content_type);
        let response = request.body(body.into()).send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }

    pub(crate) async fn send_json(&self, path: &str, body: &Value) -> Answer {
        self.send(path, "application/json", body.to_string()).await
    }

    /// Asks for a small, square picture of this prompt.
    pub(crate) async fn picture(&self, prompt: &str) -> Vec<u8> {
        self.post_to(&self.url("v1", LITE), &small(prompt)).await.picture()
    }
}

/// The model whose pictures may be small, which keeps tests quick.
pub(crate) const LITE: &str = "gemini-3.1-flash-lite-image";

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The picture that a client takes: the last one that is not part of the thoughts.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let parts = self.body["candidates"][0]["content"]["parts"].as_array().unwrap();
        let mut pictures = parts.iter().filter(|part| part["thought"] != true && part.get("inlineData").is_some());
        let part = pictures.next_back().unwrap();
        BASE64_STANDARD.decode(part["inlineData"]["data"].as_str().unwrap()).unwrap()
    }

    /// The picture of an answer of ARK or OpenAI.
    pub(crate) fn data(&self) -> Vec<u8> {
        BASE64_STANDARD.decode(self.body["data"][0]["b64_json"].as_str().unwrap()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn error(&self) -> &Value {
        &self.body["error"]
    }

    /// The last words of the types of the error's details.
    pub(crate) fn details(&self) -> Vec<&str> {
        let details = self.error()["details"].as_array().map_or(&[][..], Vec::as_slice);
        details.iter().map(|detail| detail["@type"].as_str().unwrap().rsplit('.').next().unwrap()).collect()
    }
}

pub(crate) fn ask(prompt: &str, config: &Value) -> Value {
    json!({
        "contents": [{ "role": "user", "parts": [{ "text": prompt }] }],
        "generationConfig": config,
    })
}

pub(crate) fn small(prompt: &str) -> Value {
    ask(prompt, &json!({ "responseModalities": ["IMAGE"], "imageConfig": { "imageSize": "512" } }))
}

pub(crate) fn size_of(png: &[u8]) -> (u32, u32) {
    let picture = image::load_from_memory(png).unwrap();
    (picture.width(), picture.height())
}

/// The names within an object, and within the objects in it.
pub(crate) fn names(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let inner = |(name, value): (&String, &Value)| {
                let inner = names(value).into_iter().map(|inner| format!("{name}.{inner}")).collect::<Vec<_>>();
                if inner.is_empty() { vec![name.clone()] } else { inner }
            };
            let mut names: Vec<_> = fields.iter().flat_map(inner).collect();
            names.sort();
            names
        }
        Value::Array(values) => values.first().map(names).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// A recorded exchange.
pub(crate) fn recorded(provider: &str, name: &str) -> Value {
    let path = format!("{}/fixtures/{provider}/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
