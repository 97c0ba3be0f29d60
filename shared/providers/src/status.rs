//! What a status says where no structured code says more, for providers that use statuses as HTTP does.

use std::time::Duration;

use reqwest::StatusCode;
use toonmill_domain::{Failure, FailureCode};

use crate::detail::tokens;

/// The failure of this status, unless the provider's own code has named it already.
///
/// `name` is the provider's word for it. A `Retry-After` is kept where waiting is what follows.
pub(crate) fn failure(
    status: StatusCode,
    named: Option<FailureCode>,
    name: Option<&str>,
    retry_after: Option<Duration>,
) -> Failure {
    let code = named.unwrap_or(match status.as_u16() {
        402 => FailureCode::QuotaExhausted,
        429 => FailureCode::RateLimited,
        401 | 403 => FailureCode::Unauthorised,
        404 | 410 => FailureCode::ModelRetired,
        // A gateway that stopped waiting: behind it the picture may have been drawn, and calls have no idempotency key.
        504 => FailureCode::TimedOut,
        408 | 409 | 425 | 499 | 500..=599 => FailureCode::Overloaded,
        _ => FailureCode::BadRequest,
    });
    let waits = matches!(code, FailureCode::RateLimited | FailureCode::Overloaded);
    Failure::new(code).detail(tokens([Some(status.as_str()), name])).retry_after(retry_after.filter(|_| waits))
}
