//! Chats: answers, and messages that show how a job stands until they become its picture.

mod pictures;
mod state;

use std::time::Duration;

use toonmill_domain::{Delivery, DeliveryState, Job, Stage, Timestamp};
use toonmill_telegram::{Bot, ErrorKind, Post, Saying, bot::Error, post::Content};

use crate::{DeliverError, Deliverer, Turn, back_off};

/// After so many calls in a row that Telegram failed at, a minute apart in the end, a chat is given up: some hours.
const MOST_FAILURES: u32 = 400;
/// Pauses between looks at a job that is being drawn: the first, those of its first minutes, and those of one that takes
/// long. A message is edited by ten seconds at the latest.
const FIRST_LOOK: Duration = Duration::from_secs(3);
const USUAL_LOOK: Duration = Duration::from_secs(5);
const LATER_LOOK: Duration = Duration::from_secs(10);
const LATER_AFTER: Duration = Duration::from_mins(2);

/// One turn in a chat.
struct Telling<'a> {
    deliverer: &'a Deliverer,
    bot: &'a Bot,
    held: &'a Delivery,
    post: Post,
}

/// A job as it is told of.
struct Told<'a> {
    job: &'a Job,
    stages: &'a [Stage],
    prompt: &'a str,
}

impl Deliverer {
    pub(crate) async fn tell_chat(&self, held: &Delivery) -> Result<Turn, DeliverError> {
        let bot = self.bot.as_ref().ok_or(DeliverError::NoBot)?;
        let post: Post = serde_json::from_str(&held.document)?;
        let telling = Telling { deliverer: self, bot, held, post };
        match telling.post.what.clone() {
            Content::Answer { text } => telling.answer(&text).await,
            Content::Job { prompt, epoch } => telling.job(&prompt, epoch).await,
        }
    }
}

impl Telling<'_> {
    async fn answer(mut self, text: &str) -> Result<Turn, DeliverError> {
        if let Some(wait) = self.wait().await? {
            return self.again(wait);
        }
        match self.bot.send_message(&self.post.chat, text, self.post.reply_to).await {
            Ok(message) => {
                self.post.message = Some(message);
                Ok(Turn::done(self.document()?))
            }
            Err(error) => self.failed(error).await,
        }
    }

    async fn job(self, prompt: &str, epoch: u32) -> Result<Turn, DeliverError> {
        let found = match self.held.job {
            Some(id) => self.deliverer.table.load_job(id).await?,
            None => None,
        };
        // A job that is gone has nothing to show, and one that was opened again shows itself elsewhere.
        let Some((job, stages)) = found.filter(|(job, _)| job.epoch.0 == epoch) else {
            return Ok(Turn::done(self.document()?));
        };
        if let Some(wait) = self.wait().await? {
            return self.again(wait);
        }
        let told = Told { job: &job, stages: &stages, prompt };
        if self.post.message.is_none() && !self.post.is_deleted {
            return self.begin(&told).await;
        }
        if job.status.is_terminal() { self.end(&told).await } else { self.progress(&told).await }
    }

    /// The message that becomes the picture.
    async fn begin(mut self, told: &Told<'_>) -> Result<Turn, DeliverError> {
        let started = Saying::Started { prompt: told.prompt, pictures: told.requested() };
        let text = started.text(self.post.chat.language);
        match self.bot.send_message(&self.post.chat, &text, self.post.reply_to).await {
            Ok(message) => {
                (self.post.message, self.post.said, self.post.failures) = (Some(message), Some(text), 0);
                let look = if told.job.status.is_terminal() { Duration::ZERO } else { FIRST_LOOK };
                self.again(look)
            }
            Err(error) => self.failed(error).await,
        }
    }

    async fn progress(mut self, told: &Told<'_>) -> Result<Turn, DeliverError> {
        let elapsed = told.elapsed(self.now());
        let look = if elapsed < LATER_AFTER { USUAL_LOOK } else { LATER_LOOK };
        let text = told.progress(elapsed).text(self.post.chat.language);
        let Some(message) = self.post.message.filter(|_| self.post.said.as_ref() != Some(&text)) else {
            return self.again(look);
        };
        match self.bot.edit_message_text(&self.post.chat, message, &text).await {
            Ok(()) => (self.post.said, self.post.failures) = (Some(text), 0),
            Err(error) if error.kind == ErrorKind::NotModified => self.post.said = Some(text),
            // The picture is worth more than what is said before it.
            Err(error) if error.kind == ErrorKind::BadRequest => {
                tracing::warn!(delivery.id = %self.held.key.id, error = &error as &dyn std::error::Error,
                    "a message could not be edited");
            }
            Err(error) => return self.failed(error).await,
        }
        self.again(look)
    }

    /// Says how it ended, where there is no picture to say it with.
    async fn last_words(mut self, text: String) -> Result<Turn, DeliverError> {
        let edited = match self.post.message {
            Some(message) => Some(self.bot.edit_message_text(&self.post.chat, message, &text).await),
            None => None,
        };
        let said = match edited {
            Some(edited) if !edited.as_ref().is_err_and(|error| error.kind == ErrorKind::BadRequest) => edited,
            Some(_) | None => self.bot.send_message(&self.post.chat, &text, self.post.reply_to).await.map(|sent| {
                self.post.message = Some(sent);
            }),
        };
        match said {
            Ok(()) => {}
            Err(error) if error.kind == ErrorKind::NotModified => {}
            Err(error) => return self.failed(error).await,
        }
        self.post.said = Some(text);
        Ok(Turn::done(self.document()?))
    }

    /// How long the chat is still to be left alone; none if it may be written to now, and then it is as good as done.
    async fn wait(&self) -> Result<Option<Duration>, DeliverError> {
        let (chat, now) = (&self.post.chat, self.now());
        let free_at = self.deliverer.table.take_chat(chat.id, chat.edit_interval(), now).await?;
        Ok(free_at.map(|at| at.since(now)))
    }

    /// What follows from a call that failed.
    async fn failed(mut self, error: Error) -> Result<Turn, DeliverError> {
        let pause = match error.kind {
            // A message that says so already, and one that is gone, are the callers' to know; here nothing is lost by going on.
            ErrorKind::NotModified => Duration::ZERO,
            ErrorKind::MessageGone => {
                (self.post.message, self.post.is_deleted) = (None, true);
                Duration::ZERO
            }
            ErrorKind::Migrated(id) => {
                self.post.chat.id = id;
                Duration::ZERO
            }
            ErrorKind::RetryAfter(wait) => {
                self.deliverer.table.close_chat(self.post.chat.id, self.now().plus(wait)).await?;
                wait
            }
            ErrorKind::Unavailable | ErrorKind::Lost | ErrorKind::NotSent if self.post.failures < MOST_FAILURES => {
                tracing::info!(delivery.id = %self.held.key.id, error = &error as &dyn std::error::Error, "a chat is tried again");
                self.post.failures = self.post.failures.saturating_add(1);
                back_off(self.post.failures)
            }
            ErrorKind::Unauthorized => {
                tracing::error!(error = &error as &dyn std::error::Error, "Telegram does not take the bot's token");
                back_off(6)
            }
            ErrorKind::Blocked
            | ErrorKind::TooLarge
            | ErrorKind::FileGone
            | ErrorKind::BadRequest
            | ErrorKind::Unavailable
            | ErrorKind::Lost
            | ErrorKind::NotSent => {
                let document = self.document()?;
                return Ok(Turn::ended(DeliveryState::Failed, document, Some(error.to_string())));
            }
        };
        self.again(pause)
    }

    fn again(&self, after: Duration) -> Result<Turn, DeliverError> {
        Ok(Turn::again(self.document()?, self.now().plus(after)))
    }

    fn document(&self) -> Result<String, DeliverError> {
        Ok(serde_json::to_string(&self.post)?)
    }

    fn now(&self) -> Timestamp {
        self.deliverer.clock.now()
    }
}
