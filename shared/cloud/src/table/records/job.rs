//! The job's record.

use aws_sdk_dynamodb::types::AttributeValue;
use toonmill_domain::{ClosingReason, Credits, Epoch, Job, JobKind, JobStatus, Statistics, Stuck};

use crate::{
    error::CloudError,
    item::{Attributes, Item, Reader, flag, number, text, time},
    table::keys::{self, DueList},
};

pub(in crate::table) fn job_item(job: &Job) -> Item {
    let attributes = Attributes::default()
        .with("account", text(&job.account))
        .with("user", text(&job.user))
        .with("kind", text(job.kind.as_str()))
        .with("status", text(job.status.as_str()))
        .with("epoch", number(job.epoch.0))
        .with("version", number(job.version))
        .with_some("cancelRequested", job.cancel_requested.then(|| flag(true)))
        .with_some("stopRequested", job.stop_requested.as_ref().map(text))
        .with_some("closing", job.closing.map(|reason| text(reason.as_str())))
        .with("deadline", time(job.deadline))
        .with_some("nextCheckAt", job.next_check_at.map(time))
        .with_some("dueShard", job.next_check_at.map(|_| DueList::Open.partition_of(job.id.uuid().as_bytes())))
        .with("maxRounds", number(job.max_rounds))
        .with("hold", number(job.hold.get()))
        .with("held", number(job.held.get()))
        .with("captured", number(job.captured.get()))
        .with("released", number(job.released.get()))
        .with_some("productionId", job.production_id.as_ref().map(text))
        .with("events", number(job.events))
        .with_some("ticketKey", job.ticket_key.as_ref().map(text))
        .with_some("webhookUrl", job.webhook_url.as_ref().map(text))
        .with_some("telegramPost", job.telegram_post.map(text))
        .with("createdAt", time(job.created_at))
        .with("updatedAt", time(job.updated_at))
        .with_some("startedAt", job.started_at.map(time))
        .with_some("completedAt", job.completed_at.map(time))
        .with_some("statistics", job.statistics.as_ref().map(statistics_value));
    keys::job(job.id).with(attributes.into_item())
}

pub(in crate::table) fn read_job(item: &Item) -> Result<Job, CloudError> {
    let read = Reader::new(item, "job record");
    let credits = |name| Credits::new(read.number(name)?).ok_or_else(|| read.corrupt(name));
    Ok(Job {
        id: read.named("pk", keys::parse_job_partition)?,
        account: read.parsed("account")?,
        user: read.parsed("user")?,
        kind: read.named("kind", JobKind::parse)?,
        status: read.named("status", JobStatus::parse)?,
        epoch: Epoch(read.number("epoch")?),
        version: read.number("version")?,
        cancel_requested: read.flag("cancelRequested")?,
        stop_requested: read.opt_text("stopRequested")?.map(str::to_owned),
        closing: read.opt_named("closing", ClosingReason::of_record)?,
        deadline: read.time("deadline")?,
        next_check_at: read.opt_time("nextCheckAt")?,
        stuck: read_stuck(&read),
        max_rounds: read.number("maxRounds")?,
        hold: credits("hold")?,
        held: credits("held")?,
        captured: credits("captured")?,
        released: credits("released")?,
        production_id: read.opt_text("productionId")?.map(str::to_owned),
        // None in records of jobs that were there before they had a log.
        events: read.opt_number("events")?.unwrap_or(0),
        ticket_key: read.opt_text("ticketKey")?.map(str::to_owned),
        webhook_url: read.opt_text("webhookUrl")?.map(str::to_owned),
        telegram_post: read.opt_text("telegramPost")?.map(|_| read.parsed("telegramPost")).transpose()?,
        created_at: read.time("createdAt")?,
        updated_at: read.time("updatedAt")?,
        started_at: read.opt_time("startedAt")?,
        completed_at: read.opt_time("completedAt")?,
        statistics: read_statistics(&read),
    })
}

/// Only shown: what cannot be read of it must not be what a job is stuck for.
fn read_stuck(read: &Reader<'_>) -> Option<Stuck> {
    let since = read.opt_time("stuckSince").ok().flatten()?;
    Some(Stuck { since, times: read.opt_number("stuckTimes").ok().flatten().unwrap_or(1) })
}

/// Only shown, and derived from the slots: those that this version cannot read are none, and the job is as good as any.
fn read_statistics(read: &Reader<'_>) -> Option<Statistics> {
    let text = read.opt_text("statistics").transpose()?;
    let statistics = text.and_then(|text| serde_json::from_str(text).map_err(|_| read.corrupt("statistics")));
    let unreadable = |error: &CloudError| {
        let key = read.text("pk").unwrap_or("?");
        tracing::error!(key, error = error as &dyn std::error::Error, "the statistics of a job cannot be read");
    };
    statistics.inspect_err(unreadable).ok()
}

/// Statistics are only ever shown, so one attribute of JSON is enough.
pub(in crate::table) fn statistics_value(statistics: &Statistics) -> AttributeValue {
    text(serde_json::to_string(statistics).unwrap_or_default())
}
