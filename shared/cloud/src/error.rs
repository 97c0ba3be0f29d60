//! The few ways in which a call to AWS fails, as far as a caller can act on the difference.

use std::{error::Error, fmt};

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloudErrorKind {
    /// Two transactions touched one item: try again after a moment.
    Conflict,
    /// Too many calls: try again later.
    Throttled,
    /// No answer, or an answer of failure: the effect may have happened.
    Unavailable,
    /// What was asked for does not exist.
    NotFound,
    /// The call itself is wrong or not allowed; repeating it will not help.
    Rejected,
    /// A record or object is not what this program wrote.
    Corrupt,
}

/// A failed call, after the SDK's own retries.
#[derive(Debug)]
pub struct CloudError {
    pub kind: CloudErrorKind,
    /// What was being done, as `PutObject` or `the slot record`.
    what: String,
    /// The service's own code for it: `AccessDenied`.
    code: Option<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl CloudError {
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self { kind: CloudErrorKind::Corrupt, what: what.into(), code: None, source: None }
    }

    pub(crate) fn unavailable(what: impl Into<String>) -> Self {
        Self { kind: CloudErrorKind::Unavailable, what: what.into(), code: None, source: None }
    }

    /// A call that is wrong in itself, as `ValidationException` says of one.
    pub(crate) fn rejected(what: impl Into<String>) -> Self {
        Self { kind: CloudErrorKind::Rejected, what: what.into(), code: None, source: None }
    }

    pub(crate) fn conflict(what: impl Into<String>) -> Self {
        Self { kind: CloudErrorKind::Conflict, what: what.into(), code: None, source: None }
    }

    /// Classifies what the SDK says by structured code and status, never by words in a message.
    pub(crate) fn from_sdk<E, R>(what: &str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: fmt::Debug + Send + Sync + 'static,
    {
        let (kind, code) = match &error {
            SdkError::ConstructionFailure(_) => (CloudErrorKind::Rejected, None),
            SdkError::ServiceError(service) => {
                let code = service.err().code();
                (kind_of_code(code), code.map(str::to_owned))
            }
            // Time-outs, connections, and answers that could not be read.
            _ => (CloudErrorKind::Unavailable, None),
        };
        Self { kind, what: what.to_owned(), code, source: Some(Box::new(error)) }
    }

    /// Whether the same call may well succeed in a while: nothing is wrong with what was asked for or found.
    pub const fn is_passing(&self) -> bool {
        match self.kind {
            CloudErrorKind::Conflict | CloudErrorKind::Throttled | CloudErrorKind::Unavailable => true,
            CloudErrorKind::NotFound | CloudErrorKind::Rejected | CloudErrorKind::Corrupt => false,
        }
    }

    pub fn is_not_found(&self) -> bool {
        self.kind == CloudErrorKind::NotFound
    }
}

fn kind_of_code(code: Option<&str>) -> CloudErrorKind {
    match code {
        Some("TransactionConflictException" | "TransactionInProgressException") => CloudErrorKind::Conflict,
        Some(
            "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "ThrottlingException"
            | "Throttling"
            | "RequestThrottled"
            | "SlowDown",
        ) => CloudErrorKind::Throttled,
        Some("NoSuchKey" | "NotFound" | "NoSuchUpload") => CloudErrorKind::NotFound,
        Some("InternalServerError" | "InternalError" | "InternalFailure" | "ServiceUnavailable") | None => {
            CloudErrorKind::Unavailable
        }
        Some(_) => CloudErrorKind::Rejected,
    }
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            CloudErrorKind::Conflict => "conflicted",
            CloudErrorKind::Throttled => "was throttled",
            CloudErrorKind::Unavailable => "had no answer",
            CloudErrorKind::NotFound => "found nothing",
            CloudErrorKind::Rejected => "was rejected",
            CloudErrorKind::Corrupt => "is corrupt",
        };
        write!(f, "{} {kind}", self.what)?;
        self.code.as_ref().map_or(Ok(()), |code| write!(f, " ({code})"))
    }
}

impl Error for CloudError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
