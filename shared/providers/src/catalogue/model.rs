//! What all rows of the catalogue have in common.

use serde::{Deserialize, Deserializer};
use time::{Date, format_description::well_known::Iso8601};
use toonmill_domain::{ModelId, ProviderId, Tier};

use super::{ImageModel, TextModel};

/// One row: a model that draws, or one that writes. Each kind has its own fields.
#[derive(Clone, Debug, PartialEq)]
pub enum Model {
    Image(Box<ImageModel>),
    Text(Box<TextModel>),
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range<T> {
    pub min: T,
    pub max: T,
    pub default: T,
}

impl Model {
    pub const fn id(&self) -> &ModelId {
        match self {
            Self::Image(model) => &model.id,
            Self::Text(model) => &model.id,
        }
    }

    pub const fn provider(&self) -> &ProviderId {
        match self {
            Self::Image(model) => &model.provider,
            Self::Text(model) => &model.provider,
        }
    }

    /// The lowest membership that may use it.
    pub const fn min_tier(&self) -> Tier {
        match self {
            Self::Image(model) => model.min_tier,
            Self::Text(model) => model.min_tier,
        }
    }

    pub const fn replaced_by(&self) -> Option<&ModelId> {
        match self {
            Self::Image(model) => model.replaced_by.as_ref(),
            Self::Text(model) => model.replaced_by.as_ref(),
        }
    }

    pub const fn as_image(&self) -> Option<&ImageModel> {
        match self {
            Self::Image(model) => Some(model),
            Self::Text(_) => None,
        }
    }

    pub const fn as_text(&self) -> Option<&TextModel> {
        match self {
            Self::Text(model) => Some(model),
            Self::Image(_) => None,
        }
    }
}

impl<T: PartialOrd> Range<T> {
    pub(super) fn is_in_order(&self) -> bool {
        self.min <= self.default && self.default <= self.max
    }

    pub fn holds(&self, value: &T) -> bool {
        self.min <= *value && *value <= self.max
    }
}

pub(super) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    Date::parse(&text, &Iso8601::DATE).map_err(|_| serde::de::Error::custom("not a date such as 2026-11-20"))
}

pub(super) fn optional_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    date(deserializer).map(Some)
}
