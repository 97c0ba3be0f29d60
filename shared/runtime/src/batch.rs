//! A batch of queue records: each decoded in its own step, run beside the others, and answered for by itself.
//!
//! One malformed message, one error or one panic fails one record. The records that failed are named in the
//! answer (`ReportBatchItemFailures`), and only they come again.

use std::{fmt::Display, future::Future, panic::AssertUnwindSafe};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::{FutureExt, future::join_all};

/// Runs every record of a batch at once.
pub async fn run<F, Fut, E>(event: SqsEvent, step: F) -> SqsBatchResponse
where
    F: Fn(SqsMessage) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Display,
{
    let records = event.records.into_iter().map(|record| {
        let id = record.message_id.clone().unwrap_or_default();
        let receives = record.attributes.get("ApproximateReceiveCount").cloned();
        // The step is also called inside the guard: it may panic before it gives a future.
        let guarded = AssertUnwindSafe(async { step(record).await }).catch_unwind();
        async move {
            let why = match guarded.await {
                Ok(Ok(())) => return None,
                Ok(Err(error)) => error.to_string(),
                Err(panic) => format!("panicked: {}", panic_text(panic.as_ref())),
            };
            tracing::error!(
                message.id = id,
                message.receives = receives,
                error = why,
                "a record failed and comes again"
            );
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(bodies: &[&str]) -> SqsEvent {
        let mut event = SqsEvent::default();
        for (index, body) in bodies.iter().enumerate() {
            let mut record = SqsMessage::default();
            record.message_id = Some(index.to_string());
            record.body = Some((*body).to_owned());
            event.records.push(record);
        }
        event
    }

    #[tokio::test]
    async fn an_error_and_a_panic_fail_their_own_record_only() {
        let response = run(batch(&["good", "bad", "worse", "good"]), |record| async move {
            match record.body.as_deref() {
                Some("good") => Ok(()),
                Some("bad") => Err("bad"),
                _ => panic!("worse"),
            }
        })
        .await;
        let failed: Vec<_> = response.batch_item_failures.iter().map(|item| item.item_identifier.as_str()).collect();
        assert_eq!(failed, ["1", "2"]);
    }
}
