//! One ring: one reconcile.

use std::{convert::Infallible, sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;
use toonmill_cloud::{Inbox, queues::read_message};
use toonmill_domain::{ReconcileMessage, message::UnreadableMessage, stage::DEFAULT_WINDOW};
use toonmill_flows::{
    draw::LEASE_MARGIN,
    health::HealthCache,
    reconcile::{HEALTH_BELIEVED, ReconcileError, Reconciled, Reconciler},
};
use toonmill_runtime::{
    Aws, SettingError, Settings,
    again::{Again, ComesAgain},
    batch, metric,
    settings::names::{AWS_LAMBDA_FUNCTION_NAME, IMAGE_TIMEOUT_SECONDS, STAGE_WINDOW},
    start, system,
};

use crate::metrics;

#[derive(Debug, thiserror::Error)]
enum RingError {
    #[error(transparent)]
    Unreadable(#[from] UnreadableMessage),
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
}

impl ComesAgain for RingError {
    fn again(&self) -> Again {
        match self {
            Self::Unreadable(error) => error.again(),
            Self::Reconcile(error) => error.again(),
        }
    }
}

pub(crate) struct Handler {
    reconciler: Reconciler,
    inbox: Inbox,
    /// The dimension of the metrics, so that two stacks in one account do not mix.
    function: String,
}

pub(crate) fn start(settings: &Settings, aws: &Aws) -> Result<Handler, SettingError> {
    let image_timeout = settings.number(IMAGE_TIMEOUT_SECONDS, 180, 20, 900)?;
    let reconciler = Reconciler {
        budgets: start::budgets(settings)?,
        health: Arc::new(HealthCache::new(HEALTH_BELIEVED)),
        table: aws.table(settings)?,
        doorbell: aws.doorbell(settings)?,
        outbox: aws.outbox(settings)?,
        queues: aws.work_queues(settings)?,
        clock: system::clock(),
        ids: system::ids(),
        window: settings.number(STAGE_WINDOW, DEFAULT_WINDOW, 1, 1_000)?,
        longest_lease: Duration::from_secs(u64::from(image_timeout)) + LEASE_MARGIN,
    };
    let function = settings.optional(AWS_LAMBDA_FUNCTION_NAME).unwrap_or("complete").to_owned();
    Ok(Handler { reconciler, inbox: aws.inbox(settings)?, function })
}

pub(crate) async fn handle(handler: &Handler, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Infallible> {
    let answer = batch::run(&handler.inbox, &handler.reconciler.clock, event.payload, |record| async move {
        let message: ReconcileMessage = read_message(record.body.as_deref().unwrap_or_default())?;
        let outcome = handler.reconciler.reconcile(message.job, message.cause).await?;
        if let Reconciled::Ended(settlement) = &outcome {
            let now = handler.reconciler.clock.now();
            metrics::of_ended(&handler.function, now, message.job, settlement).iter().for_each(metric::emit);
        } else {
            tracing::info!(job.id = %message.job, cause = ?message.cause, ?outcome, "reconciled");
        }
        Ok::<_, RingError>(())
    });
    Ok(answer.await)
}
