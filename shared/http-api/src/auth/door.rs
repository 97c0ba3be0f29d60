//! The door of an API: who is calling, whether the key may do this, and whether it is not too often.

use std::{fmt, sync::Arc, time::Duration};

use http::{Method, request::Parts};
use toonmill_cloud::{CloudError, Table};
use toonmill_domain::{
    Limits, Membership, Scope, ServiceKey, Timestamp, limits::Rate, service_key::KEY_PREFIX, sha256::hex_of,
};
use toonmill_flows::Clock;

use super::{Caller, RequestCounter, Verifier, known::Known, tokens::Rejection};
use crate::{Problem, ProblemKind};

/// How long a service key is believed after it was looked up: so long, at most, a revoked one still opens.
pub const KEY_BELIEVED: Duration = Duration::from_secs(30);

/// Lets callers in.
#[derive(Clone)]
pub struct Door(Arc<Inner>);

struct Inner {
    verifier: Verifier,
    table: Table,
    clock: Clock,
    counter: RequestCounter,
    keys: Known<Found>,
}

#[derive(Clone)]
struct Found {
    key: ServiceKey,
    membership: Membership,
    asked_at: Timestamp,
}

impl Door {
    /// `limits` are those of callers that have none of their own.
    pub fn new(verifier: Verifier, table: Table, clock: Clock, limits: Limits) -> Self {
        let counter = RequestCounter::new(table.clone(), clock.clone(), limits);
        Self(Arc::new(Inner { verifier, table, clock, counter, keys: Known::default() }))
    }

    /// What callers are allowed that have no limits of their own.
    pub fn limits(&self) -> &Limits {
        self.0.counter.limits()
    }

    /// The caller of a request to a route, whose token this is.
    pub(super) async fn admit(&self, token: &str, parts: &Parts, route: &str) -> Result<Caller, Problem> {
        let caller = if token.starts_with(KEY_PREFIX) {
            self.by_key(token, &parts.method, route).await?
        } else {
            self.by_token(token)?
        };
        let rate = if parts.method.is_safe() { Rate::Read } else { Rate::Write };
        self.0.counter.count(&caller, rate).await?;
        Ok(caller)
    }

    fn by_token(&self, token: &str) -> Result<Caller, Rejection> {
        let bearer = self.0.verifier.verify(token)?;
        Ok(Caller {
            account: bearer.user.clone().into(),
            user: bearer.user,
            tier: bearer.membership.tier_at(self.0.clock.now()),
            limits: Limits::default(),
            key: None,
        })
    }

    async fn by_key(&self, text: &str, method: &Method, route: &str) -> Result<Caller, Problem> {
        let Found { key, membership, .. } = self.find(text).await?.ok_or(Rejection::UnknownServiceKey)?;
        let needed = scope_of(method, route);
        if needed.is_none_or(|scope| !key.scopes.contains(&scope)) {
            let detail = needed.map_or_else(
                || "No service key may do this: sign in.".to_owned(),
                |scope| format!("The key lacks the scope {}.", scope.as_str()),
            );
            return Err(Problem::new(ProblemKind::InsufficientScope, detail));
        }
        Ok(Caller {
            user: key.user,
            account: key.account,
            tier: membership.tier_at(self.0.clock.now()),
            limits: key.limits,
            key: Some(key.id),
        })
    }

    /// The key of this text, as the table has it or had it half a minute ago. What is not a key is asked for each time.
    async fn find(&self, text: &str) -> Result<Option<Found>, CloudError> {
        let (sha256, now) = (hex_of(text.as_bytes()), self.0.clock.now());
        let known = self.0.keys.get(&sha256).filter(|known| now.since(known.asked_at) < KEY_BELIEVED);
        if known.is_some() {
            return Ok(known);
        }
        let Some(key) = self.0.table.load_service_key(&sha256).await? else {
            self.0.keys.forget(&sha256);
            return Ok(None);
        };
        let user = self.0.table.load_user(&key.user).await?;
        let found = Found { key, membership: user.map(|user| user.membership).unwrap_or_default(), asked_at: now };
        self.0.keys.keep(sha256, found.clone());
        Ok(Some(found))
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Door").field(&self.0.verifier).finish()
    }
}

/// What a key needs for a request; none if no key is enough.
fn scope_of(method: &Method, route: &str) -> Option<Scope> {
    const FILES: [&str; 3] = ["/api/v1/files", "/api/v1/uploads", "/api/regenerate-image-save"];
    let (read, write) = if FILES.iter().any(|path| route.starts_with(path)) {
        (Scope::FilesRead, Some(Scope::FilesWrite))
    } else if route.starts_with("/api/v1/auth/") {
        (Scope::AccountRead, None)
    } else if route.starts_with("/api/v1/keys") || route == "/api/v1/webhooks/secret" {
        return None;
    } else {
        (Scope::JobsRead, Some(Scope::JobsWrite))
    };
    if method.is_safe() { Some(read) } else { write }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_needs_the_scope_of_what_it_does_and_makes_no_keys() {
        assert_eq!(scope_of(&Method::GET, "/api/v1/jobs/{id}"), Some(Scope::JobsRead));
        assert_eq!(scope_of(&Method::POST, "/api/generate-monster-image"), Some(Scope::JobsWrite));
        assert_eq!(scope_of(&Method::DELETE, "/api/v1/files/{id}"), Some(Scope::FilesWrite));
        assert_eq!(scope_of(&Method::GET, "/api/v1/auth/profile"), Some(Scope::AccountRead));
        for method in [Method::GET, Method::POST, Method::DELETE] {
            assert_eq!(scope_of(&method, "/api/v1/keys/{id}"), None);
        }
    }
}
