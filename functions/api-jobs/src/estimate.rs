//! `POST /api/v1/jobs/estimate`: what a job would cost, by the planner that submits it. It stores nothing and keeps nothing for longer.

use axum::{Json, extract::State};
use serde::Serialize;
use toonmill_domain::{Credits, ModelId, ProviderId, StagePlan, credits::CreditsOutOfRange};
use toonmill_http_api::{Caller, JsonBody, Problem};
use toonmill_plans::{Draft, Finding, Planned};
use toonmill_providers::Catalogue;

use crate::App;

/// The whole job's cost: at most that many credits, if every slot is stored.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Estimate {
    kind: &'static str,
    slots: u64,
    credits: Credits,
    /// What the providers take for the pictures, and for texts at most, in millionths of a US dollar; failed calls that they charge come on top.
    provider_usd_micros: u64,
    stages: Vec<StageEstimate>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StageEstimate {
    index: usize,
    quantity: u32,
    provider: ProviderId,
    model_id: ModelId,
    credits_per_slot: Credits,
    credits: Credits,
    provider_usd_micros: u64,
}

/// The catalogue has no price for what the planner planned: a bug, and never a price of nothing.
#[derive(Debug, thiserror::Error)]
enum CannotEstimate {
    #[error(transparent)]
    Credits(#[from] CreditsOutOfRange),
    #[error("the catalogue has no price for {0}")]
    NoPrice(ModelId),
}

pub(crate) async fn estimate(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Json<Estimate>, Problem> {
    let planned = app.desk.estimate(&caller, Draft::read(&body)).await?;
    Estimate::of(planned, app.desk.catalogue()).map(Json).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a planned job cannot be priced");
        Problem::internal()
    })
}

impl Estimate {
    fn of(planned: Planned, catalogue: &Catalogue) -> Result<Self, CannotEstimate> {
        let stages = planned.stages.iter().enumerate().map(|(index, stage)| StageEstimate::of(index, stage, catalogue));
        let stages = stages.collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            kind: planned.kind.as_str(),
            slots: stages.iter().map(|stage| u64::from(stage.quantity)).sum(),
            credits: Credits::sum(stages.iter().map(|stage| stage.credits))?,
            provider_usd_micros: stages.iter().map(|stage| stage.provider_usd_micros).sum(),
            stages,
            warnings: planned.warnings,
        })
    }
}

impl StageEstimate {
    fn of(index: usize, stage: &StagePlan, catalogue: &Catalogue) -> Result<Self, CannotEstimate> {
        let price = catalogue.price_of(stage).ok_or_else(|| CannotEstimate::NoPrice(stage.model.clone()))?;
        Ok(Self {
            index,
            quantity: stage.quantity,
            provider: stage.provider.clone(),
            model_id: stage.model.clone(),
            credits_per_slot: stage.price,
            credits: stage.price.times(u64::from(stage.quantity))?,
            provider_usd_micros: price.usd_micros.saturating_mul(u64::from(stage.quantity)),
        })
    }
}
