//! `POST /api/v1/jobs/{id}/cancel`.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use toonmill_cloud::{Conditional, table::CancelRefused};
use toonmill_domain::RingCause;
use toonmill_http_api::{Caller, Problem, ProblemKind};

use crate::{
    App,
    app::{job_id, no_such_job},
    view::Summary,
};

/// Asks for a job to be cancelled. It is cancelled once it shows so: calls that are under way may still end.
pub(crate) async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = job_id(&id)?;
    match app.table.request_cancel(id, &caller.account, app.clock.now()).await? {
        Conditional::Won(job) => {
            // The request is in the table: if this ring is lost, the sweep finds it.
            if let Err(error) = app.doorbell.ring(id, RingCause::Cancelled).await {
                tracing::warn!(job.id = %id, error = &error as &dyn std::error::Error, "the ring of a cancel was lost");
            }
            Ok((StatusCode::ACCEPTED, Json(Summary::of(&job, None, app.showing()))).into_response())
        }
        Conditional::Lost(CancelRefused::NotFound) => Err(no_such_job()),
        Conditional::Lost(CancelRefused::Ended(job)) => {
            let detail = format!("The job has ended and is {}: there is nothing to cancel.", job.status.as_str());
            Err(Problem::new(ProblemKind::JobEnded, detail))
        }
    }
}
