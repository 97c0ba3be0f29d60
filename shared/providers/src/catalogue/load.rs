//! Reading the rows.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use toonmill_domain::{ModelId, ProviderId};

use super::{Catalogue, Defaults, Model};

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

    /// A catalogue without models, by which nothing can be priced or drawn: that of a deployment whose own cannot be used.
    pub fn empty() -> Self {
        Self { provider_order: Vec::new(), defaults: BTreeMap::new(), aliases: Arc::default(), models: Arc::default() }
    }

    /// The rows that are compiled in, changed by a JSON merge patch (RFC 7396): a member replaces
    /// the one of its name, and `null` removes it. `{}` changes nothing.
    pub fn with_patch(patch: &str) -> Result<Self, LoadError> {
        let mut rows = serde_json::from_str(BUILT_IN)?;
        merge(&mut rows, serde_json::from_str(patch)?);
        Self::from_value(rows)
    }

    fn from_value(rows: Value) -> Result<Self, LoadError> {
        let Rows { provider_order, defaults, aliases, models } = read("", rows)?;
        let models = models.into_iter().map(|(id, row)| Ok((id.clone(), read_model(&id, row)?)));
        let models = models.collect::<Result<_, LoadError>>()?;
        let catalogue = Self { provider_order, defaults, aliases: Arc::new(aliases), models: Arc::new(models) };
        catalogue.validate()?;
        Ok(catalogue)
    }
}

/// The file as it is: what a row holds depends on its kind.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rows {
    provider_order: Vec<ProviderId>,
    defaults: BTreeMap<ProviderId, Defaults>,
    aliases: BTreeMap<ModelId, ModelId>,
    models: BTreeMap<ModelId, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum RowKind {
    Image,
    Text,
}

fn read_model(id: &ModelId, mut row: Value) -> Result<Model, LoadError> {
    let path = format!("models.{id}");
    let Some(members) = row.as_object_mut() else {
        return Err(LoadError::Field { path, problem: "is not an object".to_owned() });
    };
    members.insert("id".to_owned(), Value::String(id.to_string()));
    let Some(kind) = members.remove("kind") else {
        return Err(LoadError::Field { path, problem: "missing field `kind`".to_owned() });
    };
    Ok(match read(&format!("{path}.kind"), kind)? {
        RowKind::Image => Model::Image(Box::new(read(&path, row)?)),
        RowKind::Text => Model::Text(Box::new(read(&path, row)?)),
    })
}

/// What is at this path, or the path of what is wrong within it.
fn read<T: DeserializeOwned>(at: &str, value: Value) -> Result<T, LoadError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let within = error.path().to_string();
        let path = match (at, within.as_str()) {
            (at, ".") => at.to_owned(),
            ("", within) => within.to_owned(),
            (at, within) => format!("{at}.{within}"),
        };
        LoadError::Field { path, problem: error.into_inner().to_string() }
    })
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
        let lite = catalogue.image_model("gemini-3.1-flash-lite-image").unwrap();
        assert!(lite.replaced);
        assert_eq!(lite.model.id.as_str(), "gemini-nano-banana-2.1");
        let pro = catalogue.image_model("gemini-3-pro-image").unwrap();
        assert!(!pro.replaced);
        assert_eq!(pro.model.sunset_at.unwrap().to_string(), "2027-05-28");
    }

    #[test]
    fn names_of_models_that_are_gone_lead_to_the_living() {
        let catalogue = Catalogue::built_in().unwrap();
        let resolved = |name: &str| catalogue.resolve(name).map(|found| found.model.id().to_string());
        assert_eq!(resolved("gemini-3-pro-image-preview").as_deref(), Some("gemini-3-pro-image"));
        assert_eq!(resolved("gemini-2.5-flash-image").as_deref(), Some("gemini-nano-banana-2.1"));
        assert_eq!(resolved("dall-e-3").as_deref(), Some("gpt-image-2"));
        assert_eq!(resolved("seedream-4-5-251128").as_deref(), Some("seedream-4-5-251128"), "alive");
        assert_eq!(resolved("gpt-4o-mini").as_deref(), Some("gpt-5.6-luna"));
        assert_eq!(resolved("gemini-1.5-flash").as_deref(), Some("gemini-3.8-flash"));
        assert_eq!(resolved("gemini-1.5-pro").as_deref(), Some("gemini-3.1-pro-preview"));
        assert_eq!(resolved("gemini-3-pro-preview").as_deref(), Some("gemini-3.1-pro-preview"));
        assert_eq!(resolved("dall-e-7"), None);
        assert_eq!(resolved("../x"), None);
    }

    #[test]
    fn a_model_of_one_kind_does_not_stand_for_the_other() {
        let catalogue = Catalogue::built_in().unwrap();
        assert!(catalogue.text_model("gemini-3-pro-image").is_none());
        assert!(catalogue.text_model("dall-e-3").is_none());
        assert!(catalogue.image_model("gemini-3.8-flash").is_none());
        assert!(catalogue.image_model("gpt-4o-mini").is_none());
        let openai = "openai".parse().unwrap();
        assert_eq!(catalogue.default_text_model(&openai).unwrap().id.as_str(), "gpt-5.6-luna");
        assert!(catalogue.default_text_model(&"seedream".parse().unwrap()).is_none());
        let text = refused(&json!({ "defaults": { "gemini": { "text": "gemini-3-pro-image" } } }));
        assert_eq!(text, "catalogue: defaults.gemini.text: there is no such model of this kind");
        let text = refused(&json!({ "models": { "gemini-3.8-flash": { "replacedBy": "gemini-3-pro-image" } } }));
        assert_eq!(text, "catalogue: models.gemini-3.8-flash.replacedBy: is a model of another kind");
        let text = refused(&json!({ "models": { "gemini-3.8-flash": { "kind": "video" } } }));
        assert!(text.starts_with("catalogue: models.gemini-3.8-flash.kind: unknown variant `video`"), "{text}");
        let text = refused(&json!({ "models": { "gemini-3.8-flash": { "aspectRatios": ["1:1"] } } }));
        assert!(text.contains("unknown field `aspectRatios`"), "{text}");
        let text =
            refused(&json!({ "models": { "gemini-3.8-flash": { "price": { "usdMicrosPerMillionInputTokens": 0 } } } }));
        assert_eq!(text, "catalogue: models.gemini-3.8-flash.price: must be more than nothing");
    }
}
