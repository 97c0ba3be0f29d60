//! A request between its reading and its plan.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;
use toonmill_domain::{FileId, InputImage, JobKind, ProviderId, StagePlan};
use toonmill_providers::Catalogue;

use crate::{
    Finding,
    findings::Findings,
    options::{self, Options},
    pipeline,
    reader::Fields,
    single,
    stage::{StageDraft, WantedFile},
};

/// What a plan is made with.
#[derive(Clone, Copy, Debug)]
pub struct Studio<'a> {
    pub catalogue: &'a Catalogue,
    /// The providers that this deployment has keys for.
    pub configured: &'a BTreeSet<ProviderId>,
    pub max_images_per_job: u32,
}

/// A request that was read, right or wrong.
#[derive(Debug)]
pub struct Draft {
    kind: JobKind,
    stages: Vec<StageDraft>,
    options: Options,
    problems: Findings,
    warnings: Findings,
}

/// A request with nothing wrong in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub kind: JobKind,
    pub stages: Vec<StagePlan>,
    pub production_id: Option<String>,
    pub max_rounds: u32,
    pub deadline: Duration,
    /// What the caller should know although nothing is wrong: an old model's replacement, an option not acted on.
    pub warnings: Vec<Finding>,
}

impl Draft {
    /// Reads the body of `POST /api/v1/jobs`: a pipeline if it has stages, else a single call.
    pub fn read(body: &Value) -> Self {
        let (problems, warnings) = (Findings::default(), Findings::default());
        let mut draft = (JobKind::Pipeline, Vec::new(), Options::default());
        if let Some(fields) = Fields::of(body, "", &problems) {
            draft.2 = options::read(&fields, &warnings);
            let is_single = ["arguments", "model_id"].iter().any(|name| !fields.any(name).absent);
            if fields.any("stages").absent && is_single {
                draft.0 = JobKind::SingleImage;
                draft.1.extend(single::read(&fields));
            } else if fields.any("stages").absent {
                problems.add("", "must have stages, for a pipeline, or arguments, for a single call");
            } else {
                draft.1 = pipeline::read(&fields, &problems, &warnings);
            }
        }
        let (kind, stages, options) = draft;
        Self { kind, stages, options, problems, warnings }
    }

    /// Whom the body says it is from. It never changes the owner; another than the caller is a mistake.
    pub fn user_id(&self) -> Option<&str> {
        self.options.user_id.as_deref()
    }

    /// From submit to the time when what is missing is given up.
    pub const fn deadline(&self) -> Duration {
        self.options.deadline
    }

    /// Every file that the request names, with its first place.
    pub fn wanted_files(&self) -> Vec<WantedFile> {
        let mut seen = BTreeSet::new();
        let all = self.stages.iter().flat_map(|stage| &stage.files);
        all.filter(|wanted| seen.insert(wanted.file)).cloned().collect()
    }

    /// Makes the plan. `inputs` has an entry for each wanted file: the picture, or why it cannot be one.
    pub fn finish(
        self,
        studio: Studio<'_>,
        inputs: &BTreeMap<FileId, Result<InputImage, String>>,
    ) -> Result<Planned, Vec<Finding>> {
        let images = self.stages.iter().map(|stage| stage.quantity).fold(0, u32::saturating_add);
        if images > studio.max_images_per_job {
            let most = studio.max_images_per_job;
            self.problems.add("/stages", format!("ask for {images} images together; a job draws at most {most}"));
        }
        let mut stages = Vec::new();
        for mut stage in self.stages {
            stage.watermark = stage.watermark.or(self.options.watermark);
            stages.extend(stage.plan(studio.catalogue, studio.configured, inputs, &self.problems, &self.warnings));
        }
        let problems = self.problems.into_vec();
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Planned {
            kind: self.kind,
            stages,
            production_id: self.options.production_id,
            max_rounds: self.options.max_rounds,
            deadline: self.options.deadline,
            warnings: self.warnings.into_vec(),
        })
    }
}
