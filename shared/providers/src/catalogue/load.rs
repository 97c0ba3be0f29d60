//! Reading the rows, and everything that a row must satisfy before it may be used.

use serde_json::Value;

use super::{Catalogue, Model, Range};
use crate::Kind;

const BUILT_IN: &str = include_str!("../../catalogue.json");

/// A catalogue that cannot be used: a fault of the deployment.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("the catalogue is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The path names the row and the field: `models.some-model.price.source`.
    #[error("catalogue: {path}: {problem}")]
    Field { path: String, problem: String },
}

impl Catalogue {
    /// The rows that are compiled in.
    pub fn built_in() -> Result<Self, LoadError> {
        Self::from_value(serde_json::from_str(BUILT_IN)?)
    }

    /// The rows that are compiled in, changed by a JSON merge patch (RFC 7396): a member replaces
    /// the one of its name, and `null` removes it. `{}` changes nothing.
    pub fn with_patch(patch: &str) -> Result<Self, LoadError> {
        let mut rows = serde_json::from_str(BUILT_IN)?;
        merge(&mut rows, serde_json::from_str(patch)?);
        Self::from_value(rows)
    }

    fn from_value(mut rows: Value) -> Result<Self, LoadError> {
        for (id, row) in rows.get_mut("models").and_then(Value::as_object_mut).into_iter().flatten() {
            if let Some(row) = row.as_object_mut() {
                row.insert("id".to_owned(), Value::String(id.clone()));
            }
        }
        let catalogue: Self = serde_path_to_error::deserialize(rows)
            .map_err(|error| LoadError::Field { path: error.path().to_string(), problem: error.inner().to_string() })?;
        catalogue.validate()?;
        Ok(catalogue)
    }

    fn validate(&self) -> Result<(), LoadError> {
        for model in self.models.values() {
            model.validate()?;
            if let Some(replacement) = &model.replaced_by
                && !self.models.contains_key(replacement)
            {
                return fault(&format!("models.{}.replacedBy", model.id), "there is no such model");
            }
        }
        for (alias, model) in &self.aliases {
            if !self.models.contains_key(model) {
                return fault(&format!("aliases.{alias}"), "there is no such model");
            }
            if self.models.contains_key(alias) {
                return fault(&format!("aliases.{alias}"), "is the name of a model");
            }
        }
        for provider in &self.provider_order {
            if !self.defaults.contains_key(provider) {
                return fault("defaults", &format!("{provider} is in providerOrder and has no default"));
            }
        }
        for (provider, defaults) in &self.defaults {
            let path = format!("defaults.{provider}.image");
            match self.models.get(&defaults.image) {
                None => return fault(&path, "there is no such model"),
                Some(model) if model.provider != *provider => return fault(&path, "is another provider's model"),
                Some(_) => {}
            }
        }
        Ok(())
    }
}

impl Model {
    fn validate(&self) -> Result<(), LoadError> {
        let fault = |field: &str, problem: &str| fault(&format!("models.{}.{field}", self.id), problem);
        let Some(kind) = Kind::parse(self.provider.as_str()) else {
            return fault("provider", "there is no client for it");
        };
        if self.aspect_ratios.is_empty() {
            return fault("aspectRatios", "is empty");
        }
        if !self.image_sizes.contains(&self.default_image_size) {
            return fault("defaultImageSize", "is not one of imageSizes");
        }
        for size in &self.image_sizes {
            match self.price.per_image.get(size) {
                None => return fault(&format!("price.perImage.{size}"), "is missing"),
                Some(price) if price.credits.get() == 0 => {
                    return fault(&format!("price.perImage.{size}.credits"), "must be at least 1");
                }
                Some(_) => {}
            }
            let lost = self.aspect_ratios.iter().find(|ratio| self.frame(**ratio, Some(size)).is_none());
            if let Some(ratio) = lost.filter(|_| kind.counts_pixels()) {
                return fault("pixels", &format!("allows no picture of {ratio} in {size}"));
            }
        }
        if self.timeout_seconds == 0 {
            return fault("timeoutSeconds", "must be at least 1");
        }
        let parameters = &self.parameters;
        let in_order = [
            ("temperature", parameters.temperature.as_ref().is_none_or(Range::is_in_order)),
            ("topP", parameters.top_p.as_ref().is_none_or(Range::is_in_order)),
            ("topK", parameters.top_k.as_ref().is_none_or(Range::is_in_order)),
            ("maxOutputTokens", parameters.max_output_tokens.as_ref().is_none_or(Range::is_in_order)),
        ];
        match in_order.into_iter().find(|(_, in_order)| !in_order) {
            Some((name, _)) => fault(&format!("parameters.{name}"), "is not in the order min, default, max"),
            None => Ok(()),
        }
    }
}

impl<T: PartialOrd> Range<T> {
    fn is_in_order(&self) -> bool {
        self.min <= self.default && self.default <= self.max
    }
}

fn fault(path: &str, problem: &str) -> Result<(), LoadError> {
    Err(LoadError::Field { path: path.to_owned(), problem: problem.to_owned() })
}

/// JSON merge patch, RFC 7396, section 2.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Some(members) = target.as_object_mut() else { return };
    for (name, value) in patch {
        if value.is_null() {
            members.remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(patch: &Value) -> String {
        Catalogue::with_patch(&patch.to_string()).expect_err("the patch breaks a rule").to_string()
    }

    #[test]
    fn the_rows_that_are_compiled_in_load() {
        let catalogue = Catalogue::built_in().unwrap();
        let gemini = "gemini".parse().unwrap();
        assert_eq!(catalogue.default_image_model(&gemini).unwrap().id.as_str(), "gemini-3-pro-image");
    }

    #[test]
    fn a_model_without_a_price_does_not_load_and_the_error_names_row_and_field() {
        let without = |price: Value| refused(&json!({ "models": { "gemini-3-pro-image": { "price": price } } }));
        assert_eq!(without(Value::Null), "catalogue: models.gemini-3-pro-image: missing field `price`");
        assert_eq!(
            without(json!({ "perImage": { "2K": null } })),
            "catalogue: models.gemini-3-pro-image.price.perImage.2K: is missing"
        );
        assert_eq!(
            without(json!({ "perImage": { "2K": { "credits": 0 } } })),
            "catalogue: models.gemini-3-pro-image.price.perImage.2K.credits: must be at least 1"
        );
        assert_eq!(
            without(json!({ "asOf": "last week" })),
            "catalogue: models.gemini-3-pro-image.price.asOf: not a date such as 2026-11-20"
        );
    }

    #[test]
    fn a_slip_of_the_pen_is_an_error_and_not_ignored() {
        let changed = |row: Value| refused(&json!({ "models": { "gemini-3-pro-image": row } }));
        assert!(changed(json!({ "imageSizez": [] })).contains("unknown field `imageSizez`"));
        assert!(changed(json!({ "provider": "gemni" })).contains("provider: there is no client"));
        assert!(changed(json!({ "aspectRatios": ["16x9"] })).contains("aspectRatios[0]"));
        assert!(changed(json!({ "defaultImageSize": "8K" })).contains("defaultImageSize"));
        assert!(changed(json!({ "parameters": { "topP": { "default": 2.0 } } })).contains("parameters.topP"));
        let narrow = json!({ "models": { "seedream-4-5-251128": { "aspectRatios": ["16:9", "99:1"] } } });
        assert!(refused(&narrow).contains("seedream-4-5-251128.pixels: allows no picture of 99:1 in 2K"));
        let unbounded = json!({ "models": { "gpt-image-2": { "pixels": null } } });
        assert!(refused(&unbounded).contains("gpt-image-2.pixels: allows no picture"));
        assert!(refused(&json!({ "aliases": { "old": "older" } })).contains("aliases.old"));
        assert!(refused(&json!({ "defaults": { "gemini": { "image": "none" } } })).contains("defaults.gemini.image"));
        assert!(matches!(Catalogue::with_patch("{"), Err(LoadError::Json(_))));
    }

    #[test]
    fn a_patch_adds_changes_and_removes_rows() {
        let patch = json!({
            "aliases": { "gemini-3.1-flash-lite-image": "gemini-nano-banana-2.1" },
            "models": {
                "gemini-3.1-flash-lite-image": null,
                "gemini-3-pro-image": { "sunsetAt": "2027-05-28", "replacedBy": "gemini-nano-banana-2.1" },
            },
        });
        let catalogue = Catalogue::with_patch(&patch.to_string()).unwrap();
        let lite = catalogue.resolve("gemini-3.1-flash-lite-image").unwrap();
        assert!(lite.replaced);
        assert_eq!(lite.model.id.as_str(), "gemini-nano-banana-2.1");
        let pro = catalogue.resolve("gemini-3-pro-image").unwrap();
        assert!(!pro.replaced);
        assert_eq!(pro.model.sunset_at.unwrap().to_string(), "2027-05-28");
    }

    #[test]
    fn names_of_models_that_are_gone_lead_to_the_living() {
        let catalogue = Catalogue::built_in().unwrap();
        let resolved = |name: &str| catalogue.resolve(name).map(|found| found.model.id.to_string());
        assert_eq!(resolved("gemini-3-pro-image-preview").as_deref(), Some("gemini-3-pro-image"));
        assert_eq!(resolved("gemini-2.5-flash-image").as_deref(), Some("gemini-nano-banana-2.1"));
        assert_eq!(resolved("dall-e-3").as_deref(), Some("gpt-image-2"));
        assert_eq!(resolved("seedream-4-5-251128").as_deref(), Some("seedream-4-5-251128"), "alive");
        assert_eq!(resolved("dall-e-7"), None);
        assert_eq!(resolved("../x"), None);
    }
}
