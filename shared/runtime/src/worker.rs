//! The workers' entry: one message, one slot. Functions that draw and functions that write differ in their queues,
//! rights and time-outs; what a slot needs, its plan says.

use std::convert::Infallible;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;
use serde_json::Map;
use toonmill_cloud::queues::read_message;
use toonmill_domain::{SlotMessage, Timestamp, message::UnreadableMessage, stage::DEFAULT_WINDOW};
use toonmill_flows::draw::{Caches, Delivery, DrawError, Worker};

use crate::{
    Aws, SettingError, Settings, batch,
    metric::{self, Metric},
    settings::names::STAGE_WINDOW,
    start, system,
};

#[derive(Debug, thiserror::Error)]
enum WorkError {
    #[error(transparent)]
    Unreadable(#[from] UnreadableMessage),
    #[error(transparent)]
    Draw(#[from] DrawError),
}

/// Checks every setting and connects to the providers; none is called yet.
pub async fn start(settings: &Settings, aws: &Aws) -> Result<Worker, SettingError> {
    Ok(Worker {
        table: aws.table(settings)?,
        blobs: aws.blobs(settings)?,
        doorbell: aws.doorbell(settings)?,
        queues: aws.work_queues(settings)?,
        providers: aws.providers(settings).await?,
        catalogue: start::catalogue(settings)?,
        clock: system::clock(),
        window: settings.number(STAGE_WINDOW, DEFAULT_WINDOW, 1, 1_000)?,
        budgets: start::budgets(settings)?,
        breaker_rules: start::breaker_rules(settings)?,
        effort: start::effort(settings)?,
        caches: Caches::default(),
    })
}

/// Handles a batch of messages concurrently; those that fail go back to the queue by themselves.
pub async fn handle(worker: &Worker, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Infallible> {
    let LambdaEvent { payload, context } = event;
    let deadline = Timestamp::from_millis(i64::try_from(context.deadline).unwrap_or(i64::MAX));
    let answer = batch::run(payload, |record| {
        let message_id = record.message_id.as_deref().unwrap_or_default();
        // A redelivery has another request id, and a batch several messages: the two name this delivery alone.
        let delivery = Delivery { holder: format!("{}/{message_id}", context.request_id), deadline };
        async move {
            let message: SlotMessage = read_message(record.body.as_deref().unwrap_or_default())?;
            let drawn = worker.draw(&message, &delivery).await?;
            tracing::info!(job.id = %message.job, stage.index = message.stage.0, slot.index = message.slot.0,
                round = message.round.0, fence = message.fence.0, ?drawn, "a message is done");
            Ok::<_, WorkError>(())
        }
    });
    let answer = answer.await;
    let opened = worker.caches.take_opened();
    if opened > 0 {
        let dimensions = [("FunctionName", context.env_config.function_name.as_str())];
        let metrics = [Metric::count("BreakersOpened", opened)];
        metric::emit(&metric::line(&dimensions, worker.clock.now(), &metrics, Map::new()));
    }
    Ok(answer)
}
