//! After the call: what it says of its provider. In the common case, an answer from a provider of which no failure is
//! known, that is nothing, and costs nothing.
//!
//! None of it may cost the slot its image: a breaker that could not be written is written by the next failure.

use std::sync::atomic::Ordering;

use toonmill_cloud::CloudError;
use toonmill_domain::{
    FailureCode,
    health::{Breaker, Sign},
};

use super::{Pass, Worker};

impl Worker {
    /// Notes how a call ended. `token` names the call.
    pub(super) async fn note_call(&self, pass: &Pass, failed: Option<FailureCode>, token: &str) {
        let noted = match failed.map_or(Sign::Answers, Sign::of_failure) {
            Sign::Answers => self.note_answer(pass, token).await,
            Sign::Fails | Sign::Bars => match failed {
                Some(code) => self.note_failure(pass, code, token).await,
                None => Ok(()),
            },
            Sign::Nothing => Ok(()),
        };
        or_warn(pass, noted);
    }

    /// Gives back a probe by which nothing was learnt.
    pub(super) async fn release(&self, pass: &Pass, token: &str) {
        let Some(probe) = pass.probe else { return };
        let token = format!("{token}/release");
        or_warn(pass, self.table.release_probe(&pass.choice, probe.until, &token).await);
    }

    async fn note_answer(&self, pass: &Pass, token: &str) -> Result<(), CloudError> {
        let known = self.caches.health.breaker(&pass.choice);
        // Only its probe closes an open breaker: other answers are to calls from before it opened.
        if !known.has_failures() || (known.opening.is_some() && pass.probe.is_none()) {
            return Ok(());
        }
        let probed = pass.probe.map(|probe| probe.since);
        self.table.close_breaker(&pass.choice, probed, &format!("{token}/answer")).await?;
        self.caches.health.learn(&pass.choice, Breaker::default());
        if probed.is_some() {
            tracing::info!(provider = %pass.choice.provider, model = %pass.choice.model, "a circuit breaker closed");
        }
        Ok(())
    }

    async fn note_failure(&self, pass: &Pass, code: FailureCode, token: &str) -> Result<(), CloudError> {
        let (choice, now) = (&pass.choice, self.clock.now());
        let mut breaker = self.table.count_failure(choice, now, &format!("{token}/failure")).await?;
        if let Some(opening) = breaker.after_failure(code, self.breaker_rules, now) {
            let seen = breaker.opening.as_ref();
            if self.table.open_breaker(choice, seen, &opening, &format!("{token}/open")).await? {
                self.caches.opened.fetch_add(1, Ordering::Relaxed);
                tracing::error!(provider = %choice.provider, model = %choice.model, outcome = code.as_str(),
                    failures = breaker.failures, opening = opening.number, until = opening.until.to_rfc3339(),
                    "a circuit breaker opened");
                breaker.opening = Some(opening);
            }
        }
        self.caches.health.learn(choice, breaker);
        Ok(())
    }
}

fn or_warn(pass: &Pass, noted: Result<(), CloudError>) {
    if let Err(error) = noted {
        tracing::warn!(provider = %pass.choice.provider, model = %pass.choice.model,
            error = &error as &dyn std::error::Error, "what a call says of its provider was not noted");
    }
}
