//! One sweep.

use lambda_runtime::LambdaEvent;
use serde_json::{Map, Value, json};
use toonmill_cloud::CloudError;
use toonmill_flows::{Clock, sweep::Sweeper};
use toonmill_runtime::{
    Aws, SettingError, Settings,
    metric::{self, Metric},
    settings::names::AWS_LAMBDA_FUNCTION_NAME,
    system,
};

pub(crate) struct Handler {
    sweeper: Sweeper,
    clock: Clock,
    /// The dimension of the metric, so that two stacks in one account do not mix.
    function: String,
}

pub(crate) fn start(settings: &Settings, aws: &Aws) -> Result<Handler, SettingError> {
    let clock = system::clock();
    Ok(Handler {
        sweeper: Sweeper {
            table: aws.table(settings)?,
            doorbell: aws.doorbell(settings)?,
            outbox: aws.outbox(settings)?,
            clock: clock.clone(),
        },
        clock,
        function: settings.optional(AWS_LAMBDA_FUNCTION_NAME).unwrap_or("sweep").to_owned(),
    })
}

/// What the schedule sends does not matter.
pub(crate) async fn handle(handler: &Handler, _: LambdaEvent<Value>) -> Result<Value, CloudError> {
    let swept = handler.sweeper.sweep().await?;
    for job in &swept.holds_past_deadline {
        tracing::error!(job.id = %job, "a hold is past its deadline");
    }
    let overdue = u64::try_from(swept.holds_past_deadline.len()).unwrap_or(u64::MAX);
    let dimensions = [("FunctionName", handler.function.as_str())];
    let metrics = [
        Metric::count("HoldsPastDeadline", overdue),
        Metric::count("Unreadable", u64::try_from(swept.unreadable).unwrap_or(u64::MAX)),
        Metric::count("FailedQueries", u64::try_from(swept.failed_queries).unwrap_or(u64::MAX)),
    ];
    metric::emit(&metric::line(&dimensions, handler.clock.now(), &metrics, Map::new()));
    tracing::info!(
        due = swept.due,
        rung = swept.rung,
        deliveries = swept.deliveries,
        overdue,
        unreadable = swept.unreadable,
        unfinished = swept.unfinished,
        "swept"
    );
    Ok(json!({
        "due": swept.due,
        "rung": swept.rung,
        "deliveries": swept.deliveries,
        "holdsPastDeadline": swept.holds_past_deadline,
        "unreadable": swept.unreadable,
        "failedQueries": swept.failed_queries,
        "unfinished": swept.unfinished,
    }))
}
