//! Transactions: sent, repeated while others touch the same items, and their refusals told apart.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, TransactWriteItem},
};
use toonmill_domain::sha256::hex_of;

use crate::{
    Conditional,
    error::CloudError,
    item::Item,
    patience::{CONFLICT_TRIES, pause},
    table::Table,
};

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

impl Table {
    /// Writes all or nothing. A repeat with the same `token` within ten minutes is one write: the SDK repeats calls whose
    /// answer was lost.
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
                    if let Some(refusals) = refusals(cancelled.cancellation_reasons.unwrap_or_default())? {
                        return Ok(Conditional::Lost(refusals));
                    }
                }
                Err(SdkError::ServiceError(service)) if service.err().is_transaction_in_progress_exception() => {}
                Err(error) => return Err(CloudError::from_sdk("TransactWriteItems", error)),
            }
        }
        Err(CloudError::conflict("TransactWriteItems"))
    }
}

/// Why a transaction was cancelled: by conditions that did not hold, or by what passes, which is none. What is wrong with the
/// transaction itself (a value of the wrong type, an item that is too large) is wrong each time, and an error.
fn refusals(reasons: Vec<CancellationReason>) -> Result<Option<Refusals>, CloudError> {
    if reasons.iter().any(|reason| reason.code() == Some(CONDITION)) {
        return Ok(Some(Refusals(reasons.into_iter().map(refusal).collect())));
    }
    if reasons.iter().any(is_passing) {
        return Ok(None);
    }
    Err(CloudError::rejected(format!("TransactWriteItems ({})", codes(&reasons))))
}

const CONDITION: &str = "ConditionalCheckFailed";

fn refusal(reason: CancellationReason) -> Option<Item> {
    (reason.code.as_deref() == Some(CONDITION)).then(|| reason.item.unwrap_or_default())
}

fn is_passing(reason: &CancellationReason) -> bool {
    matches!(reason.code(), Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded"))
}

fn codes(reasons: &[CancellationReason]) -> String {
    reasons.iter().filter_map(CancellationReason::code).collect::<Vec<_>>().join(", ")
}

/// A request token that names what is written, where every caller writes the same: 32 of the 36 characters that it
/// may have. Callers that write different things for one cause (another time, say) need a token each, or the service
/// refuses the second as a mismatch.
pub(super) fn token_of(cause: &[&str]) -> String {
    hex_of(cause.join("\0").as_bytes()).chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CloudErrorKind;

    fn cancelled(codes: &[&str]) -> Result<Option<Refusals>, CloudError> {
        refusals(codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect())
    }

    #[test]
    fn a_condition_that_fails_loses_whatever_else_was_in_the_way() {
        let refusals = cancelled(&["None", "ConditionalCheckFailed", "TransactionConflict"]).unwrap().unwrap();
        assert_eq!([0, 1, 2].map(|index| refusals.failed(index)), [false, true, false]);
    }

    #[test]
    fn what_passes_is_tried_again_and_what_is_wrong_is_rejected() {
        for passing in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
            assert!(cancelled(&["None", passing]).unwrap().is_none(), "{passing}");
        }
        for wrong in ["ValidationError", "ItemCollectionSizeLimitExceeded", "AccessDenied"] {
            let error = cancelled(&["None", wrong]).err().unwrap();
            assert_eq!((error.kind, error.is_passing()), (CloudErrorKind::Rejected, false), "{wrong}");
        }
    }
}
