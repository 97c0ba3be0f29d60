//! Many requests as one job: a stage for each model with its options, and in it a slot for each request.

use toonmill_domain::{MAX_STAGES, PicturePlan, RequestPlan, SlotIndex, SlotPlan, StageIndex, StagePlan, Work};

use crate::{
    draft::Studio,
    findings::Findings,
    stage::{Inputs, StageDraft},
};

/// What requests come to together.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) stages: Vec<StagePlan>,
    /// In the order of the requests.
    pub(crate) requests: Vec<RequestPlan>,
}

/// Plans the requests. One whose pictures cannot be used is refused by itself: that is no problem of the others, unless
/// there is nothing else to draw. Everything else that is wrong is wrong with the body.
pub(crate) fn plan(
    drafts: Vec<StageDraft>,
    studio: Studio<'_>,
    inputs: &Inputs,
    problems: &Findings,
    warnings: &Findings,
) -> Batch {
    let (mut batch, mut refused) = (Batch::default(), Vec::new());
    for draft in drafts {
        let request = match draft.unusable(inputs) {
            Some((pointer, error)) => {
                refused.push((pointer.to_owned(), error.clone()));
                // Whatever else is wrong with it is wrong with the body, and told with the rest.
                drop(draft.clone().without_pictures().plan(studio, inputs, problems, warnings));
                RequestPlan::Refused { error }
            }
            None => match draft.plan(studio, inputs, problems, warnings) {
                Some(stage) => batch.add(stage),
                // Why is among the problems.
                None => continue,
            },
        };
        batch.requests.push(request);
    }
    let told = if batch.stages.is_empty() { problems } else { warnings };
    for (pointer, error) in refused {
        told.add(pointer, error);
    }
    if batch.stages.len() > MAX_STAGES {
        let groups = batch.stages.len();
        let detail =
            format!("ask for {groups} different models and options together, of which {MAX_STAGES} are the most");
        problems.add("/requests", detail);
    }
    batch
}

impl Batch {
    /// Finds a stage for the only slot of another, which is its own if nobody else's will do.
    fn add(&mut self, stage: StagePlan) -> RequestPlan {
        let place = self.stages.iter().position(|one| can_share(one, &stage));
        let at = place.unwrap_or(self.stages.len());
        let slot = if let Some(shared) = self.stages.get_mut(at) {
            let slot = SlotIndex(shared.quantity);
            shared.quantity = shared.quantity.saturating_add(1);
            shared.slots.insert(slot, as_slot(stage));
            slot
        } else {
            self.stages.push(stage);
            SlotIndex(0)
        };
        // More stages than there can be are a problem of the body.
        RequestPlan::Slot { stage: StageIndex(u16::try_from(at).unwrap_or(u16::MAX)), slot }
    }
}

/// Whether two stages differ only in what a slot can have of its own.
fn can_share(one: &StagePlan, other: &StagePlan) -> bool {
    let (Work::Image(image), Work::Image(other_image)) = (&one.work, &other.work) else { return false };
    let of_stage = |stage: &StagePlan| {
        let StagePlan { provider, model, failover, alternatives, price, keep_files, naming, temporary, .. } =
            stage.clone();
        (provider, model, failover, alternatives, price, keep_files, naming, temporary)
    };
    of_stage(one) == of_stage(other)
        && image.image_size == other_image.image_size
        && image.watermark == other_image.watermark
}

fn as_slot(stage: StagePlan) -> SlotPlan {
    let picture = match stage.work {
        Work::Image(image) => {
            Some(PicturePlan { aspect_ratio: image.aspect_ratio, inputs: image.inputs, input_files: image.input_files })
        }
        Work::Text(_) => None,
    };
    SlotPlan { prompt: Some(stage.prompt), publish: stage.publish, picture }
}
