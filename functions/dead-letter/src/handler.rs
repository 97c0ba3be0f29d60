//! One dead letter: an image's slot is missed, a stuck reconcile is noted, a delivery is left to the sweep.

use std::convert::Infallible;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::LambdaEvent;
use toonmill_cloud::{CloudError, Inbox, queues::read_message};
use toonmill_domain::{DeliveryMessage, ReconcileMessage, SlotMessage, message::UnreadableMessage};
use toonmill_flows::dead_letter::Undertaker;
use toonmill_runtime::{
    Aws, SettingError, Settings,
    again::{Again, ComesAgain},
    batch, system,
};

#[derive(Debug, thiserror::Error)]
enum BurialError {
    /// It stays in the dead-letter queue, where the alarm shows it.
    #[error(transparent)]
    Unreadable(#[from] UnreadableMessage),
    #[error(transparent)]
    Cloud(#[from] CloudError),
}

impl ComesAgain for BurialError {
    fn again(&self) -> Again {
        match self {
            Self::Unreadable(error) => error.again(),
            Self::Cloud(error) => error.again(),
        }
    }
}

pub(crate) struct Handler {
    undertaker: Undertaker,
    inbox: Inbox,
}

pub(crate) fn start(settings: &Settings, aws: &Aws) -> Result<Handler, SettingError> {
    let undertaker = Undertaker {
        table: aws.table(settings)?,
        doorbell: aws.doorbell(settings)?,
        clock: system::clock(),
        ids: system::ids(),
    };
    Ok(Handler { undertaker, inbox: aws.inbox(settings)? })
}

pub(crate) async fn handle(handler: &Handler, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Infallible> {
    let Handler { undertaker, inbox } = handler;
    Ok(batch::run(inbox, &undertaker.clock, event.payload, |record| async move { bury(undertaker, &record).await })
        .await)
}

async fn bury(undertaker: &Undertaker, record: &SqsMessage) -> Result<(), BurialError> {
    let body = record.body.as_deref().unwrap_or_default();
    // The bodies tell them apart: only an image message names a slot, only a delivery's a sink.
    match read_message::<SlotMessage>(body) {
        Ok(message) => {
            let buried = undertaker.bury_image(&message).await?;
            tracing::error!(job.id = %message.job, stage.index = message.stage.0, slot.index = message.slot.0,
                fence = message.fence.0, ?buried, "an image message was a dead letter");
        }
        Err(UnreadableMessage::Malformed(_)) if read_message::<DeliveryMessage>(body).is_ok() => {
            let message: DeliveryMessage = read_message(body)?;
            // Its record says when it is next to be seen to, and the sweep rings then.
            tracing::error!(delivery.id = %message.id, sink = ?message.sink, "a delivery's message was a dead letter");
        }
        Err(UnreadableMessage::Malformed(_)) => {
            let message: ReconcileMessage = read_message(body)?;
            undertaker.bury_reconcile(message.job).await?;
            tracing::error!(job.id = %message.job, "a job could not be reconciled and is stamped as stuck");
        }
        Err(newer @ UnreadableMessage::Newer(_)) => return Err(newer.into()),
    }
    Ok(())
}
