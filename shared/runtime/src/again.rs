//! When a record that failed comes again.

use std::time::Duration;

use toonmill_cloud::CloudError;
use toonmill_domain::{Timestamp, message::UnreadableMessage};
use toonmill_flows::{draw::DrawError, reconcile::ReconcileError};

/// When a record that failed comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// After its queue's visibility time-out: it may fail for what it says, and then nothing is gained by haste.
    AfterTimeOut,
    /// Soon, later with each receive: storage was throttled or did not answer, which passes.
    Soon,
    /// Just after this time, before which there is nothing to do for it.
    After(Timestamp),
}

/// An error of a record, which says when the record is to come again.
pub trait ComesAgain {
    fn again(&self) -> Again;
}

/// Seconds after the first receive, the second and so on; the last of them after any later one.
const SOON: [u64; 4] = [2, 10, 60, 300];

/// How long a record stays away that failed at this receive (from 1) by what passes: 2, 10, 60 and then 300 s, and up to half
/// of that more. `jitter` is a random number in `0..=1000`: what failed together does not come back together.
pub fn soon(receives: u32, jitter: u32) -> Duration {
    let at = usize::try_from(receives.saturating_sub(1)).unwrap_or(usize::MAX).min(SOON.len().saturating_sub(1));
    let seconds = SOON.get(at).copied().unwrap_or_default();
    Duration::from_millis(seconds.saturating_mul(1_000_u64.saturating_add(u64::from(jitter.min(1_000) / 2))))
}

impl ComesAgain for CloudError {
    fn again(&self) -> Again {
        if self.is_passing() { Again::Soon } else { Again::AfterTimeOut }
    }
}

impl ComesAgain for UnreadableMessage {
    fn again(&self) -> Again {
        Again::AfterTimeOut
    }
}

impl ComesAgain for DrawError {
    fn again(&self) -> Again {
        match self {
            Self::Cloud(error) => error.again(),
            // Until then the slot may be leased, and its message would be acknowledged as a copy.
            Self::Claimed { lease_until, .. } => Again::After(*lease_until),
            Self::Unusable(_) => Again::AfterTimeOut,
        }
    }
}

impl ComesAgain for ReconcileError {
    fn again(&self) -> Again {
        match self {
            Self::Cloud(error) => error.again(),
            Self::NoQueue(_) | Self::CannotSettle { .. } => Again::AfterTimeOut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_stays_away_longer_with_each_receive_and_seven_and_a_half_minutes_at_most() {
        let shortest: Vec<_> = (1..=6).map(|receives| soon(receives, 0).as_secs()).collect();
        assert_eq!(shortest, [2, 10, 60, 300, 300, 300]);
        assert_eq!((soon(0, 0), soon(1, 1_000)), (Duration::from_secs(2), Duration::from_secs(3)));
        assert_eq!(soon(u32::MAX, 1_000), Duration::from_secs(450));
    }
}
