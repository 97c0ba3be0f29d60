//! What a caller is told when a call to AWS fails: whether trying again can help, and nothing more.

use std::error::Error;

use toonmill_cloud::{CloudError, CloudErrorKind};

use crate::{Problem, ProblemKind};

const RETRY_AFTER_SECS: u32 = 2;

impl From<CloudError> for Problem {
    /// The failure is logged here, once, with its causes; the request's span has the request id.
    fn from(error: CloudError) -> Self {
        tracing::error!(error = &error as &dyn Error, "a call to storage failed");
        match error.kind {
            CloudErrorKind::Conflict | CloudErrorKind::Throttled | CloudErrorKind::Unavailable => {
                let detail = "Storage is busy or did not answer. Nothing is lost: send the request again.";
                Self::new(ProblemKind::Unavailable, detail).retry_after(RETRY_AFTER_SECS)
            }
            CloudErrorKind::NotFound | CloudErrorKind::Rejected | CloudErrorKind::Corrupt => Self::internal(),
        }
    }
}
