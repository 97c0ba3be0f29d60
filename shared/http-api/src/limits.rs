//! How a limit is told: by the header fields of draft-ietf-httpapi-ratelimit-headers-10, and `Retry-After`.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use toonmill_domain::{Limit, limits::Window};

use crate::{Problem, ProblemKind};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    pub limit: Limit,
    pub most: u32,
    pub left: u32,
    /// When there may be more.
    pub again_in: Duration,
}

impl Allowance {
    /// Rounded up to whole seconds, and at least one: a caller that obeys must not be refused again.
    fn seconds(self) -> u64 {
        self.again_in.as_secs().saturating_add(u64::from(self.again_in.subsec_nanos() > 0)).max(1)
    }

    /// `RateLimit-Policy` and `RateLimit`.
    pub(crate) fn headers(self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let name = self.limit.name();
        let window = match self.limit.window() {
            Window::Standing => String::new(),
            Window::Sliding(length) | Window::Fixed(length) => format!(";w={}", length.as_secs()),
        };
        let policy = format!("\"{name}\";q={}{window}", self.most);
        let left = format!("\"{name}\";r={};t={}", self.left, self.seconds());
        [(POLICY, policy), (LEFT, left)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?)))
    }

    /// The answer to a request that was one too many.
    pub fn refuse(self, kind: ProblemKind, detail: impl Into<String>) -> Problem {
        let seconds = u32::try_from(self.seconds()).unwrap_or(u32::MAX);
        let problem = Problem::new(kind, detail).retry_after(seconds);
        self.headers().fold(problem, |problem, (name, value)| problem.header(name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_spelt_as_the_draft_spells_them() {
        let of = |limit, again_in| {
            let allowance = Allowance { limit, most: 60, left: 7, again_in };
            allowance.headers().map(|(_, value)| value.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let minute = of(Limit::ReadsPerMinute, Duration::from_millis(2_001));
        assert_eq!(minute, ["\"reads-per-minute\";q=60;w=60", "\"reads-per-minute\";r=7;t=3"]);
        assert_eq!(of(Limit::ActiveJobs, Duration::ZERO), ["\"active-jobs\";q=60", "\"active-jobs\";r=7;t=1"]);
    }
}
