//! Before the claim: who draws a message's slot, and may they be called now? A message that comes too soon goes back
//! to its queue, and has used up no try and no call.

use std::time::Duration;

use toonmill_cloud::CloudError;
use toonmill_domain::{
    Budget, Choice, Fence, Health, ProviderId, SlotMessage, StagePlan, Timestamp,
    budget::{CLOSE_ENOUGH, Lot, Turn},
    health::MayCall,
};

use super::{Delivery, Worker, wait_of};

/// How long messages stay away while somebody finds out whether a provider answers again.
const WHILE_PROBED: Duration = Duration::from_secs(20);
/// How long messages stay away whose provider has a key that could not be read, or that come where the catalogue could not.
/// A warm worker tries to read either again.
const WHILE_WITHHELD: Duration = Duration::from_secs(30);
/// Messages that were told the same time come back spread over this, or over a quarter of their wait.
const SHORTEST_SPREAD_MS: u64 = 2_000;

/// Leave to call one provider once.
#[derive(Clone, Debug)]
pub(super) struct Pass {
    pub(super) choice: Choice,
    /// The call is the probe of a breaker that is half open.
    pub(super) probe: Option<Probe>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    /// Names the breaker's opening.
    pub(super) since: Timestamp,
    /// When somebody else may probe, if nothing was heard of this one.
    pub(super) until: Timestamp,
}

pub(super) enum Admission {
    Draw(Pass),
    /// The message is to come again, to this choice's queue.
    Later {
        choice: Choice,
        message: SlotMessage,
        wait: Duration,
    },
}

impl Worker {
    pub(super) async fn admit(
        &self,
        message: &SlotMessage,
        stage: &StagePlan,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<Admission, CloudError> {
        let choices = stage.choices();
        // A slot that was never claimed is its first choice's; otherwise its record says whose it is.
        let slot = if choices.may_move() && message.fence != Fence::NONE {
            self.table.load_slot(message.key()).await?
        } else {
            None
        };
        let order = choices.in_order(slot.as_ref(), message.stamp());
        let mut health = self.health_of(order.iter().take(1), now).await?;
        if order.first().is_some_and(|first| health.may_call(first, now) != MayCall::Yes) {
            health = self.health_of(&order, now).await?;
        }
        let Some(choice) = health.pick(&order, now).cloned() else { return Ok(first_choice(stage)) };
        match health.first_callable(&order, now) {
            MayCall::NotBefore(until) => Ok(later(message, choice, until, now)),
            MayCall::Probe { since } => self.probe(message, choice, since, delivery, now).await,
            MayCall::Yes => match self.budgets.get(&choice.provider) {
                Some(budget) => self.take_turn(choice, budget, message, delivery, now).await,
                None => Ok(Admission::Draw(Pass { choice, probe: None })),
            },
        }
    }

    /// What is known of the providers of these choices. One that is withheld from this worker counts as paused, and so do all
    /// where the catalogue cannot be used.
    pub(super) async fn health_of(
        &self,
        choices: impl IntoIterator<Item = &Choice>,
        now: Timestamp,
    ) -> Result<Health, CloudError> {
        let providers = choices.into_iter().map(|choice| &choice.provider);
        let mut health = self.caches.health.load(&self.table, providers, now).await?;
        let unusable = self.providers.configured().filter(|_| self.catalogue.is_empty());
        for provider in self.providers.withheld().chain(unusable) {
            let known = health.0.entry(ProviderId::clone(provider)).or_default();
            known.paused_until = known.paused_until.max(Some(now.plus(WHILE_WITHHELD)));
        }
        Ok(health)
    }

    /// Draws if the one probe of the breaker is ours. A probe waits for no turn: it is one call.
    async fn probe(
        &self,
        message: &SlotMessage,
        choice: Choice,
        since: Timestamp,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<Admission, CloudError> {
        let until = delivery.lease_until();
        let token = format!("{}/probe", delivery.holder);
        let (mine, breaker) = self.table.take_probe(&choice, since, until, now, &token).await?;
        let may_call = breaker.may_call(now);
        self.caches.health.learn(&choice, breaker);
        Ok(match may_call {
            _ if mine => Admission::Draw(Pass { choice, probe: Some(Probe { since, until }) }),
            // It has closed since.
            MayCall::Yes => Admission::Draw(Pass { choice, probe: None }),
            MayCall::NotBefore(at) => later(message, choice, at.min(now.plus(WHILE_PROBED)), now),
            MayCall::Probe { .. } => later(message, choice, now.plus(WHILE_PROBED), now),
        })
    }

    /// Draws if it is the message's turn in the provider's budget; one that has no turn gets the next.
    async fn take_turn(
        &self,
        choice: Choice,
        budget: Budget,
        message: &SlotMessage,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<Admission, CloudError> {
        let at = match Turn::of(message.turn, now) {
            Turn::Now => return Ok(Admission::Draw(Pass { choice, probe: None })),
            Turn::Later(at) => at,
            Turn::None => match self.caches.next_turn(&choice.provider, now) {
                Ok(at) => at,
                Err(size) => {
                    let token = format!("{}/turn", delivery.holder);
                    let turns = self.table.reserve_turns(&choice.provider, budget, size, now, &token).await?;
                    self.caches.keep_turns(&choice.provider, Lot::new(turns), now)
                }
            },
        };
        if at <= now.plus(CLOSE_ENOUGH) {
            return Ok(Admission::Draw(Pass { choice, probe: None }));
        }
        Ok(Admission::Later { choice, message: message.with_turn(Some(at)), wait: at.since(now) })
    }
}

fn first_choice(stage: &StagePlan) -> Admission {
    Admission::Draw(Pass { choice: stage.choices().first(), probe: None })
}

/// Comes again when the provider may be called, and not together with everybody else. A message that was sent back before
/// waits longer each time, so that a provider which is down for hours costs few messages.
fn later(message: &SlotMessage, choice: Choice, until: Timestamp, now: Timestamp) -> Admission {
    let wait = until.since(now).max(wait_of(message.sent_back));
    let spread = u64::try_from(wait.as_millis() / 4).unwrap_or(u64::MAX).max(SHORTEST_SPREAD_MS);
    let wait = wait.saturating_add(Duration::from_millis(fastrand::u64(0..=spread)));
    Admission::Later { choice, message: message.sent_back(), wait }
}
