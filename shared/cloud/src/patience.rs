//! How calls wait that meet others' writes, or are left undone in part.

use std::time::Duration;

/// Tries of a write that meets transactions under way on the same items.
pub(crate) const CONFLICT_TRIES: u32 = 8;

/// Waits before the try after so many: between 20 and 40 ms after the first, twice as long with each, between 320 and 640 ms
/// in the end. All eight tries together wait for 3 s at most.
#[expect(
    clippy::disallowed_methods,
    reason = "another transaction is over in milliseconds; a message would take longer"
)]
pub(crate) async fn pause(tries: u32) {
    let longest = 20_u64 << tries.min(5);
    tokio::time::sleep(Duration::from_millis(fastrand::u64(longest / 2..=longest))).await;
}
