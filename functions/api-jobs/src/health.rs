//! `GET /api/v1/health`: whether what this API stands on answers. No token, no secrets, and an answer in time.

use std::{error::Error, time::Duration};

use axum::{Json, extract::State};
use serde::Serialize;
use tokio::time::timeout;
use toonmill_cloud::CloudError;
use toonmill_domain::ProviderId;

use crate::App;

const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Health {
    Healthy,
    Unhealthy,
    /// It was not, or could not be, asked.
    Unknown,
}

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    status: Health,
    timestamp: String,
    version: &'static str,
    services: Services,
}

#[derive(Debug, Serialize)]
struct Services {
    table: Health,
    queue: Health,
    bucket: Health,
    providers: Health,
    /// The model catalogue. While it cannot be used, no job is taken.
    catalogue: Health,
}

/// Asks everything at once.
pub(crate) async fn check(State(app): State<App>) -> Json<Report> {
    let (table, queue, bucket, providers) = tokio::join!(
        asked("table", app.table.answers()),
        asked("queue", app.doorbell.answers()),
        asked("bucket", app.blobs.answers()),
        providers(&app),
    );
    let catalogue = if app.desk.check_open().is_ok() { Health::Healthy } else { Health::Unhealthy };
    let needed = [table, queue, bucket, catalogue];
    let all_answer = needed.iter().all(|health| *health == Health::Healthy);
    let status = if all_answer { Health::Healthy } else { Health::Unhealthy };
    Json(Report {
        status,
        timestamp: app.clock.now().to_rfc3339(),
        version: env!("CARGO_PKG_VERSION"),
        services: Services { table, queue, bucket, providers, catalogue },
    })
}

async fn asked(service: &str, call: impl Future<Output = Result<(), CloudError>>) -> Health {
    match timeout(PATIENCE, call).await {
        Ok(Ok(())) => Health::Healthy,
        Ok(Err(error)) => {
            tracing::warn!(service, error = &error as &dyn Error, "a health check failed");
            Health::Unhealthy
        }
        Err(_) => {
            tracing::warn!(service, "a health check had no answer");
            Health::Unhealthy
        }
    }
}

/// Providers are not called here; all that is known is whether every one of them is paused, or has an open breaker
/// for its usual model.
async fn providers(app: &App) -> Health {
    match timeout(PATIENCE, app.desk.unhealthy()).await {
        Ok(Ok(unhealthy)) => {
            let usual = |provider: &ProviderId| app.desk.catalogue().default_image_model(provider);
            let callable = |provider| usual(provider).is_some_and(|model| !unhealthy.contains(&model.id));
            if app.desk.configured().iter().any(callable) { Health::Unknown } else { Health::Unhealthy }
        }
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn Error, "the providers' health could not be read");
            Health::Unknown
        }
        Err(_) => Health::Unknown,
    }
}
