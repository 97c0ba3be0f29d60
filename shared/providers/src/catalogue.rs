//! What each model can do and costs, as data.
//!
//! The rows are `catalogue.json`, compiled in; configuration can change them with a JSON merge
//! patch. Model ids die within months, so a living replacement is a row here and not a release.

mod check;
mod image;
mod load;
mod model;
mod pixels;
mod price;
mod references;
mod rules;
mod text;

use std::{collections::BTreeMap, sync::Arc};

use serde::Deserialize;
use toonmill_domain::{ModelId, ProviderId};

pub use check::{Ask, Field, Problem};
pub use image::{ImageModel, ImageParameters, ImagePrice, ImagePrices};
pub use load::LoadError;
pub use model::{Model, Range};
pub use pixels::{Frame, Pixels};
pub use text::{CallPrice, TextAsk, TextField, TextModel, TextParameters, TextPrice};

/// The rows, checked. Clones share them.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// The order in which `auto` asks providers.
    provider_order: Vec<ProviderId>,
    defaults: BTreeMap<ProviderId, Defaults>,
    /// Names of models that are gone, and who replaces them.
    aliases: Arc<BTreeMap<ModelId, ModelId>>,
    models: Arc<BTreeMap<ModelId, Model>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Defaults {
    image: ModelId,
    /// A provider that does not write has none.
    text: Option<ModelId>,
}

/// A model by one of its names.
#[derive(Clone, Copy, Debug)]
pub struct Resolved<'a, M = Model> {
    pub model: &'a M,
    /// Whether the name was an old one, and this model works in its place.
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

    /// Whether it has no models at all: the deployment's own cannot be used.
    pub fn is_empty(&self) -> bool {
        self.models.is_empty()
    }

    /// A model by its own name.
    pub fn model(&self, id: &ModelId) -> Option<&Model> {
        self.models.get(id)
    }

    /// The same for a model that draws; none if the name is one of a model that writes.
    pub fn image_model(&self, name: &str) -> Option<Resolved<'_, ImageModel>> {
        let Resolved { model, replaced } = self.resolve(name)?;
        Some(Resolved { model: model.as_image()?, replaced })
    }

    /// The same for a model that writes; none if the name is one of a model that draws.
    pub fn text_model(&self, name: &str) -> Option<Resolved<'_, TextModel>> {
        let Resolved { model, replaced } = self.resolve(name)?;
        Some(Resolved { model: model.as_text()?, replaced })
    }

    /// What a provider draws with when no model is named.
    pub fn default_image_model(&self, provider: &ProviderId) -> Option<&ImageModel> {
        self.models.get(&self.defaults.get(provider)?.image)?.as_image()
    }

    /// What a provider writes with when no model is named; none if it does not write.
    pub fn default_text_model(&self, provider: &ProviderId) -> Option<&TextModel> {
        self.models.get(self.defaults.get(provider)?.text.as_ref()?)?.as_text()
    }

    /// Makes a model, by any of its names, what a provider writes with when none is named.
    pub fn set_default_text_model(&mut self, provider: &ProviderId, name: &str) -> Result<(), LoadError> {
        let fault = |problem: &str| LoadError::Field {
            path: format!("defaults.{provider}.text"),
            problem: format!("{name} {problem}"),
        };
        let found = self.text_model(name).ok_or_else(|| fault("is not a text model of the catalogue"))?.model;
        if found.provider != *provider {
            return Err(fault("is another provider's model"));
        }
        let id = found.id.clone();
        self.defaults.get_mut(provider).ok_or_else(|| fault("is of a provider without defaults"))?.text = Some(id);
        Ok(())
    }

    /// All models, in the order of their names.
    pub fn models(&self) -> impl Iterator<Item = &Model> {
        self.models.values()
    }

    /// Those that draw.
    pub fn image_models(&self) -> impl Iterator<Item = &ImageModel> {
        self.models().filter_map(Model::as_image)
    }

    /// Those that write.
    pub fn text_models(&self) -> impl Iterator<Item = &TextModel> {
        self.models().filter_map(Model::as_text)
    }

    /// The order in which `auto` asks providers.
    pub fn provider_order(&self) -> &[ProviderId] {
        &self.provider_order
    }

    /// What `auto` means for this request: the first provider in order that is available, with its default model or
    /// else any of its models that can and is healthy. If nobody who can is healthy, the first who can; if nobody can,
    /// what the first one lacks.
    pub fn choose(
        &self,
        ask: &Ask<'_>,
        available: impl Fn(&ProviderId) -> bool,
        healthy: impl Fn(&ImageModel) -> bool,
    ) -> Result<&ImageModel, Vec<Problem>> {
        let (mut lacking, mut unhealthy) = (None, None);
        for model in self.provider_order.iter().filter(|id| available(id)).flat_map(|id| self.image_models_of(id)) {
            let problems = model.check(ask);
            if !problems.is_empty() {
                lacking.get_or_insert(problems);
            } else if healthy(model) {
                return Ok(model);
            } else {
                unhealthy.get_or_insert(model);
            }
        }
        unhealthy.ok_or_else(|| lacking.unwrap_or_else(|| vec![Problem::no_provider()]))
    }

    /// Who else can do this: of each other available provider, in order, the first model that can.
    pub fn alternatives(
        &self,
        ask: &Ask<'_>,
        chosen: &ProviderId,
        available: impl Fn(&ProviderId) -> bool,
    ) -> Vec<&ImageModel> {
        let others = self.provider_order.iter().filter(|provider| *provider != chosen && available(provider));
        others.filter_map(|provider| self.image_models_of(provider).find(|model| model.check(ask).is_empty())).collect()
    }

    /// A provider's models, its default first.
    fn image_models_of<'c>(&'c self, provider: &'c ProviderId) -> impl Iterator<Item = &'c ImageModel> {
        let others = self.image_models().filter(move |model| model.provider == *provider);
        self.default_image_model(provider).into_iter().chain(others)
    }
}
