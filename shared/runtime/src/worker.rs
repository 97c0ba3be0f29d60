//! The workers' entry: one message, one slot. Functions that draw and functions that write differ in their queues,
//! rights and time-outs; what a slot needs, its plan says.

use std::{
    convert::Infallible,
    error::Error,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;
use serde_json::{Map, Value};
use tokio::sync::{Mutex, RwLock};
use toonmill_cloud::queues::read_message;
use toonmill_domain::{SlotMessage, Timestamp, message::UnreadableMessage, stage::DEFAULT_WINDOW};
use toonmill_flows::draw::{Caches, Delivery, DrawError, Drawn, Worker};

use crate::{
    Aws, SettingError, Settings, batch,
    metric::{self, Metric},
    secrets::BELIEVED,
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

/// A worker, and what its providers' keys are read from.
#[derive(Debug)]
pub struct Warm {
    worker: RwLock<Worker>,
    keys_read_at: Mutex<Instant>,
    settings: Settings,
    aws: Aws,
}

impl Warm {
    /// Reads the providers' keys anew, if it is time: a key that was replaced is to be taken back some day. If they cannot
    /// be read, those that are known go on.
    async fn renew_keys(&self) {
        let mut read_at = self.keys_read_at.lock().await;
        if read_at.elapsed() < BELIEVED {
            return;
        }
        *read_at = Instant::now();
        match self.aws.providers(&self.settings).await {
            Ok(providers) => self.worker.write().await.providers = providers,
            Err(error) => tracing::warn!(error = &error as &dyn Error, "the providers' keys could not be read again"),
        }
    }
}

/// Checks every setting and connects to the providers; none is called yet.
pub async fn start(settings: &Settings, aws: &Aws) -> Result<Warm, SettingError> {
    let worker = worker(settings, aws).await?;
    let (worker, keys_read_at) = (RwLock::new(worker), Mutex::new(Instant::now()));
    Ok(Warm { worker, keys_read_at, settings: settings.clone(), aws: aws.clone() })
}

async fn worker(settings: &Settings, aws: &Aws) -> Result<Worker, SettingError> {
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
pub async fn handle(warm: &Warm, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Infallible> {
    warm.renew_keys().await;
    let worker = &*warm.worker.read().await;
    let LambdaEvent { payload, context } = event;
    let deadline = Timestamp::from_millis(i64::try_from(context.deadline).unwrap_or(i64::MAX));
    let stored = AtomicU64::new(0);
    let answer = batch::run(payload, |record| {
        let stored = &stored;
        let message_id = record.message_id.as_deref().unwrap_or_default();
        // A redelivery has another request id, and a batch several messages: the two name this delivery alone.
        let delivery = Delivery { holder: format!("{}/{message_id}", context.request_id), deadline };
        async move {
            let message: SlotMessage = read_message(record.body.as_deref().unwrap_or_default())?;
            let drawn = worker.draw(&message, &delivery).await?;
            stored.fetch_add(u64::from(drawn == Drawn::Stored), Ordering::Relaxed);
            tracing::info!(job.id = %message.job, stage.index = message.stage.0, slot.index = message.slot.0,
                round = message.round.0, fence = message.fence.0, ?drawn, "a message is done");
            Ok::<_, WorkError>(())
        }
    });
    let answer = answer.await;
    let counts = [("BreakersOpened", worker.caches.take_opened()), ("SlotsStored", stored.into_inner())];
    if let Some(line) = metrics_of(&context.env_config.function_name, worker.clock.now(), counts) {
        metric::emit(&line);
    }
    Ok(answer)
}

/// One line with the counts of an invocation that are not zero; none if all are.
///
/// `SlotsStored` beside Lambda's own `Invocations` shows whether the function runs without getting work done, which an
/// alarm in `template.yaml` watches.
fn metrics_of<const N: usize>(function: &str, now: Timestamp, counts: [(&'static str, u64); N]) -> Option<Value> {
    let counted = counts.into_iter().filter(|(_, count)| *count > 0);
    let metrics: Vec<_> = counted.map(|(name, count)| Metric::count(name, count)).collect();
    if metrics.is_empty() {
        return None;
    }
    Some(metric::line(&[("FunctionName", function)], now, &metrics, Map::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(keys: &[&str]) -> Settings {
        let all = [
            ("TABLE_NAME", "table"),
            ("BUCKET_NAME", "bucket"),
            ("RECONCILE_QUEUE_URL", "http://127.0.0.1:1/reconcile"),
            ("GEMINI_IMAGE_QUEUE_URL", "http://127.0.0.1:1/gemini"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ];
        let all = all.into_iter().chain(keys.iter().map(|name| (*name, "key")));
        Settings::from_pairs(all.map(|(name, value)| (name.to_owned(), value.to_owned())))
    }

    #[tokio::test]
    async fn a_warm_workers_keys_are_read_anew_once_their_time_is_over() {
        let first = settings(&["GEMINI_API_KEY"]);
        let mut warm = start(&first, &Aws::from_settings(&first)).await.unwrap();
        warm.settings = settings(&["GEMINI_API_KEY", "SEEDREAM_API_KEY"]);
        let seedream = "seedream".parse().unwrap();
        warm.renew_keys().await;
        assert!(warm.worker.read().await.providers.get(&seedream).is_none(), "they are still believed");
        *warm.keys_read_at.lock().await = Instant::now().checked_sub(BELIEVED).unwrap();
        warm.renew_keys().await;
        assert!(warm.worker.read().await.providers.get(&seedream).is_some());
    }

    #[test]
    fn an_invocation_reports_the_counts_that_are_not_zero_in_one_line() {
        let now = Timestamp::from_millis(7);
        let counted = metrics_of("draws", now, [("BreakersOpened", 0), ("SlotsStored", 3)]).unwrap();
        assert_eq!((&counted["FunctionName"], &counted["SlotsStored"]), (&"draws".into(), &3.into()));
        assert_eq!(counted.get("BreakersOpened"), None);
        assert_eq!(metrics_of("draws", now, [("BreakersOpened", 0), ("SlotsStored", 0)]), None);
    }
}
