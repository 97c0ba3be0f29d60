//! The claim, and what a message comes to that lost it.

use std::ops::ControlFlow;

use toonmill_cloud::table::Claim;
use toonmill_domain::{RingCause, Slot, SlotMessage, Timestamp, slot::LostClaim};

use super::{Delivery, DrawError, Drawn, Lane, Pass, Worker};

impl Worker {
    /// The slot, if it is ours now; else what the message came to.
    pub(super) async fn claim(
        &self,
        message: &SlotMessage,
        pass: &Pass,
        lane: Lane<'_>,
        delivery: &Delivery,
        now: Timestamp,
        window: u32,
    ) -> Result<ControlFlow<Drawn, Slot>, DrawError> {
        let lease_until = delivery.lease_until();
        let mut claim = self.table.claim(message, &delivery.holder, lease_until, now).await?;
        if let Claim::Lost(slot) = &claim
            && slot.lost_claim(message, &delivery.holder, now) == LostClaim::NewRound
        {
            claim = self.table.claim_in_new_round(message, &delivery.holder, lease_until).await?;
        }
        let slot = match claim {
            Claim::Mine(slot) => return Ok(ControlFlow::Continue(slot)),
            Claim::Lost(slot) => slot,
        };
        Ok(match slot.lost_claim(message, &delivery.holder, now) {
            LostClaim::Mine => ControlFlow::Continue(slot),
            LostClaim::CountAgain => ControlFlow::Break(self.count(&slot, window, Drawn::CountedAgain).await?),
            LostClaim::TooEarly { until } => {
                ControlFlow::Break(self.send_back(message, lane, &pass.choice, until.since(now)).await?)
            }
            LostClaim::Lapsed => {
                self.doorbell.ring(message.job, RingCause::Lapsed).await?;
                ControlFlow::Break(Drawn::RungForLapsed)
            }
            LostClaim::Stale | LostClaim::NewRound => ControlFlow::Break(Drawn::Stale),
        })
    }
}
