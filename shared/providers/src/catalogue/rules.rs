//! Everything that the rows must satisfy before they may be used.

use toonmill_domain::{ModelId, ProviderId};

use super::{Catalogue, ImageModel, LoadError, Model, Range, TextModel};
use crate::Kind;

impl Catalogue {
    pub(super) fn validate(&self) -> Result<(), LoadError> {
        for (id, model) in &*self.models {
            match model {
                Model::Image(model) => model.validate()?,
                Model::Text(model) => model.validate()?,
            }
            if let Some(replacement) = model.replaced_by() {
                let path = format!("models.{id}.replacedBy");
                match self.models.get(replacement) {
                    None => return fault(&path, "there is no such model"),
                    Some(other) if other.as_image().is_some() != model.as_image().is_some() => {
                        return fault(&path, "is a model of another kind");
                    }
                    Some(_) => {}
                }
            }
        }
        for (alias, model) in &*self.aliases {
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
            let image = self.models.get(&defaults.image).and_then(Model::as_image);
            is_default(provider, "image", image.map(|model| &model.provider))?;
            if let Some(text) = &defaults.text {
                let text = self.models.get(text).and_then(Model::as_text);
                is_default(provider, "text", text.map(|model| &model.provider))?;
            }
        }
        Ok(())
    }
}

fn is_default(provider: &ProviderId, kind: &str, of: Option<&ProviderId>) -> Result<(), LoadError> {
    let path = format!("defaults.{provider}.{kind}");
    match of {
        None => fault(&path, "there is no such model of this kind"),
        Some(of) if of != provider => fault(&path, "is another provider's model"),
        Some(_) => Ok(()),
    }
}

impl ImageModel {
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
        let parameters = &self.parameters;
        let in_order = [
            ("temperature", parameters.temperature.as_ref().is_none_or(Range::is_in_order)),
            ("topP", parameters.top_p.as_ref().is_none_or(Range::is_in_order)),
            ("topK", parameters.top_k.as_ref().is_none_or(Range::is_in_order)),
            ("maxOutputTokens", parameters.max_output_tokens.as_ref().is_none_or(Range::is_in_order)),
        ];
        limits(&self.id, self.timeout_seconds, &in_order)
    }
}

impl TextModel {
    fn validate(&self) -> Result<(), LoadError> {
        let fault = |field: &str, problem: &str| fault(&format!("models.{}.{field}", self.id), problem);
        if !Kind::parse(self.provider.as_str()).is_some_and(Kind::writes) {
            return fault("provider", "there is no client for it that writes");
        }
        if self.max_input_chars == 0 {
            return fault("maxInputChars", "must be at least 1");
        }
        if self.price.usd_micros_per_million_input_tokens == 0 || self.price.usd_micros_per_million_output_tokens == 0 {
            return fault("price", "must be more than nothing");
        }
        let parameters = &self.parameters;
        let in_order = [
            ("temperature", parameters.temperature.as_ref().is_none_or(Range::is_in_order)),
            ("maxOutputTokens", parameters.max_output_tokens.is_in_order()),
        ];
        limits(&self.id, self.timeout_seconds, &in_order)
    }
}

fn limits(id: &ModelId, timeout_seconds: u64, in_order: &[(&str, bool)]) -> Result<(), LoadError> {
    if timeout_seconds == 0 {
        return fault(&format!("models.{id}.timeoutSeconds"), "must be at least 1");
    }
    match in_order.iter().find(|(_, in_order)| !in_order) {
        Some((name, _)) => fault(&format!("models.{id}.parameters.{name}"), "is not in the order min, default, max"),
        None => Ok(()),
    }
}

fn fault(path: &str, problem: &str) -> Result<(), LoadError> {
    Err(LoadError::Field { path: path.to_owned(), problem: problem.to_owned() })
}
