//! Hooks: one event, signed and posted to the URL that its job names, until that server has heard it.

use toonmill_domain::{Delivery, DeliveryState, Timestamp};
use toonmill_outbound::{POST_LIMITS, PostError, Reply};
use toonmill_webhooks::{Answer, Call, Next, Secrets, after, call::Try, schedule::MOST_JITTER, sign};

use crate::{DeliverError, Deliverer, Turn};

impl Deliverer {
    pub(crate) async fn call_hook(&self, held: &Delivery) -> Result<Turn, DeliverError> {
        let mut call: Call = serde_json::from_str(&held.document)?;
        let (account, now) = (&held.key.account, self.clock.now());
        if self.table.is_hook_off(account, &call.url).await? {
            return Ok(Turn::ended(DeliveryState::Disabled, held.document.clone(), None));
        }
        let Some(secrets) = self.table.load_hook_secrets(account).await? else {
            let why = Some("the account has no secret to sign with".to_owned());
            return Ok(Turn::ended(DeliveryState::Failed, held.document.clone(), why));
        };
        let secrets: Secrets = serde_json::from_str(&secrets)?;
        let headers = sign(&secrets, held.key.id.uuid(), call.body.as_bytes(), now);
        let answer = self.sender.post(&call.url, &headers.to_send(), call.body.clone(), POST_LIMITS).await;
        // One that is delivered again by hand has none, and begins a day of its own.
        let first_at = call.first_at.unwrap_or(now);
        call.first_at = Some(first_at);
        call.last = Some(tried(&answer, now));
        let jitter = fastrand::u32(0..=MOST_JITTER);
        let next = after(answer_of(&answer), held.tries, self.clock.now(), first_at, jitter);
        let document = serde_json::to_string(&call)?;
        Ok(match next {
            Next::Delivered => Turn::done(document),
            Next::Again(at) => Turn::again(document, at),
            Next::GivenUp => Turn::ended(DeliveryState::Failed, document, Some("its day is over".to_owned())),
            Next::Disabled => {
                self.table.turn_hook(account, &call.url, true, now).await?;
                Turn::ended(DeliveryState::Disabled, document, Some("its receiver wants nothing more".to_owned()))
            }
        })
    }
}

fn answer_of(answer: &Result<Reply, PostError>) -> Answer {
    match answer {
        Ok(Reply { status, retry_after }) => Answer::Status { code: *status, retry_after: *retry_after },
        Err(_) => Answer::Missing,
    }
}

fn tried(answer: &Result<Reply, PostError>, at: Timestamp) -> Try {
    match answer {
        Ok(reply) => Try { at, status: Some(reply.status), error: None },
        Err(error) => Try { at, status: None, error: Some(format!("the URL {error}")) },
    }
}
