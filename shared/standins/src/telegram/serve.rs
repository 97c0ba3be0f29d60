//! Calls of bots over HTTP, and the faults of the script in Telegram's words.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Body,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    handle::{self, Telegram},
    limits::{REQUEST_BYTES, UPLOAD_BYTES},
    methods::Method,
    wire::{ApiError, Fields},
};
use crate::{
    faults::{Cut, Fault},
    server::{Line, Studio},
    sitting::{Unread, broken_json, collect, torn},
};

/// A page of a proxy in front of Telegram.
const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n";

/// A call as it came from the socket.
pub(super) struct Request {
    pub(super) token: String,
    pub(super) method: String,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
}

pub(super) async fn answer(studio: &Arc<Studio>, line: Line, request: Request) -> Response {
    let telegram = studio.telegram();
    let at_ms = telegram.now().at_ms();
    let Request { token, method: name, uri, headers, body } = request;
    if let Err(error) = telegram.admit(&token) {
        // Unread, a body would have the client see a connection that breaks, and not the answer.
        let _ = collect(body, 0).await;
        return error.into_response();
    }
    let Some(method) = Method::named(&name) else {
        let _ = collect(body, 0).await;
        let error = ApiError::usual(404);
        telegram.record(&token, handle::call(at_ms, &name, &Fields::default(), Err(&error)));
        return error.into_response();
    };
    match read(studio, &uri, &headers, body).await {
        Ok(fields) => Asked { studio, telegram, token: &token, method, fields, at_ms }.answer(line).await,
        Err(error) => {
            telegram.record(&token, handle::call(at_ms, method.name(), &Fields::default(), Err(&error)));
            error.into_response()
        }
    }
}

async fn read(studio: &Studio, uri: &Uri, headers: &HeaderMap, body: Body) -> Result<Fields, ApiError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    let query = uri.query().unwrap_or_default().to_owned();
    let body = match collect(body, REQUEST_BYTES).await {
        Ok(body) => body,
        Err(Unread::TooLarge) => return Err(ApiError::usual(413)),
        Err(Unread::BrokenOff) => return Err(ApiError::bad("the request broke off")),
    };
    let reading = studio.work(move || Fields::read(&query, &content_type, &body)).await;
    let fields = reading.unwrap_or_else(|| Err(ApiError::usual(500)))?;
    let too_large = fields.uploads.values().any(|upload| upload.bytes.len() > UPLOAD_BYTES);
    if too_large { Err(ApiError::usual(413)) } else { Ok(fields) }
}

/// A call that has been read.
struct Asked<'a> {
    studio: &'a Arc<Studio>,
    telegram: &'a Arc<Telegram>,
    token: &'a str,
    method: Method,
    fields: Fields,
    at_ms: u64,
}

impl Asked<'_> {
    async fn answer(self, line: Line) -> Response {
        let words = self.fields.text("text").or_else(|| self.fields.text("caption"));
        let words = words.or_else(|| self.fields.text("media")).unwrap_or_default();
        let decision = self.telegram.decide(self.method, &words);
        self.studio.wait(decision.latency).await;
        match decision.fault {
            None => self.good(None),
            Some(fault) => self.faulty(fault, &line).await,
        }
    }

    async fn faulty(self, fault: Fault, line: &Line) -> Response {
        let outcome = fault.outcome();
        match fault {
            Fault::RateLimited { retry_after_ms, .. } => {
                let seconds = retry_after_ms.unwrap_or(1000).div_ceil(1000);
                self.refused(&outcome, ApiError::too_many(seconds))
            }
            Fault::Error { status, message, .. } => {
                let usual = ApiError::usual(status);
                let description = message.unwrap_or(usual.description);
                self.refused(&outcome, ApiError { description, ..ApiError::new(status, "") })
            }
            Fault::Coded { status, code } => self.refused(&outcome, ApiError::new(status, code)),
            Fault::BadKey {} => self.refused(&outcome, ApiError::usual(401)),
            Fault::WrongPlace {} => self.refused(&outcome, ApiError::usual(403)),
            Fault::Retired {} => self.refused(&outcome, ApiError::usual(404)),
            Fault::BadGateway {} => {
                self.refused(&outcome, ApiError::usual(502));
                (StatusCode::BAD_GATEWAY, Html(BAD_GATEWAY)).into_response()
            }
            Fault::Reset { cut: Cut::BeforeAnswer } => {
                self.refused(&outcome, ApiError::new(0, "the connection is reset before anything is done"));
                line.cut();
                StatusCode::OK.into_response()
            }
            Fault::Reset { cut: Cut::LostAnswer } => {
                let answer = self.good(Some(&outcome));
                line.cut();
                answer
            }
            Fault::Reset { cut: Cut::MidAnswer } => {
                torn(self.good(Some(&outcome)), line.clone(), Arc::clone(self.studio)).await
            }
            Fault::BrokenJson {} => broken_json(self.good(Some(&outcome))).await,
            Fault::Slow { ms } => {
                let answer = self.good(Some(&outcome));
                self.studio.wait(Duration::from_millis(ms)).await;
                answer
            }
            Fault::Hang { ms } => {
                let answer = self.refused(&outcome, ApiError::usual(504));
                self.studio.wait(ms.map_or_else(|| self.studio.hang(), Duration::from_millis)).await;
                answer
            }
            // What goes wrong with pictures and texts that are made cannot go wrong here.
            Fault::Blocked { .. }
            | Fault::Finished { .. }
            | Fault::TextOnly {}
            | Fault::BrokenPicture { .. }
            | Fault::BrokenText { .. }
            | Fault::WrongRatio {}
            | Fault::Blank {}
            | Fault::Duplicate {}
            | Fault::None {} => self.good(None),
        }
    }

    /// Does what was asked.
    fn good(&self, fault: Option<&str>) -> Response {
        let result = self.telegram.perform(self.token, self.method, &self.fields);
        self.record(fault, result.as_ref().map(drop));
        match result {
            Ok(result) => success(&result),
            Err(error) => error.into_response(),
        }
    }

    /// Does nothing.
    fn refused(&self, fault: &str, error: ApiError) -> Response {
        self.record(Some(fault), Err(&error));
        error.into_response()
    }

    fn record(&self, fault: Option<&str>, result: Result<(), &ApiError>) {
        let call = handle::call(self.at_ms, self.method.name(), &self.fields, result);
        self.telegram.record(self.token, super::Call { fault: fault.map(str::to_owned), ..call });
    }
}

fn success(result: &Value) -> Response {
    Json(json!({ "ok": true, "result": result })).into_response()
}

/// A file of a bot, by the path that getFile gave.
pub(super) fn file(telegram: &Telegram, token: &str, path: &str) -> Response {
    let found = telegram.admit(token).and_then(|()| telegram.download(token, path).ok_or_else(|| ApiError::usual(404)));
    match found {
        Ok(bytes) => octets(bytes),
        Err(error) => error.into_response(),
    }
}

fn octets(bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
}
