//! Inspection: reads a stage's slot records and repairs what they show.

use toonmill_cloud::{CloudError, Table};
use toonmill_domain::{
    Fence, RingCause, SlotIndex, SlotState, Timestamp,
    health::MayCall,
    reconcile::{self, Repair, Slots},
};

use super::{ReconcileError, Reconciler, Visit};
use crate::context::ring_by_rule;

impl Reconciler {
    pub(super) async fn inspect(
        &self,
        visit: &Visit<'_>,
        may_call: MayCall,
        look_at: &mut Vec<Timestamp>,
    ) -> Result<usize, ReconcileError> {
        let Visit { stage, now, .. } = *visit;
        let slots = self.table.load_slots(stage.key).await?;
        let found = reconcile::inspect(stage, &slots, now);
        look_at.extend(found.lease_ends);
        let mut sent = 0_usize;
        for repair in &found.repairs {
            sent = sent.saturating_add(self.repair(visit, repair, &slots).await?);
        }
        // While nobody may be called, messages are not lost but sent back again and again.
        let held = matches!(may_call, MayCall::NotBefore(_));
        if !held && !found.resend.is_empty() && self.table.note_resend(stage, &self.ids.token()).await? {
            tracing::warn!(job.id = %stage.key.job, stage.index = stage.key.stage.0, slots = found.resend.len(),
                resends = stage.resends, "slots were not claimed in time and are sent again");
            sent = self.send(visit, stage.stamp(), &found.resend, &slots).await?.saturating_add(sent);
        }
        Ok(sent)
    }

    async fn repair(&self, visit: &Visit<'_>, repair: &Repair, slots: &Slots) -> Result<usize, ReconcileError> {
        let Visit { stage, window, now, .. } = *visit;
        match *repair {
            Repair::Reopen { slot, fence } => {
                if self.end_lease(stage, slot, fence, SlotState::Open, now).await? {
                    return self.send(visit, stage.stamp(), &[(slot, fence.next())], slots).await;
                }
            }
            Repair::Miss { slot, fence } => {
                if self.end_lease(stage, slot, fence, SlotState::Missed, now).await? {
                    let counted = self.table.count_missed(stage.key.slot(slot), stage.stamp()).await?;
                    ring_by_rule(&self.doorbell, counted.as_ref(), window, RingCause::Continue).await?;
                }
            }
            Repair::CountStored(slot) => {
                let counted = self.table.count_stored(stage.key.slot(slot)).await?;
                ring_by_rule(&self.doorbell, counted.as_ref(), window, RingCause::Continue).await?;
            }
            Repair::CountMissed(slot) => {
                let counted = self.table.count_missed(stage.key.slot(slot), stage.stamp()).await?;
                ring_by_rule(&self.doorbell, counted.as_ref(), window, RingCause::Continue).await?;
            }
        }
        Ok(0)
    }

    async fn end_lease(
        &self,
        stage: &toonmill_domain::Stage,
        slot: SlotIndex,
        seen: Fence,
        to: SlotState,
        now: Timestamp,
    ) -> Result<bool, CloudError> {
        let crash = Table::crash(stage, seen, now);
        self.table.end_lapsed_lease(stage.key.slot(slot), seen, to, &crash, now, &self.ids.token()).await
    }
}
