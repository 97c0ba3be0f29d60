//! Answers with status 200: pictures, words, and the ways of having neither.

use std::convert::Infallible;

use axum::{
    Json,
    body::Body,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::stream;
use serde_json::{Value, json};

use super::{models::Kind, order::Order, usage::Usage};
use crate::{
    essay,
    faults::BrokenText,
    sitting::{Content, Picture, Sitting, Wording},
    sketch::Brief,
};

impl Sitting<'_, Order> {
    /// The candidate whose picture is this part, with thoughts and words as the model has them.
    pub(super) async fn with_picture(&self, picture: &Picture) -> Response {
        let data = match &picture.content {
            Content::File(file) => BASE64_STANDARD.encode(file),
            Content::Text(text) => (*text).to_owned(),
        };
        let mut picture = inline(picture.media_type, &data);
        let mut parts = Vec::new();
        let mut usage = Usage { pictures: 1, ..Usage::default() };
        if self.order.model.kind == Kind::Pro {
            usage.thoughts = 150 + self.chance % 200;
            parts.push(json!({ "text": "Planning the composition", "thought": true }));
            if self.chance.is_multiple_of(3)
                && let Some(draft) = self.draft().await
            {
                parts.push(draft);
            }
            if let Some(picture) = picture.as_object_mut() {
                picture.insert("thoughtSignature".into(), self.signature().into());
            }
        }
        if self.order.words {
            usage.words = 4;
            parts.push(json!({ "text": "Here it is." }));
        }
        parts.push(picture);
        self.candidate(&json!(parts), "STOP", usage)
    }

    /// The candidate that is a text.
    pub(super) fn with_text(&self, wording: Wording) -> Response {
        let text = &self.order.text;
        let whole = match (wording, &text.schema) {
            (Wording::Nothing, _) => String::new(),
            (Wording::Broken(BrokenText::WrongShape), Some(_)) => r#"{"unasked": true}"#.to_owned(),
            (Wording::Good | Wording::Broken(BrokenText::CutOff), Some(schema)) => {
                essay::data(schema, &self.order.commission.prompt, self.seed()).to_string()
            }
            _ => essay::text(&self.order.commission.prompt, self.seed()),
        };
        let left = text.max_output_tokens.unwrap_or(u64::MAX).saturating_sub(text.thoughts);
        let left = if wording == Wording::Broken(BrokenText::CutOff) { essay::tokens(&whole) / 2 } else { left };
        let (written, is_cut) = essay::cut(&whole, left);
        let words = if written.is_empty() { 0 } else { essay::tokens(&written) };
        let usage = Usage { words, thoughts: text.thoughts, ..Usage::default() };
        let reason = if is_cut { "MAX_TOKENS" } else { "STOP" };
        let thought = text.include_thoughts.then(|| json!({ "text": "Thinking of the scene", "thought": true }));
        if !self.order.stream {
            let words = (!written.is_empty()).then(|| json!({ "text": written }));
            let parts = thought.into_iter().chain(words).collect::<Value>();
            return self.candidate(&parts, reason, usage);
        }
        let mut pieces: Vec<Value> = thought.into_iter().collect();
        pieces.extend(in_pieces(&written).into_iter().map(|piece| json!({ "text": piece })));
        let last = pieces.len().saturating_sub(1);
        let envelopes = pieces.into_iter().enumerate().map(|(index, part)| {
            let mut candidate = json!({ "index": 0, "content": { "role": "model", "parts": [part] } });
            if let Some(candidate) = candidate.as_object_mut().filter(|_| index == last) {
                candidate.insert("finishReason".into(), reason.into());
            }
            self.labelled(json!({ "candidates": [candidate], "usageMetadata": usage.metadata(&self.order) }))
        });
        events(envelopes)
    }

    pub(super) fn with_words(&self) -> Response {
        let parts = json!([{ "text": "I can describe it instead." }]);
        self.candidate(&parts, "STOP", Usage { words: 12, ..Usage::default() })
    }

    /// A candidate that ended for this reason before there was a picture.
    pub(super) fn ended(&self, reason: &str) -> Response {
        if matches!(reason, "MAX_TOKENS" | "STOP") {
            let parts = json!([{ "text": "partial" }]);
            return self.candidate(&parts, reason, Usage { words: 12, ..Usage::default() });
        }
        let mut candidate = json!({
            "index": 0,
            "finishReason": reason,
            "finishMessage": "Unable to show the generated image. The image was filtered out.",
        });
        if reason == "SAFETY"
            && let Some(candidate) = candidate.as_object_mut()
        {
            candidate.insert("safetyRatings".into(), json!([rating("SEXUALLY_EXPLICIT", true)]));
        }
        self.envelope(json!({
            "candidates": [candidate],
            "usageMetadata": Usage::default().metadata(&self.order),
        }))
    }

    /// No candidates, because the prompt was refused.
    pub(super) fn without_candidates(&self, reason: &str) -> Response {
        let mut feedback = json!({ "blockReason": reason });
        if reason == "SAFETY"
            && let Some(feedback) = feedback.as_object_mut()
        {
            let ratings = json!([
                rating("SEXUALLY_EXPLICIT", true),
                rating("HATE_SPEECH", false),
                rating("HARASSMENT", false),
                rating("DANGEROUS_CONTENT", false),
            ]);
            feedback.insert("safetyRatings".into(), ratings);
        }
        let usage = Usage::default().metadata(&self.order);
        self.envelope(json!({ "promptFeedback": feedback, "usageMetadata": usage }))
    }

    /// A draft that belongs to the model's thoughts: a real picture, but not the answer.
    async fn draft(&self) -> Option<Value> {
        let brief = self.brief();
        let (width_px, height_px) = (brief.width_px.min(1536) / 3, brief.height_px.min(1536) / 3);
        let png = self.draw(Brief { seed: !brief.seed, width_px, height_px, ..brief }).await?;
        let mut draft = inline("image/png", &BASE64_STANDARD.encode(png));
        draft.as_object_mut()?.insert("thought".into(), true.into());
        Some(draft)
    }

    fn candidate(&self, parts: &Value, reason: &str, usage: Usage) -> Response {
        self.envelope(json!({
            "candidates": [{
                "index": 0,
                "content": { "role": "model", "parts": parts },
                "finishReason": reason,
            }],
            "usageMetadata": usage.metadata(&self.order),
        }))
    }

    fn envelope(&self, body: Value) -> Response {
        let body = self.labelled(body);
        if self.order.stream { events([body]) } else { Json(body).into_response() }
    }

    fn labelled(&self, mut body: Value) -> Value {
        if let Some(body) = body.as_object_mut() {
            body.insert("modelVersion".into(), self.order.model.id.into());
            body.insert("responseId".into(), self.opaque(12).into());
        }
        body
    }

    fn signature(&self) -> String {
        BASE64_STANDARD.encode(self.opaque(96))
    }

    /// Letters without meaning, always the same ones for the same call.
    fn opaque(&self, bytes: usize) -> String {
        let mut letters = fastrand::Rng::with_seed(self.chance);
        let bytes: Vec<u8> = (0..bytes).map(|_| letters.u8(..)).collect();
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// Server-sent events without names, each a whole answer with a piece of the text.
fn events(envelopes: impl IntoIterator<Item = Value>) -> Response {
    let events = envelopes.into_iter().map(|envelope| Ok::<_, Infallible>(format!("data: {envelope}\r\n\r\n")));
    let body = Body::from_stream(stream::iter(events.collect::<Vec<_>>()));
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

/// A text in three pieces, or as many as it has letters. An empty one is one piece.
fn in_pieces(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let third = letters.len().div_ceil(3).max(1);
    if letters.is_empty() { vec![String::new()] } else { letters.chunks(third).map(String::from_iter).collect() }
}

/// The part that holds a picture.
fn inline(media_type: &str, data: &str) -> Value {
    json!({ "inlineData": { "mimeType": media_type, "data": data } })
}

fn rating(category: &str, blocked: bool) -> Value {
    let category = format!("HARM_CATEGORY_{category}");
    if blocked {
        json!({ "category": category, "probability": "HIGH", "blocked": true })
    } else {
        json!({ "category": category, "probability": "NEGLIGIBLE" })
    }
}
