//! The model catalogue of a deployment: the one that is compiled in, with the changes that `MODEL_CATALOGUE` makes to it.
//!
//! The setting is a JSON merge patch, or `s3:` and the key of an object in the stack's bucket that holds one. A catalogue
//! that cannot be used is not replaced by the one that is compiled in, since that has other prices: see [`closed`].

use toonmill_cloud::Blobs;
use toonmill_domain::Timestamp;
use toonmill_providers::{Catalogue, Kind};

use serde_json::{Map, Value};

use crate::{
    metric::{self, Metric},
    settings::{SettingError, Settings, names},
    start::provider_id,
    system,
};

/// What a setting begins with that names an object of the bucket.
const IN_BUCKET: &str = "s3:";
/// The catalogue that is compiled in has 13 KB.
const LARGEST_PATCH_BYTES: u64 = 1 << 20;

/// The deployment's catalogue, and the text models of single settings. The bucket is read only where the setting names an
/// object of it. An error says which row and which field of it is wrong.
pub async fn load(settings: &Settings, blobs: &Blobs) -> Result<Catalogue, SettingError> {
    let wrong = |why: String| SettingError::wrong(names::MODEL_CATALOGUE, why);
    let loaded = match settings.optional(names::MODEL_CATALOGUE) {
        None => Catalogue::built_in(),
        Some(setting) => match setting.strip_prefix(IN_BUCKET) {
            None => Catalogue::with_patch(setting),
            Some(key) => {
                let patch = blobs.get_text(key, LARGEST_PATCH_BYTES).await;
                Catalogue::with_patch(
                    &patch.map_err(|error| wrong(format!("the object {key} cannot be read: {error}")))?,
                )
            }
        },
    };
    let mut catalogue = loaded.map_err(|error| wrong(error.to_string()))?;
    for kind in Kind::ALL {
        let name = names::text_model(kind.as_str());
        if let Some(model) = settings.optional(&name) {
            catalogue
                .set_default_text_model(&provider_id(kind)?, model)
                .map_err(|error| SettingError::wrong(name, error))?;
        }
    }
    Ok(catalogue)
}

/// The catalogue to work with where the deployment's cannot be used: one without models, so that no job is taken or drawn at
/// prices that nobody wants. The fault is logged and counted (`CatalogueUnusable`).
pub fn closed(settings: &Settings, fault: &SettingError) -> Catalogue {
    tracing::error!(
        error = fault as &dyn std::error::Error,
        "the model catalogue cannot be used: nothing is taken or drawn"
    );
    let function = settings.optional(names::AWS_LAMBDA_FUNCTION_NAME).unwrap_or_default();
    metric::emit(&unusable(function, system::clock().now(), fault));
    Catalogue::empty()
}

fn unusable(function: &str, now: Timestamp, fault: &SettingError) -> Value {
    let why = Map::from_iter([("why".to_owned(), Value::from(fault.to_string()))]);
    metric::line(&[("FunctionName", function)], now, &[Metric::count("CatalogueUnusable", 1)], why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Aws;

    async fn loaded(setting: &str) -> Result<Catalogue, SettingError> {
        let pairs =
            [("MODEL_CATALOGUE", setting), ("BUCKET_NAME", "bucket"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:1")];
        let more = [("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
        let pairs = pairs.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings = Settings::from_pairs(pairs);
        let blobs = Aws::from_settings(&settings).blobs(&settings).unwrap();
        load(&settings, &blobs).await
    }

    #[tokio::test]
    async fn a_catalogue_that_cannot_be_used_says_which_row_and_field_is_wrong() {
        assert!(loaded("").await.is_ok() && loaded("{}").await.is_ok());
        let wrong = async |setting: &str| loaded(setting).await.unwrap_err().to_string();
        let price = r#"{"models":{"gemini-3-pro-image":{"timeoutSeconds":"many"}}}"#;
        let said = wrong(price).await;
        assert!(
            said.contains("MODEL_CATALOGUE") && said.contains("models.gemini-3-pro-image.timeoutSeconds"),
            "{said}"
        );
        assert!(wrong("{\"models\":").await.contains("not JSON"));
        let unread = wrong("s3:catalogues/none.json").await;
        assert!(unread.contains("the object catalogues/none.json cannot be read"), "{unread}");
    }

    #[test]
    fn a_fault_is_counted_with_what_it_is() {
        let fault = SettingError::wrong("MODEL_CATALOGUE", "models.a: no price");
        let line = unusable("api-jobs", Timestamp::from_millis(5), &fault);
        assert_eq!((&line["CatalogueUnusable"], &line["FunctionName"]), (&1.into(), &"api-jobs".into()));
        assert!(line["why"].as_str().unwrap().contains("models.a: no price"));
    }
}
