//! A model that draws.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use time::Date;
use toonmill_domain::{AspectRatio, Credits, ModelId, ProviderId, Tier};

use super::{
    Frame, Pixels, Range,
    model::{date, optional_date},
};

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImageModel {
    pub id: ModelId,
    pub provider: ProviderId,
    pub aspect_ratios: Vec<AspectRatio>,
    /// As the provider spells them. A model with a single size is not told it.
    pub image_sizes: Vec<String>,
    pub default_image_size: String,
    /// For providers that are told width and height.
    #[serde(default)]
    pub pixels: Option<Pixels>,
    pub reference_mime_types: Vec<String>,
    pub max_reference_images: usize,
    /// For each one.
    pub max_reference_bytes: u64,
    /// For all of one request, before base64.
    pub max_all_reference_bytes: u64,
    /// The longer side of a reference, in pixels: larger ones are shrunk to it before they are sent.
    pub max_reference_side: u32,
    /// Characters as a reader sees them (grapheme clusters), not bytes: a Korean prompt may be as long as an English one.
    #[serde(default = "default_prompt_chars")]
    pub max_prompt_chars: usize,
    pub parameters: ImageParameters,
    pub(super) timeout_seconds: u64,
    pub price: ImagePrices,
    /// The lowest membership that may use it.
    pub min_tier: Tier,
    /// The earliest day on which the provider may switch it off.
    #[serde(default, deserialize_with = "optional_date")]
    pub sunset_at: Option<Date>,
    #[serde(default)]
    pub replaced_by: Option<ModelId>,
}

/// What may be set. What a model does not let be set is absent and never sent: Gemini's image
/// models fix topK at 64.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImageParameters {
    pub temperature: Option<Range<f64>>,
    pub top_p: Option<Range<f64>>,
    pub top_k: Option<Range<u32>>,
    pub max_output_tokens: Option<Range<u32>>,
    /// What is sent when the request does not say. Always sent: ARK's own default is a visible mark.
    pub watermark: Option<bool>,
    /// As the provider spells it. The price of the row is that of this quality.
    pub quality: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImagePrices {
    /// By image size.
    pub per_image: BTreeMap<String, ImagePrice>,
    /// Where the provider says so.
    pub source: String,
    /// When it was read there.
    #[serde(deserialize_with = "date")]
    pub as_of: Date,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImagePrice {
    /// What the user pays. The rows that are compiled in take one credit for each US cent begun.
    pub credits: Credits,
    /// What the provider takes, in millionths of a US dollar, for the picture itself.
    pub usd_micros: u64,
}

impl ImageModel {
    /// How long one call may take.
    pub const fn time_limit(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }

    /// The price of one image; of the default size if `None`. `None` if it has no such size.
    pub fn price_of(&self, image_size: Option<&str>) -> Option<ImagePrice> {
        self.price.per_image.get(self.size_or_default(image_size)).copied()
    }

    /// Width and height, for a provider that wants to be told; of the default size if `None`.
    pub fn frame(&self, ratio: AspectRatio, image_size: Option<&str>) -> Option<Frame> {
        self.pixels.as_ref()?.frame(ratio, self.size_or_default(image_size))
    }

    pub fn size_or_default<'a>(&'a self, image_size: Option<&'a str>) -> &'a str {
        image_size.unwrap_or(&self.default_image_size)
    }
}

/// API.md, Limits.
const fn default_prompt_chars() -> usize {
    4_000
}
