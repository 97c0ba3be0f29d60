//! From a body to what would be drawn: shared by those who draw it and those who only ask what it costs.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use toonmill_cloud::table::Telling;
use toonmill_domain::{AccountId, FileId, ModelId, Timestamp};
use toonmill_flows::{
    inputs::{KEPT_LONGER, TakenIn},
    submit::{NewJob, SubmitError, Submitted, Submitter},
};
use toonmill_http_api::{Caller, FieldError, Problem, ProblemKind};
use toonmill_outbound::check_url;
use toonmill_plans::{Draft, Inputs, Planned, WantedFile};
use toonmill_runtime::system::random_key;

use crate::{Desk, invalid, linked, refusal::too_much};

/// Input files that are read at once: an unchecked one is up to 32 MB of memory.
const FILES_AT_ONCE: usize = 4;

/// The job of a plan, for its caller. Whoever submits it adds what it is recognised by, and where it is shown.
pub fn job_of(planned: Planned, caller: &Caller) -> Result<NewJob, Problem> {
    let ticket_key = random_key().map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a job has no key for its tickets");
        Problem::internal()
    })?;
    Ok(NewJob {
        account: caller.account.clone(),
        user: caller.user.clone(),
        kind: planned.kind,
        stages: planned.stages,
        requests: planned.requests,
        production_id: planned.production_id,
        max_rounds: planned.max_rounds,
        deadline: planned.deadline,
        idempotency: None,
        limits: caller.limits.clone(),
        ticket_key,
        webhook_url: planned.webhook_url,
        telling: Telling::default(),
    })
}

/// What would be drawn, and the uploads that came inside the request.
#[derive(Debug)]
pub struct Ordered {
    pub planned: Planned,
    pub uploads: Vec<FileId>,
}

impl Desk {
    /// Makes of a draft what would be drawn for this caller. Nothing is stored or kept for longer.
    pub async fn estimate(&self, caller: &Caller, draft: Draft) -> Result<Planned, Problem> {
        self.check_open()?;
        plan(self, caller, draft, None).await.map(|(planned, _)| planned)
    }

    /// Makes of a draft what is to be drawn for this caller: its input files are kept for as long as the job may take, and
    /// pictures that came with it become uploads of the caller's.
    pub async fn plan(&self, caller: &Caller, draft: Draft) -> Result<Ordered, Problem> {
        self.check_open()?;
        let until = self.clock.now().plus(draft.deadline()).plus(KEPT_LONGER);
        let (planned, taken) = plan(self, caller, draft, Some(until)).await?;
        let mut uploads = Vec::with_capacity(taken.len());
        // What came with the request is stored when it is known that the request will be a job, unless the submit is refused.
        for (id, picture) in taken {
            uploads.push(id);
            let stored = self.inputs.store(picture).await;
            if let Err(problem) = stored.map_err(Problem::from).and_then(|stored| stored.map_err(too_much)) {
                self.take_back(&caller.account, &uploads).await;
                return Err(problem);
            }
        }
        Ok(Ordered { planned, uploads })
    }

    /// Submits a job with the uploads that came with its request: if no job comes of it, they go at once.
    pub async fn submit(
        &self,
        submitter: &Submitter,
        new: NewJob,
        uploads: &[FileId],
    ) -> Result<Submitted, SubmitError> {
        let account = new.account.clone();
        let outcome = submitter.submit(new).await;
        let is_needless = match &outcome {
            Ok(Submitted::New(_)) => false,
            // A job that was there before has uploads of its own.
            Ok(Submitted::Before(_)) => true,
            Err(error) => error.is_refusal(),
        };
        if is_needless {
            self.take_back(&account, uploads).await;
        }
        outcome
    }

    /// Removes uploads of a request of which no job came. What cannot be removed now expires like any upload.
    pub async fn take_back(&self, account: &AccountId, uploads: &[FileId]) {
        if let Err(error) = self.inputs.take_back(account, uploads).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "uploads of a refused request were not removed");
        }
    }
}

/// With `until`, the input files are kept so long; without it nothing is written. The pictures that came with the request
/// are still to be stored.
async fn plan(
    desk: &Desk,
    caller: &Caller,
    mut draft: Draft,
    until: Option<Timestamp>,
) -> Result<(Planned, Vec<(FileId, TakenIn)>), Problem> {
    if draft.user_id().is_some_and(|user| user != caller.user.as_str()) {
        let detail = "The userId is not the caller's. The owner of a job is always the caller: leave it out.";
        return Err(Problem::new(ProblemKind::WrongUser, detail));
    }
    let mut inputs = load_inputs(desk, caller, draft.wanted_files(), until).await?;
    let mut taken = Vec::new();
    let mut take_in = |file: FileId, bytes: Result<Vec<u8>, String>| {
        let picture = bytes.and_then(|bytes| {
            let until = until.unwrap_or_else(|| desk.clock.now());
            desk.inputs.take_in(file, &caller.account, bytes, until).map_err(|problem| problem.to_string())
        });
        inputs.insert(file, picture.as_ref().map(|taken| taken.image.clone()).map_err(String::clone));
        taken.extend(picture.map(|picture| (file, picture)));
    };
    for picture in draft.take_inline() {
        take_in(picture.file, Ok(picture.bytes));
    }
    for (file, bytes) in linked::read(desk, caller, draft.linked()).await? {
        take_in(file, bytes);
    }
    let mut passed_over = BTreeSet::new();
    if draft.leaves_the_choice() {
        passed_over = unhealthy(desk).await;
        passed_over.extend(desk.above(caller.tier));
    }
    let mut planned = draft.finish(desk.studio(&passed_over), &inputs).map_err(invalid)?;
    check_tier(desk, caller, &mut planned)?;
    check_webhook(desk, caller, planned.webhook_url.as_deref()).await?;
    Ok((planned, taken))
}

/// Refuses a hook that could not be called: its URL leads where nobody may, or nothing could be signed for it.
async fn check_webhook(desk: &Desk, caller: &Caller, url: Option<&str>) -> Result<(), Problem> {
    let Some(url) = url else { return Ok(()) };
    let problem = |detail: String| Problem::invalid(vec![FieldError::new("/webhookUrl", detail)]);
    check_url(url, desk.ports()).map_err(|why| problem(why.to_string()))?;
    if desk.table.load_hook_secrets(&caller.account).await?.is_none() {
        return Err(problem("needs a secret to be signed with: PUT /api/v1/webhooks/secret makes it".to_owned()));
    }
    Ok(())
}

/// Refuses what the caller's membership does not include, and leaves it to nobody else either.
fn check_tier(desk: &Desk, caller: &Caller, planned: &mut Planned) -> Result<(), Problem> {
    let needed = planned.stages.iter().map(|stage| desk.tier_of(stage)).max().unwrap_or_default();
    if needed > caller.tier {
        let (needed, has) = (needed.as_str(), caller.tier.as_str());
        let detail = format!("This needs a {needed} membership, and the caller's is {has}.");
        return Err(Problem::new(ProblemKind::TierTooLow, detail));
    }
    let above: BTreeSet<_> = desk.above(caller.tier).collect();
    for stage in &mut planned.stages {
        stage.alternatives.retain(|choice| !above.contains(&choice.model));
    }
    Ok(())
}

/// Whom `auto` passes over. A hint: without it the first who can is taken, and what cannot be read here will fail the
/// submit where it matters.
async fn unhealthy(desk: &Desk) -> BTreeSet<ModelId> {
    desk.unhealthy().await.unwrap_or_else(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "the providers' health could not be read");
        BTreeSet::new()
    })
}

async fn load_inputs(
    desk: &Desk,
    caller: &Caller,
    wanted: Vec<WantedFile>,
    until: Option<Timestamp>,
) -> Result<Inputs, Problem> {
    let loaded = stream::iter(wanted)
        .map(|wanted| async move {
            let loaded = desk.inputs.load(wanted.file, &caller.account, until).await?;
            Ok::<_, Problem>((wanted.file, loaded.map_err(|problem| problem.to_string())))
        })
        .buffer_unordered(FILES_AT_ONCE);
    loaded.try_collect().await
}
