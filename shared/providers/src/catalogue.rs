//! What each model can do and costs, as data.
//!
//! The rows are `catalogue.json`, compiled in; configuration can change them with a JSON merge
//! patch. Model ids die within months, so a living replacement is a row here and not a release.

mod check;
mod load;
mod model;
mod pixels;

use std::collections::BTreeMap;

use serde::Deserialize;
use toonmill_domain::{ModelId, ProviderId};

pub use check::{Ask, Field, Problem};
pub use load::LoadError;
pub use model::{ImagePrice, Model, ModelKind, Parameters, Price, Range, Tier};
pub use pixels::{Frame, Pixels};

/// The rows, checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Catalogue {
    /// The order in which `auto` asks providers.
    provider_order: Vec<ProviderId>,
    defaults: BTreeMap<ProviderId, Defaults>,
    /// Names of models that are gone, and who replaces them.
    aliases: BTreeMap<ModelId, ModelId>,
    models: BTreeMap<ModelId, Model>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Defaults {
    image: ModelId,
}

/// A model by one of its names.
#[derive(Clone, Copy, Debug)]
pub struct Resolved<'a> {
    pub model: &'a Model,
    /// Whether the name was an old one, and this model draws in its place.
    pub replaced: bool,
}

impl Catalogue {
    /// A model by its name, or by the name of one that it replaces.
    pub fn resolve(&self, name: &str) -> Option<Resolved<'_>> {
        let name: ModelId = name.parse().ok()?;
        if let Some(model) = self.models.get(&name) {
            return Some(Resolved { model, replaced: false });
        }
        let model = self.models.get(self.aliases.get(&name)?)?;
        Some(Resolved { model, replaced: true })
    }

    /// What a provider draws with when no model is named.
    pub fn default_image_model(&self, provider: &ProviderId) -> Option<&Model> {
        self.models.get(&self.defaults.get(provider)?.image)
    }

    /// All models, in the order of their names.
    pub fn models(&self) -> impl Iterator<Item = &Model> {
        self.models.values()
    }

    /// The order in which `auto` asks providers.
    pub fn provider_order(&self) -> &[ProviderId] {
        &self.provider_order
    }

    /// What `auto` means for this request: the first provider in order that is available, with its
    /// default model or else any of its models that can. If none can, what the first one lacks.
    pub fn choose(&self, ask: &Ask<'_>, available: impl Fn(&ProviderId) -> bool) -> Result<&Model, Vec<Problem>> {
        let mut lacking = None;
        for provider in self.provider_order.iter().filter(|provider| available(provider)) {
            let default = self.default_image_model(provider);
            let others = self.models().filter(|model| model.provider == *provider);
            for model in default.into_iter().chain(others) {
                let problems = model.check(ask);
                if problems.is_empty() {
                    return Ok(model);
                }
                lacking.get_or_insert(problems);
            }
        }
        Err(lacking.unwrap_or_else(|| vec![Problem::no_provider()]))
    }
}
