//! What a 200 holds.

use std::borrow::Cow;

use serde::Deserialize;
use toonmill_domain::{Failure, FailureCode, Usage};

use crate::{
    Drawing,
    base64_field::{self, Encoded},
};

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    data: Option<Vec<Item<'a>>>,
    output_format: Option<String>,
    usage: Option<TokenCounts>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow, default, deserialize_with = "base64_field::text")]
    b64_json: Cow<'a, str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenCounts {
    #[serde(rename = "input_tokens")]
    input: u64,
    #[serde(rename = "output_tokens")]
    output: u64,
    #[serde(rename = "total_tokens")]
    total: u64,
}

pub(super) fn read(body: Vec<u8>) -> Result<Drawing, Failure> {
    let malformed = || Failure::new(FailureCode::InvalidImage).detail("the answer is not the JSON it should be");
    let answer: Answer<'_> = serde_json::from_slice(&body).map_err(|_| malformed())?;
    let found = answer.data.into_iter().flatten().find(|item| !item.b64_json.is_empty());
    let Some(item) = found else { return Err(Failure::new(FailureCode::Empty).detail("no picture")) };
    let picture = Encoded::locate(item.b64_json, &body);
    let usage = answer.usage.map(|usage| Usage {
        prompt_tokens: usage.input,
        output_tokens: usage.output,
        thinking_tokens: 0,
        total_tokens: usage.total,
    });
    let mime_type = format!("image/{}", answer.output_format.as_deref().unwrap_or("png"));
    Ok(Drawing { bytes: picture.decode(body)?, mime_type, model_version: None, usage, text: None })
}
