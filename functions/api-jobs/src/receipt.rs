//! `GET /api/v1/jobs/{id}/receipt`, and the public keys by which anybody checks one.

use axum::{
    Json,
    extract::{Path, State},
};
use toonmill_http_api::{Caller, Problem, ProblemKind};
use toonmill_receipts::{NotEnded, PublicKeys, Receipt, Signed, SigningKey};

use crate::{App, app::job_id};

pub(crate) async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Signed>, Problem> {
    let (job, records) = app.load_job(&caller, job_id(&id)?).await?;
    if !job.status.is_terminal() {
        return Err(not_ended(NotEnded));
    }
    let mut stages = Vec::with_capacity(records.len());
    for stage in records {
        let slots = app.table.load_slots(stage.key).await?;
        stages.push((stage, slots));
    }
    let ledger = app.table.load_ledger(&job.account).await?;
    let receipt = Receipt::of(&job, &stages, &ledger).map_err(not_ended)?;
    let key = signing_key(&app)
        .await?
        .ok_or_else(|| Problem::new(ProblemKind::Unavailable, "This deployment has no key to sign receipts with."))?;
    key.sign(receipt).map(Json).map_err(|error| internal(&error))
}

/// `GET /.well-known/toonmill-keys.json`: the key that signs now, and those that signed before or will. None where
/// receipts are not signed.
pub(crate) async fn keys(State(app): State<App>) -> Result<Json<PublicKeys>, Problem> {
    let own = signing_key(&app).await?.as_ref().map(SigningKey::public);
    Ok(Json(app.receipt_public_keys.with(own.as_ref())))
}

async fn signing_key(app: &App) -> Result<Option<SigningKey>, Problem> {
    let secret = app.receipt_key.get().await.map_err(|error| internal(&error))?;
    secret.map(|secret| SigningKey::from_base64(secret.expose())).transpose().map_err(|error| internal(&error))
}

fn not_ended(_: NotEnded) -> Problem {
    Problem::new(ProblemKind::JobNotEnded, "A receipt is written when the job has ended.")
}

fn internal(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error, "a receipt cannot be signed");
    Problem::internal()
}
