//! Whom a request wants it made by: a provider or a model by its name, or whoever can.

use std::collections::BTreeSet;

use toonmill_domain::ProviderId;
use toonmill_providers::{ImageModel, Model, TextModel};

use crate::{draft::Studio, findings::Findings, reader::Given};

/// Which provider is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The first provider that can.
    Auto,
    /// The one that the configuration names for single calls.
    Default,
    Named(ProviderId),
    /// It could not be read, and that was said.
    Unknown,
}

/// What a request says about who makes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    /// Where it stands, and what it says.
    pub(crate) provider: &'a (String, Wish),
    pub(crate) model: &'a Given<String>,
}

/// One of the two kinds of models.
pub(crate) trait Row {
    const KIND: &'static str;
    const DOES: &'static str;
    fn of(model: &Model) -> Option<&Self>;
}

impl Row for ImageModel {
    const KIND: &'static str = "an image model";
    const DOES: &'static str = "draws";
    fn of(model: &Model) -> Option<&Self> {
        model.as_image()
    }
}

impl Row for TextModel {
    const KIND: &'static str = "a text model";
    const DOES: &'static str = "writes";
    fn of(model: &Model) -> Option<&Self> {
        model.as_text()
    }
}

/// Whom a request may be given to.
pub(crate) enum Named<'c, M> {
    Model(&'c M),
    /// No model by its name.
    Nobody,
}

impl Wanted<'_> {
    /// The model that is named, if one is. None if what is named is not there, which was said.
    pub(crate) fn named<'c, M: Row>(
        self,
        studio: Studio<'c>,
        problems: &Findings,
        warnings: &Findings,
    ) -> Option<Named<'c, M>> {
        let Studio { catalogue, configured, .. } = studio;
        let (provider_at, wish) = self.provider;
        if let Wish::Named(provider) = wish
            && !configured.contains(provider)
        {
            problems.add(provider_at, format!("is not available here; use {}", names(configured)));
            return None;
        }
        if self.model.absent {
            return Some(Named::Nobody);
        }
        let name = self.model.value.as_deref()?;
        let found = catalogue.resolve(name).filter(|found| configured.contains(found.model.provider()));
        let Some((found, row)) = found.and_then(|found| M::of(found.model).map(|row| (found, row))) else {
            let models = catalogue.models().filter(|model| configured.contains(model.provider()));
            let models = models.filter(|model| M::of(model).is_some());
            let list = models.map(|model| model.id().as_str()).collect::<Vec<_>>().join(", ");
            problems.add(&self.model.pointer, format!("is not {} of this server; it has {list}", M::KIND));
            return None;
        };
        if let Wish::Named(provider) = wish
            && found.model.provider() != provider
        {
            let owner = found.model.provider();
            problems.add(&self.model.pointer, format!("is a model of {owner}, not of {provider}"));
            return None;
        }
        if found.replaced {
            let (living, does) = (found.model.id(), M::DOES);
            warnings.add(&self.model.pointer, format!("{name} is gone; {living} {does} in its place"));
        }
        Some(Named::Model(row))
    }
}

fn names(configured: &BTreeSet<ProviderId>) -> String {
    configured.iter().map(ProviderId::as_str).chain(["auto"]).collect::<Vec<_>>().join(" or ")
}
