//! What a chat asks of the user's jobs: how they stand, no more of one, and one once more.

use std::time::Duration;

use toonmill_cloud::table::Telling;
use toonmill_domain::{Credits, DeliveryKey, Job, JobStatus, RingCause, Sink};
use toonmill_flows::retry::{Again, RetryError};
use toonmill_orders::not_retried;
use toonmill_telegram::{Post, Saying, words::Listed};

use crate::{
    refusal::Refused,
    webhook::{Hearing, Said},
};

/// The newest jobs that are looked at.
const LOOKED_AT: i32 = 20;
/// Jobs that are told of at once.
const LISTED: usize = 5;
/// From now to the time when what is missing is given up.
const DEADLINE: Duration = Duration::from_hours(6);

impl Hearing<'_> {
    pub(crate) async fn status(&self) -> Result<String, Refused> {
        let mut open = Vec::new();
        for job in self.newest().await?.into_iter().filter(|job| !job.status.is_terminal()).take(LISTED) {
            let Some((job, stages)) = self.app.table.load_job(job.id).await? else { continue };
            let count = |counts: Vec<usize>| u32::try_from(counts.into_iter().sum::<usize>()).unwrap_or(u32::MAX);
            let stored = count(stages.iter().map(|stage| stage.stored.len()).collect());
            let requested = stages.iter().map(|stage| stage.quantity).fold(0, u32::saturating_add);
            open.push((self.prompt(&job).await?, job.status, stored, requested));
        }
        let account = self.app.table.load_account(&self.caller.account).await?;
        // Before the first job the sign-up grant is still to come, though an operator may have opened the account.
        let to_come = self.app.submitter.signup_grant;
        let available = account.map_or(to_come, |account| {
            let to_come = if account.signed_up { Credits::ZERO } else { to_come };
            account.balance.plus(to_come).unwrap_or(account.balance)
        });
        let listed = |(prompt, status, stored, requested): &(String, JobStatus, u32, u32)| {
            (prompt.clone(), *status, *stored, *requested)
        };
        let open: Vec<_> = open.iter().map(listed).collect();
        Ok(self.listing(&open, available))
    }

    fn listing(&self, open: &[(String, JobStatus, u32, u32)], available: Credits) -> String {
        let jobs: Vec<_> = open
            .iter()
            .map(|(prompt, status, stored, requested)| Listed {
                prompt,
                status: *status,
                stored: *stored,
                requested: *requested,
            })
            .collect();
        self.say(&Saying::Status { jobs: &jobs, available })
    }

    /// Asks for the newest unfinished job to be cancelled.
    pub(crate) async fn cancel(&self) -> Said {
        let unfinished =
            self.newest().await?.into_iter().find(|job| !job.status.is_terminal() && !job.cancel_requested);
        let job = unfinished.ok_or(Refused::NothingToCancel)?;
        let prompt = self.prompt(&job).await?;
        let text = self.say(&Saying::Cancelling { prompt: &prompt });
        let answer = self.delivery(&Post::answer(self.message.chat, self.message.id, text)).map_err(Refused::Failed)?;
        let (app, now, token) = (self.app, self.app.clock.now(), self.app.ids.token());
        if !app.table.cancel_for_update(&job, self.update, &answer, now, &token).await? {
            // The update came before, and no answer is written; or the job has just ended, and this one is.
            return Err(Refused::NothingToCancel);
        }
        // The sweep rings for both too, within a minute.
        if let Err(error) = app.submitter.doorbell.ring(job.id, RingCause::Cancelled).await {
            tracing::warn!(job.id = %job.id, error = &error as &dyn std::error::Error, "the ring of a cancel was lost");
        }
        self.ring(&answer.key).await;
        Ok(None)
    }

    /// Opens the newest job again that ended short, and shows it in a message of its own.
    pub(crate) async fn retry(&self) -> Said {
        self.app.desk.check_open().map_err(Refused::Failed)?;
        let short = |job: &Job| matches!(job.status, JobStatus::Partial | JobStatus::Failed | JobStatus::Cancelled);
        let job = self.newest().await?.into_iter().find(short).ok_or(Refused::NothingToRetry)?;
        let post = Post::job(self.message.chat, self.message.id, self.prompt(&job).await?, job.epoch.next().0);
        let post = self.delivery(&post).map_err(Refused::Failed)?;
        let key = post.key.clone();
        let again = Again {
            job: job.id,
            account: self.caller.account.clone(),
            deadline: DEADLINE,
            idempotency: None,
            limits: self.caller.limits.clone(),
            telling: Telling { update: Some(self.update), post: Some(post) },
        };
        match self.app.retrier.retry(&again).await {
            Ok(opened) => self.opened(Ok(opened), &key).await,
            Err(RetryError::NotOpened(error)) => self.opened(Err(error), &key).await,
            Err(error) => Err(Refused::Problem(not_retried(error, self.app.clock.now()))),
        }
    }

    /// The user's newest jobs, the newest first.
    async fn newest(&self) -> Result<Vec<Job>, Refused> {
        let table = &self.app.table;
        let rows = table.list_jobs(&self.caller.account, None, LOOKED_AT).await?;
        let ids: Vec<_> = rows.iter().map(|row| row.job).collect();
        let mut jobs = table.load_job_records(&ids).await?;
        jobs.sort_unstable_by_key(|job| std::cmp::Reverse(job.id));
        Ok(jobs)
    }

    /// What a job draws, as it was asked for in a chat.
    async fn prompt(&self, job: &Job) -> Result<String, Refused> {
        let Some(id) = job.telegram_post else { return Ok(String::new()) };
        let key = DeliveryKey { account: job.account.clone(), sink: Sink::Telegram, id };
        let post = self.app.table.load_delivery(&key).await?;
        let post = post.and_then(|delivery| serde_json::from_str::<Post>(&delivery.document).ok());
        Ok(post.as_ref().and_then(Post::prompt).unwrap_or_default().to_owned())
    }
}
