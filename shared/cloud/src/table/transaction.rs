//! Transactions: sent, repeated while others touch the same items, and their refusals told apart.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, TransactWriteItem},
};
use toonmill_domain::sha256::hex_of;

use crate::{Conditional, error::CloudError, item::Item, table::Table};

/// Why one item's part of a transaction did not hold, in the order of the items; none where it did.
pub(super) struct Refusals(Vec<Option<Item>>);

impl Refusals {
    /// Whether the condition of the item at this place failed.
    pub(super) fn failed(&self, index: usize) -> bool {
        self.0.get(index).is_some_and(Option::is_some)
    }

    /// What the item at this place was when its condition failed. Empty if there was none.
    pub(super) fn old(&self, index: usize) -> Option<&Item> {
        self.0.get(index).and_then(Option::as_ref).filter(|item| !item.is_empty())
    }
}

/// Tries while other transactions are under way on the same items.
const CONFLICT_TRIES: u32 = 8;

impl Table {
    /// Writes all or nothing. `token` names the cause: a repeat of the same call within ten minutes is one write.
    pub(super) async fn transact(
        &self,
        items: Vec<TransactWriteItem>,
        token: &str,
    ) -> Result<Conditional<(), Refusals>, CloudError> {
        for conflicts in 0..CONFLICT_TRIES {
            if conflicts > 0 {
                pause(conflicts).await;
            }
            let answer = self
                .client
                .transact_write_items()
                .set_transact_items(Some(items.clone()))
                .client_request_token(token)
                .send()
                .await;
            match answer {
                Ok(_) => return Ok(Conditional::Won(())),
                Err(SdkError::ServiceError(service)) if service.err().is_transaction_canceled_exception() => {
                    let TransactWriteItemsError::TransactionCanceledException(cancelled) = service.into_err() else {
                        return Err(CloudError::corrupt("TransactWriteItems"));
                    };
                    let reasons = cancelled.cancellation_reasons.unwrap_or_default();
                    if reasons.iter().any(|reason| reason.code() == Some("ConditionalCheckFailed")) {
                        return Ok(Conditional::Lost(Refusals(reasons.into_iter().map(refusal).collect())));
                    }
                    if !reasons.iter().any(is_passing) {
                        return Err(CloudError::unavailable(format!("TransactWriteItems ({})", codes(&reasons))));
                    }
                }
                Err(SdkError::ServiceError(service)) if service.err().is_transaction_in_progress_exception() => {}
                Err(error) => return Err(CloudError::from_sdk("TransactWriteItems", error)),
            }
        }
        Err(CloudError::conflict("TransactWriteItems"))
    }
}

fn refusal(reason: CancellationReason) -> Option<Item> {
    (reason.code.as_deref() == Some("ConditionalCheckFailed")).then(|| reason.item.unwrap_or_default())
}

fn is_passing(reason: &CancellationReason) -> bool {
    matches!(reason.code(), Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded"))
}

fn codes(reasons: &[CancellationReason]) -> String {
    reasons.iter().filter_map(CancellationReason::code).collect::<Vec<_>>().join(", ")
}

/// The request token of a transaction, from its cause: 32 of the 36 characters that it may have. The cause names
/// whatever the transaction writes that another call for the same reason could write differently, such as the time:
/// a known token with other parameters is refused as an error of ours.
pub(super) fn token(cause: &[&str]) -> String {
    hex_of(cause.join("\0").as_bytes()).chars().take(32).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "another transaction is over in milliseconds; a message would take longer"
)]
async fn pause(conflicts: u32) {
    let longest = 20_u64 << conflicts.min(5);
    tokio::time::sleep(Duration::from_millis(fastrand::u64(longest / 2..=longest))).await;
}
