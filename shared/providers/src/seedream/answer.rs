//! What a 200 holds: a picture, a link to one, or the error of a picture that failed by itself.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use toonmill_domain::{Failure, FailureCode, Usage};

use super::error;
use crate::{
    Drawing,
    base64_field::{self, Encoded},
};

#[derive(Deserialize)]
struct Answer<'a> {
    model: Option<String>,
    #[serde(borrow)]
    data: Option<Vec<Item<'a>>>,
    usage: Option<TokenCounts>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow, default, deserialize_with = "base64_field::text")]
    b64_json: Cow<'a, str>,
    url: Option<String>,
    error: Option<Value>,
    /// Only 5.0 and later say it.
    output_format: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenCounts {
    output_tokens: u64,
    total_tokens: u64,
}

pub(super) enum Answered {
    Drawing(Drawing),
    /// The bytes of the drawing are still behind the link.
    Elsewhere {
        url: String,
        drawing: Drawing,
    },
}

pub(super) fn read(body: Vec<u8>) -> Result<Answered, Failure> {
    let malformed = || Failure::new(FailureCode::InvalidImage).detail("the answer is not the JSON it should be");
    let answer: Answer<'_> = serde_json::from_slice(&body).map_err(|_| malformed())?;
    let mut failed = answer.error;
    let mut found = None;
    for item in answer.data.into_iter().flatten() {
        if item.error.is_none() && (!item.b64_json.is_empty() || item.url.is_some()) {
            found = Some(item);
            break;
        }
        failed = failed.or(item.error);
    }
    let Some(item) = found else {
        return Err(match failed {
            Some(error) => error::classify_item(&error),
            None => Failure::new(FailureCode::Empty).detail("no picture"),
        });
    };
    let mut drawing = Drawing {
        bytes: Bytes::new(),
        mime_type: format!("image/{}", item.output_format.as_deref().unwrap_or("jpeg")),
        model_version: answer.model,
        usage: answer.usage.map(|usage| Usage {
            output_tokens: usage.output_tokens,
            total_tokens: usage.total_tokens,
            ..Usage::default()
        }),
        text: None,
    };
    match (item.b64_json, item.url) {
        (data, Some(url)) if data.is_empty() => Ok(Answered::Elsewhere { url, drawing }),
        (data, _) => {
            let picture = Encoded::locate(data, &body);
            drawing.bytes = picture.decode(body)?;
            Ok(Answered::Drawing(drawing))
        }
    }
}
