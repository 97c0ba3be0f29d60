//! The workers' entry: one message, one slot. Functions that draw and functions that write differ in their queues,
//! rights and time-outs; what a slot needs, its plan says.

use std::{
    convert::Infallible,
    error::Error,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;
use serde_json::{Map, Value};
use tokio::sync::{Mutex, RwLock};
use toonmill_cloud::{Inbox, queues::read_message};
use toonmill_domain::{SlotMessage, Timestamp, message::UnreadableMessage, stage::DEFAULT_WINDOW};
use toonmill_flows::draw::{Caches, Delivery, DrawError, Drawn, Worker};
use toonmill_providers::Providers;

use crate::{
    Aws, SettingError, Settings,
    again::{Again, ComesAgain},
    batch, catalogue,
    metric::{self, Metric},
    secrets::BELIEVED,
    settings::names::{AWS_LAMBDA_FUNCTION_NAME, STAGE_WINDOW},
    start, system,
};

/// How soon a key that could not be read is tried again.
const TRIED_AGAIN_AFTER: Duration = Duration::from_secs(30);

#[derive(Debug, thiserror::Error)]
enum WorkError {
    #[error(transparent)]
    Unreadable(#[from] UnreadableMessage),
    #[error(transparent)]
    Draw(#[from] DrawError),
}

impl ComesAgain for WorkError {
    fn again(&self) -> Again {
        match self {
            Self::Unreadable(error) => error.again(),
            Self::Draw(error) => error.again(),
        }
    }
}

/// A worker, and what its providers' keys are read from.
#[derive(Debug)]
pub struct Warm {
    worker: RwLock<Worker>,
    keys_read_at: Mutex<Instant>,
    settings: Settings,
    aws: Aws,
    inbox: Inbox,
}

impl Warm {
    /// Reads the providers' keys anew, if it is time: a key that was replaced is to be taken back some day, and one that could
    /// not be read is tried again soon. One that cannot be read now and could before goes on as it was.
    async fn renew_keys(&self) {
        let mut read_at = self.keys_read_at.lock().await;
        let (is_complete, is_closed) = {
            let worker = self.worker.read().await;
            (worker.providers.withheld().next().is_none() && !worker.catalogue.is_empty(), worker.catalogue.is_empty())
        };
        if read_at.elapsed() < if is_complete { BELIEVED } else { TRIED_AGAIN_AFTER } {
            return;
        }
        *read_at = Instant::now();
        if is_closed {
            self.read_catalogue().await;
        }
        match self.aws.providers(&self.settings).await {
            Ok(providers) => {
                report_withheld(&self.settings, &providers);
                let worker = &mut *self.worker.write().await;
                worker.providers = providers.or_as_before(&worker.providers);
            }
            Err(error) => tracing::warn!(error = &error as &dyn Error, "the providers' keys could not be read again"),
        }
    }
}

impl Warm {
    /// Reads a catalogue again that could not be used: its object may have been put right since.
    async fn read_catalogue(&self) {
        let blobs = self.worker.read().await.blobs.clone();
        match catalogue::load(&self.settings, &blobs).await {
            Ok(catalogue) => self.worker.write().await.catalogue = catalogue,
            Err(fault) => drop(catalogue::closed(&self.settings, &fault)),
        }
    }
}

/// Checks every setting and connects to the providers; none is called yet.
pub async fn start(settings: &Settings, aws: &Aws) -> Result<Warm, SettingError> {
    let worker = worker(settings, aws).await?;
    report_withheld(settings, &worker.providers);
    let (worker, keys_read_at) = (RwLock::new(worker), Mutex::new(Instant::now()));
    Ok(Warm { worker, keys_read_at, settings: settings.clone(), aws: aws.clone(), inbox: aws.inbox(settings)? })
}

async fn worker(settings: &Settings, aws: &Aws) -> Result<Worker, SettingError> {
    let blobs = aws.blobs(settings)?;
    Ok(Worker {
        table: aws.table(settings)?,
        doorbell: aws.doorbell(settings)?,
        queues: aws.work_queues(settings)?,
        providers: aws.providers(settings).await?,
        catalogue: catalogue::load(settings, &blobs).await.unwrap_or_else(|fault| catalogue::closed(settings, &fault)),
        blobs,
        clock: system::clock(),
        window: settings.number(STAGE_WINDOW, DEFAULT_WINDOW, 1, 1_000)?,
        budgets: start::budgets(settings)?,
        breaker_rules: start::breaker_rules(settings)?,
        effort: start::effort(settings)?,
        caches: Caches::default(),
    })
}

/// One metric for each provider whose key could not be read, by which an alarm sees it.
fn report_withheld(settings: &Settings, providers: &Providers) {
    let function = settings.optional(AWS_LAMBDA_FUNCTION_NAME).unwrap_or_default();
    for provider in providers.withheld() {
        let properties = Map::from_iter([("provider".to_owned(), Value::from(provider.as_str()))]);
        let metrics = [Metric::count("ProviderKeyUnreadable", 1)];
        metric::emit(&metric::line(&[("FunctionName", function)], system::clock().now(), &metrics, properties));
    }
}

/// Handles a batch of messages concurrently; those that fail go back to the queue by themselves.
pub async fn handle(warm: &Warm, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Infallible> {
    warm.renew_keys().await;
    let worker = &*warm.worker.read().await;
    let LambdaEvent { payload, context } = event;
    let deadline = Timestamp::from_millis(i64::try_from(context.deadline).unwrap_or(i64::MAX));
    let stored = AtomicU64::new(0);
    let answer = batch::run(&warm.inbox, &worker.clock, payload, |record| {
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
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };
    use toonmill_domain::ProviderId;

    use super::*;
    use crate::http::{SdkHttp, testing::config};

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

    /// Secrets Manager, where each secret is what `answer` says to a request's body, and its address.
    async fn secrets_manager(answer: impl Fn(&str) -> (u16, &'static str) + Send + 'static) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut asked = Vec::new();
                while !String::from_utf8_lossy(&asked).contains("SecretId") {
                    assert!(socket.read_buf(&mut asked).await.unwrap() > 0, "a request without its body");
                }
                let (status, body) = answer(&String::from_utf8_lossy(&asked));
                let head =
                    format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                socket.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
        });
        url
    }

    #[tokio::test]
    async fn one_unreadable_secret_withholds_its_provider_alone_until_it_can_be_read() {
        let is_repaired = Arc::new(AtomicBool::new(false));
        let repaired = Arc::clone(&is_repaired);
        let url = secrets_manager(move |asked| match asked {
            asked if asked.contains("secret:gemini") => (200, r#"{"SecretString":"key"}"#),
            asked if asked.contains("secret:openai") => (200, r#"{"SecretString":"a\nkey of two lines"}"#),
            _ if repaired.load(Ordering::Relaxed) => (200, r#"{"SecretString":"key"}"#),
            _ => (400, r#"{"__type":"AccessDeniedException","message":"no"}"#),
        });
        let arn = |name: &str| format!("arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:{name}");
        let url = url.await;
        let more = [
            ("GEMINI_API_KEY", arn("gemini")),
            ("SEEDREAM_API_KEY", arn("seedream")),
            ("OPENAI_API_KEY", arn("openai")),
        ];
        let base = settings(&[]);
        let more = more.map(|(name, value)| (name.to_owned(), value));
        let settings = Settings::from_pairs(base.pairs().chain(more));
        let warm = start(&settings, &Aws::new(config(&url, SdkHttp::default()))).await.unwrap();
        let state = async || {
            let worker = warm.worker.read().await;
            let names = |of: Vec<&ProviderId>| of.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            (names(worker.providers.configured().collect()), names(worker.providers.withheld().collect()))
        };
        assert_eq!(state().await, ("gemini".to_owned(), "openai seedream".to_owned()));
        is_repaired.store(true, Ordering::Relaxed);
        warm.renew_keys().await;
        assert_eq!(state().await.1, "openai seedream", "it is not asked with every message");
        *warm.keys_read_at.lock().await = Instant::now().checked_sub(TRIED_AGAIN_AFTER).unwrap();
        warm.renew_keys().await;
        assert_eq!(state().await, ("gemini seedream".to_owned(), "openai".to_owned()));
        is_repaired.store(false, Ordering::Relaxed);
        *warm.keys_read_at.lock().await = Instant::now().checked_sub(BELIEVED).unwrap();
        warm.renew_keys().await;
        assert_eq!(state().await, ("gemini seedream".to_owned(), "openai".to_owned()), "it goes on as it was");
    }
}
