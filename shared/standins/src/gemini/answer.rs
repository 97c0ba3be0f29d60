//! Answers with status 200: pictures, words, and the ways of having neither.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{models::Kind, order::Order, usage::Usage};
use crate::{
    sitting::{Content, Picture, Sitting},
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

    fn envelope(&self, mut body: Value) -> Response {
        if let Some(body) = body.as_object_mut() {
            body.insert("modelVersion".into(), self.order.model.id.into());
            body.insert("responseId".into(), self.opaque(12).into());
        }
        Json(body).into_response()
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
