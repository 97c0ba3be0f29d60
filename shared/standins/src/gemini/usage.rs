//! `usageMetadata`: tokens in and out by modality, as bills are made from.

use serde_json::{Map, Value, json};

use super::order::Order;

/// Tokens of a picture in a request.
const TOKENS_PER_REFERENCE: u64 = 560;

/// What an answer used.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Usage {
    pub(super) pictures: u64,
    pub(super) words: u64,
    pub(super) thoughts: u64,
}

impl Usage {
    pub(super) fn metadata(self, order: &Order) -> Value {
        let text = (order.commission.prompt.chars().count() as u64).div_ceil(4).max(1);
        let references = order.commission.references.len() as u64 * TOKENS_PER_REFERENCE;
        // A 4K picture has more tokens than the smaller ones, which all have the same number.
        let large = u64::from(order.commission.width_px) * u64::from(order.commission.height_px) > 9_000_000;
        let pictures = self.pictures * if large { 2000 } else { 1120 };
        let (prompt, candidates) = (text + references, pictures + self.words);
        let mut usage = Map::new();
        usage.insert("promptTokenCount".into(), prompt.into());
        usage.insert("promptTokensDetails".into(), details(text, references));
        if candidates > 0 {
            usage.insert("candidatesTokenCount".into(), candidates.into());
            usage.insert("candidatesTokensDetails".into(), details(self.words, pictures));
        }
        if self.thoughts > 0 {
            usage.insert("thoughtsTokenCount".into(), self.thoughts.into());
        }
        usage.insert("totalTokenCount".into(), (prompt + candidates + self.thoughts).into());
        usage.into()
    }
}

fn details(text: u64, image: u64) -> Value {
    [("TEXT", text), ("IMAGE", image)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(modality, count)| json!({ "modality": modality, "tokenCount": count }))
        .collect()
}
