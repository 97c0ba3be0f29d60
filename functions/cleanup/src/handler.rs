//! One cleanup.

use std::time::Duration;

use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use serde_json::{Map, Value};
use toonmill_cloud::{Blobs, CloudError, Table, table::DUE_SHARDS};
use toonmill_domain::Timestamp;
use toonmill_flows::{
    Clock, Ids,
    cleanup::{Cleaned, Cleaner},
};
use toonmill_runtime::{
    Aws, SettingError, Settings,
    metric::{self, Metric},
    settings::names::{AWS_LAMBDA_FUNCTION_NAME, JOB_RETENTION_DAYS},
    system,
};

/// What is left of an invocation when no new work is begun.
const FINISHING: Duration = Duration::from_secs(30);

pub(crate) struct Handler {
    table: Table,
    blobs: Blobs,
    clock: Clock,
    ids: Ids,
    retention: Duration,
    /// The dimension of the metrics, so that two stacks in one account do not mix.
    function: String,
}

/// The schedule's event, of which nothing is read, or an operator's.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    /// Only say what would be removed.
    #[serde(default)]
    dry_run: bool,
    /// The shard of the due index to begin with; any if it is absent.
    #[serde(default)]
    shard: Option<u8>,
}

pub(crate) fn start(settings: &Settings, aws: &Aws) -> Result<Handler, SettingError> {
    let days = settings.number(JOB_RETENTION_DAYS, 90, 1, 36_500)?;
    Ok(Handler {
        table: aws.table(settings)?,
        blobs: aws.blobs(settings)?,
        clock: system::clock(),
        ids: system::ids(),
        retention: Duration::from_secs(u64::from(days) * 24 * 3_600),
        function: settings.optional(AWS_LAMBDA_FUNCTION_NAME).unwrap_or("cleanup").to_owned(),
    })
}

pub(crate) async fn handle(handler: &Handler, event: LambdaEvent<Event>) -> Result<Cleaned, CloudError> {
    let deadline = Timestamp::from_millis(i64::try_from(event.context.deadline).unwrap_or(i64::MAX));
    let Event { dry_run, shard } = event.payload;
    // The last byte of an id is random.
    let any = handler.ids.make().as_bytes().last().copied().unwrap_or_default();
    let cleaner = Cleaner {
        table: handler.table.clone(),
        blobs: handler.blobs.clone(),
        clock: handler.clock.clone(),
        retention: handler.retention,
        stop_at: deadline.minus(FINISHING),
        first_shard: shard.unwrap_or(any) % DUE_SHARDS,
    };
    let done = cleaner.clean(dry_run).await?;
    if !dry_run {
        metric::emit(&metrics(&handler.function, handler.clock.now(), &done));
    }
    tracing::info!(?done, "cleaned up");
    Ok(done)
}

/// How the cleanup keeps up: whether it was behind when its time was up, for how long the oldest of its work had been due, and
/// how much it had to leave.
fn metrics(function: &str, now: Timestamp, done: &Cleaned) -> Value {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let metrics = [
        Metric::count("CleanupBehind", u64::from(done.unfinished)),
        Metric::millis("CleanupOldestDue", done.oldest_due_ms),
        Metric::count("Unreadable", count(done.unreadable)),
        Metric::count("CleanupFailed", count(done.failed.saturating_add(done.failed_queries))),
    ];
    metric::line(&[("FunctionName", function)], now, &metrics, Map::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metrics_say_whether_the_cleanup_is_behind_and_what_it_left() {
        let done = Cleaned { unfinished: true, oldest_due_ms: 7_200_000, unreadable: 1, ..Cleaned::default() };
        let line = metrics("stack-cleanup", Timestamp::from_millis(1), &done);
        assert_eq!(line["FunctionName"], "stack-cleanup");
        assert_eq!((&line["CleanupBehind"], &line["Unreadable"]), (&Value::from(1), &Value::from(1)));
        assert_eq!((&line["CleanupOldestDue"], &line["CleanupFailed"]), (&Value::from(7_200_000), &Value::from(0)));
        let kept_up = metrics("stack-cleanup", Timestamp::from_millis(1), &Cleaned::default());
        assert_eq!((&kept_up["CleanupBehind"], &kept_up["Unreadable"]), (&Value::from(0), &Value::from(0)));
    }

    #[test]
    fn a_schedules_event_asks_for_a_real_run_from_any_shard() {
        let scheduled = r#"{ "source": "aws.events", "detail-type": "Scheduled Event", "detail": {} }"#;
        let event: Event = serde_json::from_str(scheduled).unwrap();
        assert!(!event.dry_run && event.shard.is_none());
        let event: Event = serde_json::from_str(r#"{ "dryRun": true, "shard": 3 }"#).unwrap();
        assert!(event.dry_run && event.shard == Some(3));
    }
}
