//! The table that `cargo local cost` prints.

use std::fmt::Write as _;

use anyhow::Result;

use super::{Cost, Habits, Stack, data, idle, of};

/// Both sizes of job side by side, in US dollars.
pub(crate) fn table(habits: &Habits, stack: &Stack) -> Result<String> {
    let (large, small) = (of(habits, stack, 150)?, of(habits, stack, 1)?);
    let prices = data::prices()?;
    let mut text = format!(
        "{} images, {} MB, {} s of waiting each, {} to an invocation; prices of {} as of {}\n\n",
        habits.images, habits.memory_mb, habits.wait_seconds, habits.batch, prices.region, prices.as_of
    );
    writeln!(text, "{:<34}{:>14}{:>14}", "US dollars", "jobs of 150", "jobs of 1")?;
    let mut line =
        |name: &str, of: fn(&Cost) -> f64| writeln!(text, "{name:<34}{:>14.4}{:>14.4}", of(&large), of(&small));
    line("Lambda", |cost| cost.lambda)?;
    line("held answers", |cost| cost.held)?;
    line("SQS", |cost| cost.sqs)?;
    line("DynamoDB", |cost| cost.dynamodb)?;
    line("S3 requests", |cost| cost.s3)?;
    line("storage, a month", |cost| cost.storage)?;
    line("API Gateway", |cost| cost.api)?;
    line("logs", |cost| cost.logs)?;
    line("egress", |cost| cost.egress)?;
    line("all of AWS", Cost::ours)?;
    line("provider", |cost| cost.provider)?;
    line("together", |cost| cost.ours() + cost.provider)?;
    let idle = idle(stack)?;
    writeln!(
        text,
        "\na month of a stack that draws nothing: {:.2} for polls of its queues, {:.2} for alarms, and up to {:.2} for metrics",
        idle.polls, idle.alarms, idle.metrics
    )?;
    let waiting = of(&Habits { images: 1_000.0, held_seconds: habits.wait_seconds, ..habits.clone() }, stack, 1)?;
    writeln!(text, "1,000 answers that are held for {} s each: {:.4}", habits.wait_seconds, waiting.held)?;
    Ok(text)
}
