//! A request between its reading and its plan.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;
use toonmill_domain::{JobKind, ModelId, ProviderId, RequestPlan, StagePlan};
use toonmill_providers::Catalogue;

use crate::{
    Finding, batch,
    findings::Findings,
    kinds::{self, Making, script_to_storyboard},
    options::{self, Options},
    pictures::{InlinePicture, LinkedPicture, Pictures},
    pipeline,
    reader::Fields,
    single::{self, Single},
    stage::{Inputs, StageDraft, WantedFile},
    text::{TextDraft, TextLimits},
    wish::Wish,
};

/// What a plan is made with.
#[derive(Clone, Copy, Debug)]
pub struct Studio<'a> {
    pub catalogue: &'a Catalogue,
    /// The providers that this deployment has keys for.
    pub configured: &'a BTreeSet<ProviderId>,
    /// Whom a single call asks that names nobody; `auto` if none.
    pub default_provider: Option<&'a ProviderId>,
    /// Models that `auto` passes over for now, because they cannot be called.
    pub unhealthy: &'a BTreeSet<ModelId>,
    pub max_images_per_job: u32,
    pub text: TextLimits,
}

/// A request that was read, right or wrong.
#[derive(Debug)]
pub struct Draft {
    kind: JobKind,
    work: WorkDraft,
    options: Options,
    inline: Vec<InlinePicture>,
    linked: Vec<LinkedPicture>,
    problems: Findings,
    warnings: Findings,
}

/// What is to be made.
#[derive(Debug)]
pub(crate) enum WorkDraft {
    Images(Vec<StageDraft>),
    /// Requests that are drawn together, and answered each for itself.
    Batch(Vec<StageDraft>),
    Text(Box<TextDraft>),
}

/// A request with nothing wrong in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    pub kind: JobKind,
    pub stages: Vec<StagePlan>,
    /// Of a batch, what became of each request.
    pub requests: Vec<RequestPlan>,
    pub production_id: Option<String>,
    pub max_rounds: u32,
    pub deadline: Duration,
    /// Where the job's events are to be sent. Its address is checked by whoever sends.
    pub webhook_url: Option<String>,
    /// What the caller should know although nothing is wrong: an old model's replacement, an option not acted on.
    pub warnings: Vec<Finding>,
}

impl Draft {
    /// Reads the body of `POST /api/v1/jobs`: a pipeline if it has stages, else a single call.
    pub fn read(body: &Value) -> Self {
        let (problems, warnings) = (Findings::default(), Findings::default());
        let mut draft = (JobKind::Pipeline, WorkDraft::Images(Vec::new()), Options::default());
        if let Some(fields) = Fields::of(body, "", &problems) {
            draft.2 = options::read(&fields);
            let is_single = ["arguments", "model_id"].iter().any(|name| !fields.any(name).absent);
            if fields.any("stages").absent && is_single {
                (draft.0, draft.1) = match single::read(&fields) {
                    Some(Single::Text(text)) => (JobKind::SingleText, WorkDraft::Text(text)),
                    Some(Single::Image(stage)) => (JobKind::SingleImage, WorkDraft::Images(vec![*stage])),
                    None => (draft.0, draft.1),
                };
            } else if fields.any("stages").absent {
                problems.add("", "must have stages, for a pipeline, or arguments, for a single call");
            } else {
                draft.1 = WorkDraft::Images(pipeline::read(&fields, &problems));
            }
        }
        let (kind, work, options) = draft;
        Self { kind, work, options, inline: Vec::new(), linked: Vec::new(), problems, warnings }
    }

    /// Reads the body of the endpoint that makes jobs of this kind.
    pub fn of_kind(kind: JobKind, body: &Value, making: Making<'_>) -> Self {
        if !JobKind::WEBTOON.contains(&kind) {
            return Self::read(body);
        }
        let (problems, warnings) = (Findings::default(), Findings::default());
        let pictures = Pictures::new(making.new_file);
        let (mut work, mut options) = (WorkDraft::Images(Vec::new()), Options::default());
        if let Some(fields) = Fields::of(body, "", &problems) {
            options = options::read(&fields);
            work = kinds::read(kind, &fields, &pictures, making);
            if kind == JobKind::ScriptToStoryboard {
                let episode = script_to_storyboard::episode(&fields, options.production_id.as_deref());
                options.production_id = options.production_id.or(episode);
            }
        }
        let (inline, linked) = pictures.into_parts();
        Self { kind, work, options, inline, linked, problems, warnings }
    }

    /// Whom the body says it is from. It never changes the owner; another than the caller is a mistake.
    pub fn user_id(&self) -> Option<&str> {
        self.options.user_id.as_deref()
    }

    /// Whether the choice of who draws is left to us for any stage.
    pub fn leaves_the_choice(&self) -> bool {
        self.pictures().iter().any(StageDraft::leaves_the_choice)
    }

    fn pictures(&self) -> &[StageDraft] {
        match &self.work {
            WorkDraft::Images(stages) | WorkDraft::Batch(stages) => stages,
            WorkDraft::Text(_) => &[],
        }
    }

    /// From submit to the time when what is missing is given up.
    pub const fn deadline(&self) -> Duration {
        self.options.deadline
    }

    /// The pictures that came in the body, to be checked, and stored if nothing is wrong with the request.
    pub fn take_inline(&mut self) -> Vec<InlinePicture> {
        let take = |picture: &mut InlinePicture| InlinePicture {
            pointer: picture.pointer.clone(),
            file: picture.file,
            bytes: std::mem::take(&mut picture.bytes),
        };
        self.inline.iter_mut().map(take).collect()
    }

    /// The pictures that the body has links to.
    pub fn linked(&self) -> &[LinkedPicture] {
        &self.linked
    }

    /// Every file that the request names, with its first place.
    pub fn wanted_files(&self) -> Vec<WantedFile> {
        let mut seen: BTreeSet<_> = self.inline.iter().map(|picture| picture.file).collect();
        seen.extend(self.linked.iter().map(|picture| picture.file));
        let all = self.pictures().iter().flat_map(|stage| stage.files.iter().chain(&stage.measured));
        all.filter(|wanted| seen.insert(wanted.file)).cloned().collect()
    }

    /// Makes the plan. `inputs` has an entry for each file wanted and each picture inline or linked: the picture, or why it cannot
    /// be one.
    pub fn finish(self, studio: Studio<'_>, inputs: &Inputs) -> Result<Planned, Vec<Finding>> {
        let (mut stages, mut requests) = (Vec::new(), Vec::new());
        match self.work {
            WorkDraft::Text(mut text) => {
                text.provider.1.or_default(studio);
                stages.extend(text.plan(studio, &self.problems, &self.warnings));
            }
            WorkDraft::Batch(mut drafts) => {
                for stage in &mut drafts {
                    stage.watermark = stage.watermark.or(self.options.watermark);
                }
                let batch = batch::plan(drafts, studio, inputs, &self.problems, &self.warnings);
                (stages, requests) = (batch.stages, batch.requests);
            }
            WorkDraft::Images(drafts) => {
                let images = drafts.iter().map(|stage| stage.quantity).fold(0, u32::saturating_add);
                if images > studio.max_images_per_job {
                    let most = studio.max_images_per_job;
                    let detail = format!("ask for {images} images together; a job draws at most {most}");
                    self.problems.add("/stages", detail);
                }
                for mut stage in drafts {
                    stage.provider.1.or_default(studio);
                    stage.watermark = stage.watermark.or(self.options.watermark);
                    stages.extend(stage.plan(studio, inputs, &self.problems, &self.warnings));
                }
            }
        }
        let problems = self.problems.into_vec();
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Planned {
            kind: self.kind,
            stages,
            requests,
            production_id: self.options.production_id,
            max_rounds: self.options.max_rounds,
            deadline: self.options.deadline,
            webhook_url: self.options.webhook_url,
            warnings: self.warnings.into_vec(),
        })
    }
}

impl Wish {
    /// Puts the configuration's choice in the place of a single call's that named nobody. A model that is named says
    /// by itself whose it is.
    fn or_default(&mut self, studio: Studio<'_>) {
        if *self == Self::Default {
            *self = studio.default_provider.map_or(Self::Auto, |provider| Self::Named(provider.clone()));
        }
    }
}
