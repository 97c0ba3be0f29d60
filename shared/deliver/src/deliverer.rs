//! One message: one turn of one delivery.

use std::time::Duration;

use toonmill_cloud::{Blobs, CloudError, CloudErrorKind, Outbox, Table};
use toonmill_domain::{Delivery, DeliveryMessage, DeliveryState, Sink, Timestamp};
use toonmill_flows::{Clock, Ids};
use toonmill_outbound::Sender;
use toonmill_telegram::Bot;

use crate::Turn;

/// A lease outlives its holder's invocation by this much.
const LEASE_MARGIN: Duration = Duration::from_secs(10);
/// When a delivery whose record cannot be read is looked at again.
const UNREADABLE_AGAIN: Duration = Duration::from_hours(1);
/// Messages cannot be delayed for longer (SQS). What is due later is the sweep's to find.
const LONGEST_DELAY: Duration = Duration::from_mins(15);

/// How long after it was written a delivery that cannot be made is still tried, and the longest pause between tries.
const HOPED_FOR: Duration = Duration::from_hours(24);
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// Carries deliveries out.
#[derive(Clone, Debug)]
pub struct Deliverer {
    pub table: Table,
    pub blobs: Blobs,
    pub outbox: Outbox,
    pub clock: Clock,
    pub ids: Ids,
    /// None where no bot is configured.
    pub bot: Option<Bot>,
    /// Calls the servers of hooks.
    pub sender: Sender,
}

/// What came of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// There is no such delivery, it is done, or somebody else is at it or has gone on.
    Nothing,
    /// A turn was taken. The delivery's state then.
    Turn(DeliveryState),
    /// Another turn has begun while this one was under way.
    Overtaken,
    /// Its record cannot be read. The sweep rings for it again in an hour.
    Unreadable,
}

#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// The record is not what this program writes.
    #[error("the document of a delivery cannot be read")]
    Document(#[from] serde_json::Error),
    #[error("no bot is configured, and something is to be told in a chat")]
    NoBot,
}

impl Deliverer {
    /// Takes the next turn of a delivery, if it is to be taken now. `deadline` is when this invocation is cut.
    pub async fn deliver(&self, message: &DeliveryMessage, deadline: Timestamp) -> Result<Delivered, DeliverError> {
        let now = self.clock.now();
        let seen = match self.table.load_delivery(&message.key()).await {
            Ok(Some(seen)) => seen,
            Ok(None) => return Ok(Delivered::Nothing),
            Err(error) if error.kind == CloudErrorKind::Corrupt => {
                tracing::error!(delivery.id = %message.id, account = %message.account, sink = ?message.sink,
                    error = &error as &dyn std::error::Error, "the record of a delivery cannot be read");
                self.table.put_off_delivery(&message.key(), now.plus(UNREADABLE_AGAIN)).await?;
                return Ok(Delivered::Unreadable);
            }
            Err(error) => return Err(error.into()),
        };
        let is_stale = message.turn.is_some_and(|turn| turn != seen.turn);
        // A chat may be told at any time that there is news, and knows itself how often it may be written to.
        let is_early = seen.key.sink == Sink::Webhook && seen.next_attempt_at.is_some_and(|at| at > now);
        if is_stale || is_early || !seen.is_claimable(now) {
            return Ok(Delivered::Nothing);
        }
        let lease_until = deadline.plus(LEASE_MARGIN);
        let Some(held) = self.table.claim_delivery(&seen, lease_until, &self.ids.token()).await? else {
            return Ok(Delivered::Nothing);
        };
        let told = match held.key.sink {
            Sink::Telegram => self.tell_chat(&held).await,
            Sink::Webhook => self.call_hook(&held).await,
        };
        let turn = match told {
            Err(error @ (DeliverError::Document(_) | DeliverError::NoBot)) => self.hopeless(&held, &error),
            told => told?,
        };
        self.end_turn(&held, turn).await
    }

    /// A delivery that cannot be made as things are. A release that reads its document or a bot that is configured may
    /// come within a day, and until then it is tried now and then; it is given up afterwards.
    fn hopeless(&self, held: &Delivery, error: &DeliverError) -> Turn {
        let now = self.clock.now();
        tracing::error!(delivery.id = %held.key.id, sink = ?held.key.sink, tries = held.tries,
            error = error as &dyn std::error::Error, "a delivery cannot be made");
        if now.since(held.created_at) >= HOPED_FOR {
            return Turn::ended(DeliveryState::Failed, held.document.clone(), Some(error.to_string()));
        }
        let doubled = Duration::from_mins(1).saturating_mul(1_u32.checked_shl(held.tries).unwrap_or(u32::MAX));
        Turn::again(held.document.clone(), now.plus(doubled.min(LONGEST_PAUSE)))
    }

    /// Writes down what came of a turn, and has somebody go on if there is more to come.
    async fn end_turn(&self, held: &Delivery, turn: Turn) -> Result<Delivered, DeliverError> {
        if let Some(why) = &turn.why {
            tracing::warn!(delivery.id = %held.key.id, sink = ?held.key.sink, why, "a delivery was given up");
        }
        if !self.table.note_delivery(held, &turn.noted).await? {
            return Ok(Delivered::Overtaken);
        }
        if let Some(at) = turn.noted.next_attempt_at {
            let wait = at.since(self.clock.now());
            // The sweep finds it when it is due, whether this is lost or the time is too far away for a message.
            if wait <= LONGEST_DELAY
                && let Err(error) = self.outbox.send_after(&held.key, Some(held.turn), wait).await
            {
                tracing::warn!(delivery.id = %held.key.id, error = &error as &dyn std::error::Error,
                    "the message of a delivery's next turn was lost");
            }
        }
        Ok(Delivered::Turn(turn.noted.state))
    }
}
