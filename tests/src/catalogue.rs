//! A catalogue in the bucket, as functions read it at their start.

use toonmill_domain::sha256::hex_of;
use toonmill_providers::Catalogue;
use toonmill_runtime::{SettingError, Settings, catalogue::load, settings::names};

use crate::World;

const KEY: &str = "catalogues/prices.json";

/// The catalogue that a function starts with, by its rights, where its bucket has this merge patch; or what is wrong with it.
pub async fn catalogue_in_bucket(
    world: &World,
    function: &'static str,
    patch: &str,
) -> Result<Catalogue, SettingError> {
    let bytes = patch.as_bytes().to_vec();
    world.blobs.put(KEY, "application/json", &hex_of(&bytes), bytes).await.unwrap();
    let settings = Settings::from_pairs([(names::MODEL_CATALOGUE.to_owned(), format!("s3:{KEY}"))]);
    world.network.acting(function, load(&settings, &world.blobs)).await
}
