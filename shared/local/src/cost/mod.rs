//! What images cost: the calls that a job makes, which a test counts, times the prices of a table.
//!
//! `counted.json` is what the flows do over simulated storage; the contract test `what_a_job_costs_in_calls_is_what_the_cost_model_says`
//! fails when they do otherwise. Times, sizes and habits are given.

mod data;
mod report;
mod stack;

pub(crate) use report::table;
pub(crate) use stack::Stack;

use anyhow::{Context, Result};
use data::{Job, Prices};

/// Lambda gives a whole processor at this size, and of a smaller one its share:
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>.
const MB_PER_CPU: f64 = 1_769.0;
/// How long these take, storage included: milliseconds of CPU, and a handful of calls of some milliseconds.
const RECONCILE_SECONDS: f64 = 0.1;
const API_SECONDS: f64 = 0.03;
/// Of a look at a job: one consistent read of it and its stages, of under 4 KB each.
const UNITS_OF_A_LOOK: f64 = 2.0;
/// The calls of an image beside the provider's, one after the other.
const STORAGE_SECONDS: f64 = 0.06;
/// What Lambda and the function log of one invocation.
const LOG_BYTES: f64 = 1_200.0;
/// What the API's gateway logs of one request: the `AccessLogSettings` of `template.yaml`, filled in.
const ACCESS_LOG_BYTES: f64 = 400.0;
/// The lines of metrics of one job: one of itself with ten metrics, and one of the provider that drew it with three.
const METRIC_LOG_BYTES: f64 = 1_300.0;
/// Metrics of our own by their dimensions, if each is written in every hour of a month: 10 of ended jobs in each of 4 statuses, 3
/// of each of 3 providers, and those of the sweep, of breakers and of faults.
const CUSTOM_METRICS: f64 = 60.0;
/// An answer is held for 25 s at most; a caller that still waits asks again.
const LONGEST_HELD_SECONDS: f64 = 25.0;
/// Lambda asks each queue with five pollers, each of which waits 20 s for a message; a mapping with a `MaximumConcurrency` never
/// has fewer (Lambda developer guide, "Configuring scaling behavior for SQS event source mappings").
const IDLE_POLLS_PER_MINUTE: f64 = 15.0;
const MINUTES_OF_A_MONTH: f64 = 60.0 * 730.0;
/// Of an image in the table: its slot, its hash, its file and the file's row in the list, and the 100 bytes that DynamoDB
/// counts for each besides.
const RECORD_BYTES: f64 = 2_500.0;
const GB: f64 = 1_000_000_000.0;

/// What is assumed of work and users.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    pub(crate) images: f64,
    /// Of generate-image.
    pub(crate) memory_mb: f64,
    /// How long the provider takes for an image.
    pub(crate) wait_seconds: f64,
    /// Of a whole processor, for an image.
    pub(crate) cpu_seconds: f64,
    /// Images of one invocation, which wait together.
    pub(crate) batch: f64,
    /// How often a job is asked for.
    pub(crate) polls: f64,
    /// How long answers are held for a job, all of its requests together.
    pub(crate) held_seconds: f64,
    /// Of a stored image.
    pub(crate) image_bytes: f64,
    /// How often a stored image is fetched.
    pub(crate) downloads: f64,
    /// What the provider takes for one, in US dollars.
    pub(crate) provider_usd: f64,
}

/// US dollars for all the images, by who is paid.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) lambda: f64,
    /// Answers that wait for their job: a function, a look a second, and a place among those who wait.
    pub(crate) held: f64,
    pub(crate) sqs: f64,
    pub(crate) dynamodb: f64,
    pub(crate) s3: f64,
    /// A month of it, with the table's point-in-time recovery.
    pub(crate) storage: f64,
    pub(crate) api: f64,
    pub(crate) logs: f64,
    pub(crate) egress: f64,
    pub(crate) provider: f64,
}

impl Cost {
    pub(crate) fn ours(&self) -> f64 {
        self.lambda + self.held + self.sqs + self.dynamodb + self.s3 + self.storage + self.api + self.logs + self.egress
    }
}

/// US dollars for a month in which nothing is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Idle {
    pub(crate) polls: f64,
    pub(crate) alarms: f64,
    /// At most: a metric is paid for the hours in which it is written.
    pub(crate) metrics: f64,
}

/// What a stack costs that does nothing.
pub(crate) fn idle(stack: &Stack) -> Result<Idle> {
    let prices = data::prices()?;
    Ok(Idle {
        polls: stack.queues * IDLE_POLLS_PER_MINUTE * MINUTES_OF_A_MONTH * prices.sqs_request,
        alarms: stack.alarm_metrics * prices.alarm_metric_month,
        metrics: CUSTOM_METRICS * prices.custom_metric_month,
    })
}

/// The cost of the images, drawn by jobs that each have as many as one of those that were counted.
pub(crate) fn of(habits: &Habits, stack: &Stack, images_per_job: u32) -> Result<Cost> {
    let job = data::counted()?.into_iter().find(|job| job.images == images_per_job);
    let job = job.with_context(|| format!("no job of {images_per_job} images was counted"))?;
    Ok(cost(habits, stack, &job, &data::prices()?))
}

fn cost(habits: &Habits, stack: &Stack, job: &Job, prices: &Prices) -> Cost {
    let jobs = habits.images / f64::from(job.images);
    let share_of_cpu = (habits.memory_mb / MB_PER_CPU).min(1.0);
    // A batch is never larger than its job.
    let batch = habits.batch.min(f64::from(job.images));
    let invocations = habits.images / batch;
    let seconds = habits.wait_seconds + STORAGE_SECONDS + batch * habits.cpu_seconds / share_of_cpu;
    let reconciles = jobs * f64::from(job.reconciles);
    let requests = jobs * (1.0 + habits.polls);
    let gb_seconds = |mb: f64, seconds: f64| mb / 1_024.0 * seconds * prices.lambda_gb_second_arm64;
    let stored_gb = habits.images * habits.image_bytes / GB;
    let all_invocations = invocations + reconciles + requests;
    Cost {
        lambda: invocations * gb_seconds(habits.memory_mb, seconds)
            + reconciles * gb_seconds(stack.reconcile_mb, RECONCILE_SECONDS)
            + requests * gb_seconds(stack.api_mb, API_SECONDS)
            + all_invocations * prices.lambda_request,
        held: jobs
            * (gb_seconds(stack.api_mb, habits.held_seconds)
                + habits.held_seconds * UNITS_OF_A_LOOK * prices.dynamo_read_unit
                + (habits.held_seconds / LONGEST_HELD_SECONDS).ceil() * 2.0 * prices.dynamo_write_unit),
        // Lambda receives and deletes for us, a batch at a time. Messages of slots go by tens and name their account; rings
        // go alone and name none.
        sqs: (jobs * job.calls("SQS.SendMessageBatch") + 2.0 * invocations) * prices.sqs_fair_request
            + (jobs * (job.calls("SQS.") - job.calls("SQS.SendMessageBatch")) + 2.0 * reconciles) * prices.sqs_request,
        // A request is counted by a write, of reads fewer.
        dynamodb: (jobs * job.write_units + requests) * prices.dynamo_write_unit
            + (jobs * job.read_units + jobs * habits.polls * UNITS_OF_A_LOOK) * prices.dynamo_read_unit,
        s3: jobs * (job.calls("S3.Put") * prices.s3_write + job.calls("S3.Get") * prices.s3_read)
            + habits.images * habits.downloads * prices.s3_read,
        storage: stored_gb * prices.s3_gb_month
            + habits.images * RECORD_BYTES / GB * (prices.dynamo_gb_month + prices.dynamo_recovery_gb_month),
        api: requests * prices.http_api_request,
        logs: (all_invocations * LOG_BYTES + requests * ACCESS_LOG_BYTES + jobs * METRIC_LOG_BYTES) / GB
            * prices.logs_gb,
        egress: stored_gb * habits.downloads * prices.egress_gb,
        provider: habits.images * habits.provider_usd,
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::deploy::template::Template;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn stack() -> Stack {
        Stack::read(&Template::load(&root().join("template.yaml")).unwrap()).unwrap()
    }

    fn of(habits: &Habits, images_per_job: u32) -> Result<Cost> {
        super::of(habits, &stack(), images_per_job)
    }

    fn habits() -> Habits {
        Habits {
            images: 1_000.0,
            memory_mb: 128.0,
            wait_seconds: 15.0,
            cpu_seconds: 0.05,
            batch: 1.0,
            polls: 10.0,
            held_seconds: 0.0,
            image_bytes: 250_000.0,
            downloads: 1.0,
            provider_usd: 0.134,
        }
    }

    #[test]
    fn waiting_is_paid_by_the_memory_and_a_batch_shares_it() {
        let alone = of(&habits(), 150).unwrap().lambda;
        // 1,000 images of 15.8 s in an eighth of a gigabyte.
        assert!((0.026..0.029).contains(&alone), "{alone}");
        let twice = of(&Habits { memory_mb: 256.0, ..habits() }, 150).unwrap().lambda;
        assert!((1.8..2.0).contains(&(twice / alone)), "{twice}");
        let together = of(&Habits { batch: 10.0, ..habits() }, 150).unwrap().lambda;
        assert!(together < alone * 0.2, "{together}");
        // A job of one image has nobody to share with.
        let small = |batch| of(&Habits { batch, ..habits() }, 1).unwrap().lambda;
        assert!((small(10.0) - small(1.0)).abs() < 1e-12);
    }

    #[test]
    fn what_is_ours_is_small_beside_the_provider_and_every_part_is_counted() {
        let habits = Habits { held_seconds: 15.0, ..habits() };
        let cost = of(&habits, 150).unwrap();
        assert!(cost.ours() < cost.provider / 500.0, "{cost:?}");
        let parts =
            [cost.lambda, cost.held, cost.sqs, cost.dynamodb, cost.s3, cost.storage, cost.api, cost.logs, cost.egress];
        assert!(parts.iter().all(|part| *part > 0.0), "{cost:?}");
        assert!((parts.iter().sum::<f64>() - cost.ours()).abs() < 1e-12);
        assert!(of(&habits, 1).unwrap().ours() > cost.ours(), "small jobs cost more an image");
        assert!(of(&habits, 7).is_err());
    }

    #[test]
    fn sizes_are_the_templates_and_a_held_answer_costs_its_functions_memory() {
        let stack = stack();
        assert!(stack.image_mb >= 128.0 && stack.api_mb >= 128.0 && stack.reconcile_mb >= 128.0, "{stack:?}");
        let held = |stack: &Stack| super::of(&Habits { held_seconds: 15.0, ..habits() }, stack, 1).unwrap().held;
        let prices = data::prices().unwrap();
        let memory = 1_000.0 * 15.0 * stack.api_mb / 1_024.0 * prices.lambda_gb_second_arm64;
        assert!(held(&stack) > memory && held(&stack) < memory * 1.2, "{} and {memory}", held(&stack));
        let double = held(&Stack { api_mb: stack.api_mb * 2.0, ..stack });
        assert!((double - held(&stack) - memory).abs() < 1e-9);
        let idle = idle(&stack).unwrap();
        assert!(idle.polls > 0.2 && idle.alarms > 0.1 && idle.metrics > 1.0, "{idle:?}");
    }

    #[test]
    fn the_readme_shows_what_the_command_prints() {
        let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
        let printed = table(&habits(), &stack()).unwrap();
        assert!(readme.contains(&printed), "README.md should show:\n{printed}");
    }
}
