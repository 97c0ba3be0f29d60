//! From a body to what would be drawn: shared by those who draw it and those who only ask what it costs.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use toonmill_domain::{FileId, InputImage, ModelId, Timestamp};
use toonmill_flows::inputs::{KEPT_LONGER, TakenIn};
use toonmill_http_api::{Caller, Problem, ProblemKind};
use toonmill_plans::{Draft, Planned, WantedFile};

use crate::{App, app::invalid};

/// Input files that are read at once: an unchecked one is up to 14 MB of memory.
const FILES_AT_ONCE: usize = 4;

/// Every file that a request names: the picture, or why it cannot be an input.
type Inputs = BTreeMap<FileId, Result<InputImage, String>>;

pub(crate) async fn plan(app: &App, caller: &Caller, mut draft: Draft) -> Result<Planned, Problem> {
    if draft.user_id().is_some_and(|user| user != caller.user.as_str()) {
        let detail = "The userId is not the caller's. The owner of a job is always the caller: leave it out.";
        return Err(Problem::new(ProblemKind::WrongUser, detail));
    }
    let until = app.clock.now().plus(draft.deadline()).plus(KEPT_LONGER);
    let mut inputs = load_inputs(app, caller, draft.wanted_files(), until).await?;
    let taken = take_in(app, caller, &mut draft, until, &mut inputs);
    let unhealthy = if draft.leaves_the_choice() { unhealthy(app).await } else { BTreeSet::new() };
    let planned = draft.finish(app.studio(&unhealthy), &inputs).map_err(invalid)?;
    for picture in taken {
        app.inputs.store(picture).await?;
    }
    Ok(planned)
}

/// Whom `auto` passes over. A hint: without it the first who can is taken, and what cannot be read here will fail the
/// submit where it matters.
async fn unhealthy(app: &App) -> BTreeSet<ModelId> {
    app.unhealthy().await.unwrap_or_else(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "the providers' health could not be read");
        BTreeSet::new()
    })
}

async fn load_inputs(app: &App, caller: &Caller, wanted: Vec<WantedFile>, until: Timestamp) -> Result<Inputs, Problem> {
    let loaded = stream::iter(wanted)
        .map(|wanted| async move {
            let loaded = app.inputs.load(wanted.file, &caller.account, until).await?;
            Ok::<_, Problem>((wanted.file, loaded.map_err(|problem| problem.to_string())))
        })
        .buffer_unordered(FILES_AT_ONCE);
    loaded.try_collect().await
}

/// Checks the pictures in the body itself. They are stored when it is known that the request will be a job.
fn take_in(app: &App, caller: &Caller, draft: &mut Draft, until: Timestamp, inputs: &mut Inputs) -> Vec<TakenIn> {
    let mut taken = Vec::new();
    for picture in draft.take_inline() {
        match app.inputs.take_in(picture.file, &caller.account, picture.bytes, until) {
            Ok(good) => {
                inputs.insert(picture.file, Ok(good.image.clone()));
                taken.push(good);
            }
            Err(problem) => {
                inputs.insert(picture.file, Err(problem.to_string()));
            }
        }
    }
    taken
}
