//! One cleanup.

use std::time::Duration;

use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use toonmill_cloud::{Blobs, CloudError, Table};
use toonmill_domain::Timestamp;
use toonmill_flows::cleanup::{Cleaned, Cleaner};
use toonmill_runtime::{Aws, SettingError, Settings, settings::names::JOB_RETENTION_DAYS, system};

/// What is left of an invocation when no new work is begun.
const FINISHING: Duration = Duration::from_secs(30);

pub(crate) struct Handler {
    table: Table,
    blobs: Blobs,
    retention: Duration,
}

/// The schedule's event, of which nothing is read, or an operator's.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    /// Only say what would be removed.
    #[serde(default)]
    dry_run: bool,
}

pub(crate) fn start(settings: &Settings, aws: &Aws) -> Result<Handler, SettingError> {
    let days = settings.number(JOB_RETENTION_DAYS, 90, 1, 36_500)?;
    Ok(Handler {
        table: aws.table(settings)?,
        blobs: aws.blobs(settings)?,
        retention: Duration::from_secs(u64::from(days) * 24 * 3_600),
    })
}

pub(crate) async fn handle(handler: &Handler, event: LambdaEvent<Event>) -> Result<Cleaned, CloudError> {
    let deadline = Timestamp::from_millis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
    let cleaner = Cleaner {
        table: handler.table.clone(),
        blobs: handler.blobs.clone(),
        clock: system::clock(),
        retention: handler.retention,
        stop_at: deadline.minus(FINISHING),
    };
    let done = cleaner.clean(event.payload.dry_run).await?;
    tracing::info!(?done, "cleaned up");
    Ok(done)
}
