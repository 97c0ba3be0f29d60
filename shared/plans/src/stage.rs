//! One stage as it was asked for, with the place of each of its fields, and the choice of who draws it.

mod fields;

use std::collections::BTreeMap;

use toonmill_domain::{
    AspectRatio, Choice, Failover, FileId, ImageWork, InputImage, Naming, Publication, StagePlan, Work, aspect::nearest,
};
use toonmill_providers::{
    Ask, ImageModel,
    catalogue::{Field, Problem},
};

use crate::{
    draft::Studio,
    findings::Findings,
    reader::Given,
    wish::{Named, Wanted, Wish},
};

pub use fields::WantedFile;
pub(crate) use fields::{read_files, read_name, read_prompt, read_provider, read_ratio};

/// Every picture of a request: itself, or why it cannot be an input.
pub type Inputs = BTreeMap<FileId, Result<InputImage, String>>;

const NO_SUCH_FILE: &str = "there is no such file";

#[derive(Clone, Debug)]
pub(crate) struct StageDraft {
    /// What the request says. Its length is limited, and not that of what it is put into.
    pub(crate) prompt: Given<String>,
    /// What is sent, if not just the prompt.
    pub(crate) wording: Option<String>,
    pub(crate) quantity: u32,
    pub(crate) aspect_ratio: Given<AspectRatio>,
    pub(crate) image_size: Given<String>,
    pub(crate) provider: (String, Wish),
    pub(crate) model: Given<String>,
    /// Where it stands, and what it says.
    pub(crate) failover: (String, Failover),
    pub(crate) watermark: Option<bool>,
    pub(crate) files: Vec<WantedFile>,
    /// Where the list of files stands.
    pub(crate) files_at: String,
    pub(crate) keep_files: bool,
    pub(crate) naming: Option<Naming>,
    pub(crate) temporary: bool,
    pub(crate) publish: Option<Publication>,
    /// The picture whose shape the result has where the request names no ratio. It need not be sent along.
    pub(crate) measured: Option<WantedFile>,
}

impl StageDraft {
    /// The stage as it will be drawn, or none with the reasons among the problems.
    pub(crate) fn plan(
        self,
        studio: Studio<'_>,
        inputs: &Inputs,
        problems: &Findings,
        warnings: &Findings,
    ) -> Option<StagePlan> {
        let (mut at, mut images) = (Vec::new(), Vec::new());
        for wanted in &self.files {
            match inputs.get(&wanted.file) {
                Some(Ok(input)) => {
                    at.push(wanted.pointer.as_str());
                    images.push(input.clone());
                }
                Some(Err(why)) => problems.add(&wanted.pointer, why),
                None => problems.add(&wanted.pointer, NO_SUCH_FILE),
            }
        }
        let measured = self.measured(studio, inputs, problems);
        let aspect_ratio = self.aspect_ratio.value.or(measured).unwrap_or(AspectRatio::WIDE);
        let ask = Ask {
            prompt: self.prompt.value.as_deref().unwrap_or_default(),
            aspect_ratio,
            image_size: self.image_size.value.as_deref(),
            references: &images,
        };
        let chosen = match self.choose(studio, &ask, problems, warnings)? {
            Ok(model) => model,
            Err(lacking) => {
                for problem in lacking {
                    let pointer = self.place(problem.field, &at);
                    if !problems.has(&pointer) {
                        problems.add(pointer, problem.detail);
                    }
                }
                return None;
            }
        };
        // A size without a price does not load into the catalogue, and a size that is none was found above.
        let price = chosen.price_of(ask.image_size)?.credits;
        let alternatives = self.alternatives(studio, &ask, chosen, warnings);
        Some(StagePlan {
            prompt: self.wording.or(self.prompt.value)?,
            quantity: self.quantity,
            provider: chosen.provider.clone(),
            model: chosen.id.clone(),
            failover: if alternatives.is_empty() { Failover::Never } else { self.failover.1 },
            alternatives,
            price,
            keep_files: self.keep_files,
            naming: self.naming,
            temporary: self.temporary,
            publish: self.publish,
            slots: BTreeMap::new(),
            work: Work::Image(ImageWork {
                aspect_ratio,
                image_size: self.image_size.value,
                watermark: self.watermark,
                inputs: images,
                input_files: self.files.into_iter().map(|wanted| wanted.file).collect(),
            }),
        })
    }

    /// The first of its pictures that cannot be used, and why.
    pub(crate) fn unusable(&self, inputs: &Inputs) -> Option<(&str, String)> {
        self.files.iter().chain(&self.measured).find_map(|wanted| {
            let why = match inputs.get(&wanted.file) {
                Some(Ok(_)) => return None,
                Some(Err(why)) => why.clone(),
                None => NO_SUCH_FILE.to_owned(),
            };
            Some((wanted.pointer.as_str(), why))
        })
    }

    pub(crate) fn without_pictures(self) -> Self {
        Self { files: Vec::new(), measured: None, ..self }
    }

    /// Whether it says neither who draws it nor with which model.
    pub(crate) fn leaves_the_choice(&self) -> bool {
        matches!(self.provider.1, Wish::Auto | Wish::Default) && self.model.absent
    }

    /// Who else may draw it, if anybody may.
    fn alternatives(&self, studio: Studio<'_>, ask: &Ask<'_>, chosen: &ImageModel, warnings: &Findings) -> Vec<Choice> {
        let (pointer, failover) = &self.failover;
        if *failover == Failover::Never {
            return Vec::new();
        }
        let others =
            studio.catalogue.alternatives(ask, &chosen.provider, |provider| studio.configured.contains(provider));
        if others.is_empty() {
            warnings.add(pointer, "no other provider here can draw this stage: as never");
        }
        let choice = |model: &ImageModel| Choice { provider: model.provider.clone(), model: model.id.clone() };
        others.into_iter().map(choice).collect()
    }

    /// The ratio of the picture that is measured, as near to it as whoever is likely to draw can.
    fn measured(&self, studio: Studio<'_>, inputs: &Inputs, problems: &Findings) -> Option<AspectRatio> {
        let wanted = self.measured.as_ref()?;
        let pixels = match inputs.get(&wanted.file) {
            Some(Ok(input)) => input.pixels?,
            Some(Err(why)) if !problems.has(&wanted.pointer) => {
                problems.add(&wanted.pointer, why);
                return None;
            }
            _ => return None,
        };
        let Studio { catalogue, configured, unhealthy, .. } = studio;
        let model = match (&self.model.value, &self.provider.1) {
            (Some(name), _) => catalogue.image_model(name)?.model,
            (None, Wish::Named(provider)) => catalogue.default_image_model(provider)?,
            (None, Wish::Auto | Wish::Default) => {
                let candidates = catalogue.provider_order().iter().filter(|provider| configured.contains(*provider));
                let mut models = candidates.filter_map(|provider| catalogue.default_image_model(provider));
                models.find(|model| !unhealthy.contains(&model.id))?
            }
            (None, Wish::Unknown) => return None,
        };
        nearest(&model.aspect_ratios, pixels.width, pixels.height)
    }

    /// Who draws: a model, or what the best candidate lacks. None if nobody could be asked, which was said.
    fn choose<'c>(
        &self,
        studio: Studio<'c>,
        ask: &Ask<'_>,
        problems: &Findings,
        warnings: &Findings,
    ) -> Option<Result<&'c ImageModel, Vec<Problem>>> {
        let wanted = Wanted { provider: &self.provider, model: &self.model };
        if let Named::Model(model) = wanted.named::<ImageModel>(studio, problems, warnings)? {
            let lacking = model.check(ask);
            return Some(if lacking.is_empty() { Ok(model) } else { Err(lacking) });
        }
        let Studio { catalogue, configured, unhealthy, .. } = studio;
        match &self.provider.1 {
            Wish::Auto | Wish::Default => {
                let healthy = |model: &ImageModel| !unhealthy.contains(&model.id);
                Some(catalogue.choose(ask, |provider| configured.contains(provider), healthy))
            }
            // Whoever names a provider gets its best model, now or later.
            Wish::Named(named) => Some(catalogue.choose(ask, |provider| provider == named, |_| true)),
            Wish::Unknown => None,
        }
    }

    fn place(&self, field: Field, references: &[&str]) -> String {
        match field {
            Field::Provider => self.provider.0.clone(),
            Field::Prompt => self.prompt.pointer.clone(),
            Field::AspectRatio => self.aspect_ratio.pointer.clone(),
            Field::ImageSize => self.image_size.pointer.clone(),
            Field::References => self.files_at.clone(),
            Field::Reference(at) => references.get(at).map_or_else(|| self.files_at.clone(), |at| (*at).to_owned()),
        }
    }
}
