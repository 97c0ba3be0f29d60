//! A batch of queue records: each decoded in its own step, run beside the others, and answered for by itself.
//!
//! One malformed message, one error or one panic fails one record. The records that failed are named in the
//! answer (`ReportBatchItemFailures`), and only they come again: one that failed by what passes comes soon, any other after
//! its queue's visibility time-out, which is six times the function's own and so up to 18 minutes.

use std::{fmt::Display, future::Future, panic::AssertUnwindSafe, time::Duration};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::{FutureExt, future::join_all};
use toonmill_cloud::Inbox;
use toonmill_domain::Timestamp;
use toonmill_flows::Clock;

use crate::again::{Again, ComesAgain, soon};

/// A lease has lapsed a moment after its end.
const AFTER_A_LEASE: Duration = Duration::from_secs(1);

/// Where a record came from, and how often it came.
struct Receipt {
    message_id: String,
    queue_arn: Option<String>,
    handle: Option<String>,
    receives: u32,
}

impl Receipt {
    fn of(record: &SqsMessage) -> Self {
        let receives = record.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
        Self {
            message_id: record.message_id.clone().unwrap_or_default(),
            queue_arn: record.event_source_arn.clone(),
            handle: record.receipt_handle.clone(),
            receives: receives.unwrap_or(1),
        }
    }

    /// Has the record come again when its error says. If that fails, the visibility time-out of its queue applies.
    async fn show_again(&self, inbox: &Inbox, again: Again, now: Timestamp) {
        let delay = match again {
            Again::AfterTimeOut => return,
            Again::Soon => soon(self.receives, fastrand::u32(0..=1_000)),
            Again::After(time) => time.since(now).saturating_add(AFTER_A_LEASE),
        };
        let (Some(queue), Some(handle)) = (&self.queue_arn, &self.handle) else { return };
        if let Err(error) = inbox.show_after(queue, handle, delay).await {
            tracing::warn!(
                message.id = self.message_id,
                error = &error as &dyn std::error::Error,
                "the visibility of a message could not be changed"
            );
        }
    }
}

/// Runs every record of a batch at once. `inbox` is of the queues that the records come from.
pub async fn run<F, Fut, E>(inbox: &Inbox, clock: &Clock, event: SqsEvent, step: F) -> SqsBatchResponse
where
    F: Fn(SqsMessage) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Display + ComesAgain,
{
    let records = event.records.into_iter().map(|record| {
        let receipt = Receipt::of(&record);
        // The step is also called inside the guard: it may panic before it gives a future.
        let guarded = AssertUnwindSafe(async { step(record).await }).catch_unwind();
        async move {
            let (why, again) = match guarded.await {
                Ok(Ok(())) => return None,
                Ok(Err(error)) => (error.to_string(), error.again()),
                Err(panic) => (format!("panicked: {}", panic_text(panic.as_ref())), Again::AfterTimeOut),
            };
            tracing::error!(
                message.id = receipt.message_id,
                message.receives = receipt.receives,
                error = why,
                "a record failed and comes again"
            );
            receipt.show_again(inbox, again, clock.now()).await;
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = receipt.message_id;
            Some(failure)
        }
    });
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = join_all(records).await.into_iter().flatten().collect();
    response
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
