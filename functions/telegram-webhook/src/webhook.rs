//! `POST /telegram/webhook`. Telegram sends an update again until it is answered with success, for a day: so the answer is a
//! 200 whatever the user has written, and a 500 only where what he has asked for could not be written down.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::State;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use toonmill_cloud::{CloudError, table::UpdateRecord};
use toonmill_domain::{AccountId, Delivery, DeliveryId, DeliveryKey, Sink, Tier, UserId};
use toonmill_flows::submit::{SubmitError, Submitted};
use toonmill_http_api::{Caller, Problem, ProblemKind};
use toonmill_runtime::SettingError;
use toonmill_telegram::{
    Message, Post, Request, Saying, Us,
    update::{SECRET_TOKEN_HEADER, Update, What},
};

use crate::{App, desk::Order, refusal::Refused, unread};

/// One update, as it is acted on.
pub(crate) struct Hearing<'a> {
    pub(crate) app: &'a App,
    pub(crate) update: UpdateRecord,
    pub(crate) message: &'a Message,
    pub(crate) caller: Caller,
}

/// What there is to say at once; none where a job was opened, which speaks for itself.
pub(crate) type Said = Result<Option<String>, Refused>;

pub(crate) async fn take(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<StatusCode, Problem> {
    is_telegram(&app, &headers).await?;
    let update = Update::parse(&body)
        .map_err(|error| Problem::new(ProblemKind::MalformedJson, format!("This is no update: {error}.")))?;
    let message = match update.what {
        What::Message(message) => message,
        What::Unread(unread) => {
            unread::tell(&app, UpdateRecord(update.id), &unread).await?;
            return Ok(StatusCode::OK);
        }
        What::Ignored(ignored) => {
            tracing::info!(update.id = update.id, update.kind = ignored.as_str(), "an update is ignored");
            return Ok(StatusCode::OK);
        }
    };
    let id = UpdateRecord(update.id);
    // Only the transaction decides; this spares what would be done for it.
    if app.table.knows_update(id, app.clock.now()).await? {
        tracing::info!(update.id = update.id, "an update came again");
        return Ok(StatusCode::OK);
    }
    let request = Request::of(&message, &us(&app).await?);
    if let Request::Nothing(silence) = &request {
        tracing::info!(update.id = update.id, silence = silence.as_str(), "an update asks for nothing");
        return Ok(StatusCode::OK);
    }
    let caller = caller(&app, &message).await?;
    let hearing = Hearing { app: &app, update: id, message: &message, caller };
    hearing.act(request).await?;
    Ok(StatusCode::OK)
}

/// Who calls knows the secret that the webhook was set with.
async fn is_telegram(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let secret = app.secret.get().await.map_err(|error| unavailable(&error))?;
    let given = headers.get(SECRET_TOKEN_HEADER).map(http::HeaderValue::as_bytes).unwrap_or_default();
    match secret {
        Some(secret) if verify_slices_are_equal(secret.expose().as_bytes(), given).is_ok() => Ok(()),
        _ => {
            let detail = "Only Telegram calls this, with the secret that the webhook was set with.";
            Err(Problem::new(ProblemKind::InvalidToken, detail))
        }
    }
}

pub(crate) async fn us(app: &App) -> Result<Us, Problem> {
    let bot = app.bot.get().await.map_err(|error| unavailable(&error))?;
    let id = bot.map_or(0, |bot| bot.id());
    Ok(Us { id, username: app.username.clone() })
}

fn unavailable(error: &SettingError) -> Problem {
    tracing::error!(error = error as &dyn std::error::Error, "the bot's secrets cannot be read");
    Problem::internal()
}

/// A user of Telegram has an account of his own.
async fn caller(app: &App, message: &Message) -> Result<Caller, Problem> {
    let user = UserId::of_telegram(message.user);
    let known = app.table.load_user(&user).await?;
    let tier = known.map_or(Tier::Free, |user| user.membership.tier_at(app.clock.now()));
    Ok(Caller { account: user.clone().into(), user, tier, limits: toonmill_domain::Limits::default(), key: None })
}

/// A delivery of an account's to the chat that a post is for.
pub(crate) fn delivery_of(app: &App, account: AccountId, post: &Post) -> Result<Delivery, Problem> {
    let document = serde_json::to_string(post).map_err(|_| Problem::internal())?;
    let key = DeliveryKey { account, sink: Sink::Telegram, id: DeliveryId::new(app.ids.make()) };
    Ok(Delivery::new(key, None, document, app.clock.now()))
}

/// Rings for a delivery that is written: if this is lost, the sweep rings for it.
pub(crate) async fn ring(app: &App, key: &DeliveryKey) {
    if let Err(error) = app.outbox.ring(key).await {
        tracing::warn!(delivery.id = %key.id, error = &error as &dyn std::error::Error,
            "the ring of a delivery was lost");
    }
}

impl Hearing<'_> {
    async fn act(&self, request: Request) -> Result<(), Problem> {
        let said = match self.app.counter.count_write(&self.caller).await {
            Ok(()) => self.answer_to(request).await,
            Err(problem) => Err(Refused::Problem(problem)),
        };
        let text = match said {
            Ok(None) => return Ok(()),
            Ok(Some(text)) => text,
            Err(Refused::Failed(problem)) => return Err(problem),
            Err(refused) => {
                tracing::info!(update.id = self.update.0, why = refused.name(), "a wish was refused");
                self.say(&refused.saying())
            }
        };
        self.answer(text).await
    }

    async fn answer_to(&self, request: Request) -> Said {
        match request {
            Request::Start { .. } => Ok(Some(self.say(&Saying::Greeting))),
            Request::Help => Ok(Some(self.say(&Saying::Help))),
            Request::Usage(usage) => Ok(Some(self.say(&Saying::Usage(usage)))),
            Request::Draw { prompt, pictures } => self.order(Order::draw(&prompt, pictures)).await,
            Request::Monster { description, pictures } => self.order(Order::monster(&description, pictures)).await,
            Request::Regenerate { photo, prompt, pictures } => {
                let file = self.take_in(&photo).await?;
                self.order(Order::regenerate(file, &prompt, pictures)).await
            }
            Request::Status => self.status().await.map(Some),
            Request::Cancel => self.cancel().await,
            Request::Retry => self.retry().await,
            Request::Nothing(_) => Ok(None),
        }
    }

    pub(crate) fn say(&self, saying: &Saying<'_>) -> String {
        saying.text(self.message.chat.language)
    }

    /// A delivery to the chat that asks.
    pub(crate) fn delivery(&self, post: &Post) -> Result<Delivery, Problem> {
        delivery_of(self.app, self.caller.account.clone(), post)
    }

    /// Writes down what is to be said, together with the update's id.
    async fn answer(&self, text: String) -> Result<(), Problem> {
        let delivery = self.delivery(&Post::answer(self.message.chat, self.message.id, text))?;
        let (table, now, token) = (&self.app.table, self.app.clock.now(), self.app.ids.token());
        if table.remember_update(self.update, std::slice::from_ref(&delivery), now, &token).await? {
            self.ring(&delivery.key).await;
        }
        Ok(())
    }

    pub(crate) async fn ring(&self, key: &DeliveryKey) {
        ring(self.app, key).await;
    }

    /// A job was opened, or was before by the same update.
    pub(crate) async fn opened(&self, opened: Result<Submitted, SubmitError>, post: &DeliveryKey) -> Said {
        match opened {
            Ok(Submitted::New(job) | Submitted::Before(job)) => {
                tracing::info!(update.id = self.update.0, job.id = %job, "a chat opened a job");
                self.ring(post).await;
                Ok(None)
            }
            Err(SubmitError::UpdateSeen) => Ok(None),
            Err(error) => Err(Refused::submit(error, self.app.clock.now())),
        }
    }
}

impl From<CloudError> for Refused {
    fn from(error: CloudError) -> Self {
        Self::Failed(error.into())
    }
}
