//! Every problem there is: constant facts, and a page that explains it.

use http::StatusCode;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $slug:literal, $status:ident, retryable $retryable:literal, $title:literal;)*) => {
        /// What kind of problem. The slug is the end of its `type`, and with underscores its `code`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProblemKind {
            $($(#[$doc])* $name,)*
        }

        impl ProblemKind {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug),* }
            }

            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),* }
            }

            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }

            /// Whether the same request may succeed later, unchanged.
            pub const fn is_retryable(self) -> bool {
                match self { $(Self::$name => $retryable),* }
            }

            /// The page at `/problems/{slug}`.
            pub const fn page(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("pages/", $slug, ".md"))),* }
            }
        }
    };
}

kinds! {
    InvalidRequest = "invalid-request", BAD_REQUEST, retryable false, "The request is not valid";
    MalformedJson = "malformed-json", BAD_REQUEST, retryable false, "The body is not JSON";
    Unauthenticated = "unauthenticated", UNAUTHORIZED, retryable false, "A bearer token is needed";
    InvalidToken = "invalid-token", UNAUTHORIZED, retryable false, "The bearer token is not valid";
    InsufficientCredits = "insufficient-credits", PAYMENT_REQUIRED, retryable false, "Not enough credits";
    WrongUser = "wrong-user", FORBIDDEN, retryable false, "The request names another user";
    InsufficientScope = "insufficient-scope", FORBIDDEN, retryable false, "The service key may not do this";
    TierTooLow = "tier-too-low", FORBIDDEN, retryable false, "The membership does not include this";
    NotFound = "not-found", NOT_FOUND, retryable false, "Not found";
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, retryable false, "The method is not allowed here";
    JobEnded = "job-ended", CONFLICT, retryable false, "The job has ended";
    JobNotEnded = "job-not-ended", CONFLICT, retryable true, "The job has not ended";
    CannotRetry = "cannot-retry", CONFLICT, retryable false, "The job cannot be retried";
    PayloadTooLarge = "payload-too-large", PAYLOAD_TOO_LARGE, retryable false, "The body is too large";
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, retryable false, "The media type is not supported";
    IdempotencyKeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, retryable false, "The Idempotency-Key was used before";
    TooManyActiveJobs = "too-many-active-jobs", TOO_MANY_REQUESTS, retryable true, "Too many unfinished jobs";
    QuotaUsedUp = "quota-used-up", TOO_MANY_REQUESTS, retryable true, "A quota is used up";
    RateLimited = "rate-limited", TOO_MANY_REQUESTS, retryable true, "Too many requests";
    UploadQuota = "upload-quota", TOO_MANY_REQUESTS, retryable true, "Too much is uploaded";
    Internal = "internal", INTERNAL_SERVER_ERROR, retryable true, "Something failed on our side";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, retryable true, "Not available for a moment";
}

impl ProblemKind {
    pub fn code(self) -> String {
        self.slug().replace('-', "_")
    }

    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.slug() == slug)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn every_kind_has_its_page_and_every_page_its_kind() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/problem/pages");
        let pages: BTreeSet<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        let kinds: BTreeSet<_> = ProblemKind::ALL.iter().map(|kind| format!("{}.md", kind.slug()).into()).collect();
        assert_eq!(pages, kinds);
        for kind in ProblemKind::ALL {
            assert!(kind.page().starts_with(&format!("# {}\n", kind.title())), "{}", kind.slug());
            assert_eq!(ProblemKind::of_slug(kind.slug()), Some(*kind));
        }
    }
}
