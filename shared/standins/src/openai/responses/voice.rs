//! Answers and the faults of the script, in the words of the Responses API.

use std::convert::Infallible;

use axum::{
    Json,
    body::Body,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use image::RgbImage;

use super::{
    answer::{Answer, Ending, Said},
    order::Order,
    stream::events,
};
use crate::{
    faults::Quota,
    openai::{
        PROVIDER,
        error::{ApiError, headers},
        usual,
    },
    sitting::{Commission, Picture, Sitting, Voice, Wording},
    sketch,
};

/// What runs out first.
const LIMIT: &str = "tokens per min (TPM): Limit 200000, Used 200000, Requested 100";

impl Voice for Order {
    const PROVIDER: &'static str = PROVIDER;

    fn model(&self) -> &str {
        self.model.id
    }

    fn commission(&self) -> &Commission {
        &self.commission
    }

    fn draws(&self) -> bool {
        false
    }

    fn format(&self) -> (&'static str, fn(&RgbImage) -> Vec<u8>) {
        ("image/png", sketch::png)
    }

    async fn picture(sitting: &Sitting<'_, Self>, _: Picture) -> Response {
        Self::text_only(sitting)
    }

    fn text_only(sitting: &Sitting<'_, Self>) -> Response {
        Self::text(sitting, Wording::Good)
    }

    fn text(sitting: &Sitting<'_, Self>, wording: Wording) -> Response {
        sitting.order.answered(&sitting.worded(wording))
    }

    /// Refusals are successes here.
    fn blocked(sitting: &Sitting<'_, Self>, _: &str) -> Response {
        let said = Said::Refusal("I'm sorry, but I can't help with that.");
        sitting.order.answered(&Answer { said, ending: Ending::Completed })
    }

    /// Codes of a failed response, which are in small letters, stand as they are.
    fn finished(sitting: &Sitting<'_, Self>, reason: &str) -> Response {
        let refused = ["SAFETY", "PROHIBITED", "RECITATION", "content_filter"].iter().any(|word| reason.contains(word));
        let answer = match reason {
            _ if refused => Answer { said: Said::Nothing, ending: Ending::Incomplete("content_filter") },
            "MAX_TOKENS" | "max_output_tokens" => {
                Answer { said: Said::Text("partial".to_owned()), ending: Ending::Incomplete("max_output_tokens") }
            }
            code if code.contains(|c: char| c.is_ascii_lowercase()) => {
                Answer { said: Said::Nothing, ending: Ending::Failed(code.to_owned()) }
            }
            _ => Answer { said: Said::Nothing, ending: Ending::Completed },
        };
        sitting.order.answered(&answer)
    }

    fn error(&self, status: u16, message: Option<String>, _: bool) -> Response {
        usual::error(self.model.id, LIMIT, status).with_message(message).into_response()
    }

    fn coded(&self, status: u16, code: &str) -> Response {
        ApiError::new(status, Some(code), "The request failed.").into_response()
    }

    fn rate_limited(&self, wait_ms: u64, quota: Quota) -> Response {
        usual::rate_limited(self.model.id, LIMIT, wait_ms, quota).into_response()
    }

    fn bad_key(&self) -> Response {
        ApiError::bad_key("sk-0000").into_response()
    }

    fn wrong_place(&self) -> Response {
        usual::wrong_place().into_response()
    }

    fn retired(&self) -> Response {
        ApiError::unknown_model(self.model.id).into_response()
    }
}

impl Order {
    fn answered(&self, answer: &Answer) -> Response {
        if !self.stream {
            return (headers(), Json(self.response(Some(answer)))).into_response();
        }
        let events = events(self, answer).into_iter().map(Ok::<_, Infallible>);
        let body = Body::from_stream(stream::iter(events.collect::<Vec<_>>()));
        (headers(), [(CONTENT_TYPE, "text/event-stream; charset=utf-8")], body).into_response()
    }
}
