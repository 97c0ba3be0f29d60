//! Brings updates to webhooks, in the background, as long as the server lives. It goes to no other machine.

use std::{io, sync::Arc, time::Duration};

use reqwest::{Client, header::CONTENT_TYPE, redirect};
use serde_json::{Map, Value};
use tokio::sync::watch;
use url::Url;

use super::{
    handle::Telegram,
    methods::is_here,
    state::{Delivery, Dispatch},
};
use crate::server::{pause, stopped};

const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// Delivers until the server stops.
pub(crate) async fn run(telegram: Arc<Telegram>, stopping: watch::Receiver<bool>) {
    // Only when the first update goes out: most servers never see one.
    let mut client = None;
    loop {
        let (dispatches, next) = telegram.take_deliveries();
        for (token, dispatch) in dispatches {
            let client = client.get_or_insert_with(client_for_webhooks).clone();
            let telegram = Arc::clone(&telegram);
            let stopping = stopping.clone();
            tokio::spawn(async move {
                tokio::select! {
                    () = deliver(&telegram, client, &token, dispatch) => {}
                    () = stopped(stopping) => {}
                }
            });
        }
        tokio::select! {
            () = telegram.woken() => {}
            () = wait(next) => {}
            () = stopped(stopping.clone()) => return,
        }
    }
}

async fn wait(time: Option<Duration>) {
    match time {
        Some(time) => pause(time).await,
        None => std::future::pending().await,
    }
}

fn client_for_webhooks() -> Option<Client> {
    Client::builder().no_proxy().redirect(redirect::Policy::none()).build().ok()
}

async fn deliver(telegram: &Telegram, client: Option<Client>, token: &str, dispatch: Dispatch) {
    let began = telegram.now();
    let timeout = Duration::from_millis(telegram.settings().answer_timeout_ms);
    let (key, attempt) = (dispatch.key, dispatch.attempt);
    let update_id = dispatch.update.get("update_id").and_then(Value::as_i64).unwrap_or_default();
    let (status, error, called) = match post(client, dispatch, timeout).await {
        Ok((status, called)) if (200..300).contains(&status) => (Some(status), None, called),
        Ok((status, _)) => (Some(status), Some(wrong_response(status)), None),
        Err(why) => (None, Some(why), None),
    };
    // Before the next update of the chat goes out, as Telegram does.
    let method = called.and_then(|values| telegram.called_by_webhook(token, values));
    let took_ms = telegram.now().at_ms().saturating_sub(began.at_ms());
    let delivery = Delivery { update_id, attempt, at_ms: began.at_ms(), took_ms, status, error, method };
    telegram.delivered(token, key, delivery);
}

/// The status of the webhook's answer, and the answer if it is an object; or why there is none.
async fn post(
    client: Option<Client>,
    dispatch: Dispatch,
    timeout: Duration,
) -> Result<(u16, Option<Map<String, Value>>), String> {
    let url = Url::parse(&dispatch.url).ok().filter(is_here).ok_or("Failed to resolve host: it is not this machine")?;
    let client = client.ok_or("SSL error")?;
    let mut request = client.post(url).timeout(timeout).header(CONTENT_TYPE, "application/json");
    if let Some(secret) = dispatch.secret {
        request = request.header(SECRET_HEADER, secret);
    }
    let response = request.body(dispatch.update.to_string()).send().await.map_err(|error| why(&error))?;
    let status = response.status().as_u16();
    let body = response.bytes().await.map_err(|error| why(&error))?;
    Ok((status, serde_json::from_slice(&body).ok()))
}

fn wrong_response(status: u16) -> String {
    let reason = axum::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    format!("Wrong response from the webhook: {status} {}", reason.unwrap_or_default())
}

fn why(error: &reqwest::Error) -> String {
    let mut sources = std::iter::successors(std::error::Error::source(error), |error| error.source());
    let refused = |error: &(dyn std::error::Error + 'static)| {
        error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    };
    let words = if error.is_timeout() {
        "Read timeout expired"
    } else if sources.any(refused) {
        "Connection refused"
    } else if error.is_connect() {
        "Connection failed"
    } else {
        "Connection closed"
    };
    words.to_owned()
}
