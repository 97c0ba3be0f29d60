//! A bot with its webhook, and a server to run it against.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use toonmill_standins::{
    faults::{Fault, Match, Rule, Script},
    telegram::{Action, Entry, History, Outcome, Person, Settings, Telegram},
};

use crate::world::World;

pub(crate) const TOKEN: &str = "123456:ORACLE";
pub(crate) const USER: i64 = 42;
/// So long that only what never comes is waited for in vain.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A server, a bot's token, and somebody who has said hello to the bot.
pub(crate) struct Bot {
    pub(crate) world: World,
}

impl Bot {
    pub(crate) async fn new() -> Self {
        Self { world: World::new().await }
    }

    /// A bot that the user has written to.
    pub(crate) async fn met() -> Self {
        let bot = Self::new().await;
        bot.act(Action::text(user(), "/start")).await;
        bot
    }

    /// A bot that was met, and a script with one rule for a method.
    pub(crate) async fn failing(method: &str, fault: Fault) -> Self {
        let bot = Self::met().await;
        let matches = Match { model: Some(method.into()), ..Match::default() };
        bot.rules(vec![Rule { matches, ..Rule::always(fault) }]);
        bot
    }

    pub(crate) fn rules(&self, rules: Vec<Rule>) {
        self.set(Settings { script: Script { rules, ..Script::default() }, ..Settings::default() });
    }

    pub(crate) fn set(&self, settings: Settings) {
        self.telegram().set_settings(settings);
    }

    pub(crate) fn telegram(&self) -> &Telegram {
        self.world.server.telegram()
    }

    pub(crate) fn url(&self, method: &str) -> String {
        format!("{}/bot{TOKEN}/{method}", self.world.server.base_url())
    }

    /// Calls a method with JSON.
    pub(crate) async fn call(&self, method: &str, fields: Value) -> (u16, Value) {
        self.try_call(method, fields).await.unwrap()
    }

    pub(crate) async fn try_call(&self, method: &str, fields: Value) -> reqwest::Result<(u16, Value)> {
        let response = self.world.client.post(self.url(method)).json(&fields).send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// What a method gives.
    pub(crate) async fn result(&self, method: &str, fields: Value) -> Value {
        let (status, mut answer) = self.call(method, fields).await;
        assert_eq!((status, &answer["ok"]), (200, &json!(true)), "{answer}");
        answer["result"].take()
    }

    /// Why a method refuses.
    pub(crate) async fn refusal(&self, method: &str, fields: Value) -> (u16, String) {
        let (status, answer) = self.call(method, fields).await;
        assert_eq!((&answer["ok"], &answer["error_code"]), (&json!(false), &json!(status)), "{answer}");
        (status, answer["description"].as_str().unwrap().to_owned())
    }

    /// Calls a method with files.
    pub(crate) async fn upload(
        &self,
        method: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> (u16, Value) {
        let (content_type, body) = multipart(fields, files);
        let request = self.world.client.post(self.url(method)).header(CONTENT_TYPE, content_type);
        let response = request.body(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub(crate) async fn say(&self, text: &str) -> i64 {
        self.result("sendMessage", json!({ "chat_id": USER, "text": text })).await["message_id"].as_i64().unwrap()
    }

    pub(crate) async fn act(&self, action: Action) -> Outcome {
        self.telegram().act(TOKEN, action).await.unwrap()
    }

    pub(crate) fn history(&self, chat: i64) -> History {
        self.telegram().history(TOKEN, chat).unwrap()
    }

    pub(crate) fn message(&self, chat: i64, id: i64) -> Entry {
        self.history(chat).messages.into_iter().find(|entry| entry.message["message_id"] == id).unwrap()
    }

    pub(crate) fn texts(&self, chat: i64) -> Vec<String> {
        let history = self.history(chat);
        history.by_bot().map(|entry| entry.message["text"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

pub(crate) fn user() -> Person {
    serde_json::from_value(json!({
        "id": USER, "is_bot": false, "first_name": "길동", "last_name": "홍", "username": "gd", "language_code": "ko",
        "is_premium": true,
    }))
    .unwrap()
}

pub(crate) fn multipart(fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
    }
    for (name, file_name, content) in files {
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
             Content-Type: image/png\r\n\r\n"
        );
        body.extend([head.as_bytes(), content, b"\r\n"].concat());
    }
    body.extend(b"--b--\r\n");
    ("multipart/form-data; boundary=b".into(), body)
}

pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    toonmill_standins::sketch::png(&image::RgbImage::from_pixel(width, height, image::Rgb([90, 120, 150])))
}

/// A webhook that answers what it is told to, and 200 when it is told nothing.
pub(crate) struct Hook {
    pub(crate) url: String,
    state: Arc<Mutex<HookState>>,
}

#[derive(Default)]
struct HookState {
    received: Vec<(Option<String>, Value)>,
    answers: VecDeque<(u16, String)>,
}

impl Hook {
    pub(crate) async fn open() -> Self {
        let state = Arc::new(Mutex::new(HookState::default()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/telegram/webhook", listener.local_addr().unwrap());
        let router = Router::new().route("/telegram/webhook", post(receive)).with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, state }
    }

    pub(crate) fn answer(&self, status: u16, body: impl Into<String>) {
        self.state.lock().unwrap().answers.push_back((status, body.into()));
    }

    /// The updates that came.
    pub(crate) fn updates(&self) -> Vec<Value> {
        self.state.lock().unwrap().received.iter().map(|(_, update)| update.clone()).collect()
    }

    pub(crate) fn secrets(&self) -> Vec<Option<String>> {
        self.state.lock().unwrap().received.iter().map(|(secret, _)| secret.clone()).collect()
    }
}

async fn receive(State(state): State<Arc<Mutex<HookState>>>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    let secret = headers.get("x-telegram-bot-api-secret-token").map(|value| value.to_str().unwrap().to_owned());
    let mut state = state.lock().unwrap();
    state.received.push((secret, serde_json::from_str(&body).unwrap()));
    let (status, body) = state.answers.pop_front().unwrap_or((200, String::new()));
    (StatusCode::from_u16(status).unwrap(), body)
}
