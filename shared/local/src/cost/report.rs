//! The table that `cargo local cost` prints.

use std::fmt::Write as _;

use anyhow::Result;

use super::{Cost, Habits, data, of};

/// Both sizes of job side by side, in US dollars.
pub(crate) fn table(habits: &Habits) -> Result<String> {
    let (large, small) = (of(habits, 150)?, of(habits, 1)?);
    let prices = data::prices()?;
    let mut text = format!(
        "{} images, {} MB, {} s of waiting each, {} to an invocation; prices of {} as of {}\n\n",
        habits.images, habits.memory_mb, habits.wait_seconds, habits.batch, prices.region, prices.as_of
    );
    writeln!(text, "{:<34}{:>14}{:>14}", "US dollars", "jobs of 150", "jobs of 1")?;
    let mut line =
        |name: &str, of: fn(&Cost) -> f64| writeln!(text, "{name:<34}{:>14.4}{:>14.4}", of(&large), of(&small));
    line("Lambda", |cost| cost.lambda)?;
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
    Ok(text)
}
