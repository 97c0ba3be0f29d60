//! One message: one turn of one delivery.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;
use toonmill_cloud::{Inbox, queues::read_message};
use toonmill_deliver::{DeliverError, Deliverer};
use toonmill_domain::{DeliveryMessage, Timestamp, message::UnreadableMessage};
use toonmill_outbound::{Network, Ports, Sender};
use toonmill_runtime::{
    Aws, SettingError, Settings,
    again::{Again, ComesAgain},
    batch,
    bot::LazyBot,
    settings::names,
    system,
};
use toonmill_telegram::bot::TimeLimits;

/// The function is cut after 60 s: a call must have ended before, so that what came of it is written down.
const PATIENCE: TimeLimits = TimeLimits { call: Duration::from_secs(10), transfer: Duration::from_secs(40) };

#[derive(Debug, thiserror::Error)]
enum RecordError {
    #[error(transparent)]
    Unreadable(#[from] UnreadableMessage),
    #[error(transparent)]
    Deliver(#[from] DeliverError),
}

impl ComesAgain for RecordError {
    fn again(&self) -> Again {
        match self {
            Self::Unreadable(error) => error.again(),
            Self::Deliver(DeliverError::Cloud(error)) => error.again(),
            Self::Deliver(DeliverError::Document(_) | DeliverError::NoBot) => Again::AfterTimeOut,
        }
    }
}

pub(crate) struct Handler {
    deliverer: Deliverer,
    inbox: Inbox,
    bot: LazyBot,
}

pub(crate) fn start(settings: &Settings, aws: &Aws) -> Result<Handler, SettingError> {
    let deliverer = Deliverer {
        table: aws.table(settings)?,
        blobs: aws.blobs(settings)?,
        outbox: aws.outbox(settings)?,
        clock: system::clock(),
        ids: system::ids(),
        bot: None,
        sender: sender(settings)?,
    };
    Ok(Handler { deliverer, inbox: aws.inbox(settings)?, bot: aws.bot(settings)? })
}

fn sender(settings: &Settings) -> Result<Sender, SettingError> {
    let network = Network::internet().map_err(|why| SettingError::wrong(names::OUTBOUND_PORTS, why))?;
    Ok(Sender::new(network, settings.parsed_or(names::OUTBOUND_PORTS, Ports::default())?))
}

pub(crate) async fn handle(handler: &Handler, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, SettingError> {
    let LambdaEvent { payload, context } = event;
    let deadline = Timestamp::from_millis(i64::try_from(context.deadline).unwrap_or(i64::MAX));
    let bot = handler.bot.get().await?.map(|bot| bot.within(PATIENCE));
    let deliverer = &Deliverer { bot, ..handler.deliverer.clone() };
    let answer = batch::run(&handler.inbox, &deliverer.clock, payload, |record| async move {
        let message: DeliveryMessage = read_message(record.body.as_deref().unwrap_or_default())?;
        let done = deliverer.deliver(&message, deadline).await?;
        tracing::info!(delivery.id = %message.id, sink = ?message.sink, ?done, "a message is done");
        Ok::<_, RecordError>(())
    });
    Ok(answer.await)
}
