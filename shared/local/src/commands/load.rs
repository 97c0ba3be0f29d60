//! `cargo local load`: many jobs at once, and how long each part of their way takes.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::demo::api::{Api, Job};
use super::demo::{grant, set_script};
use crate::cli::LoadArgs;
use crate::local_cloud;
use crate::pause;
use crate::session::{Ready, Session, State};
use crate::tokens::SigningKey;
use crate::workspace::Workspace;

const TOKEN_LIFE: Duration = Duration::from_hours(24);
/// A request a second from each job's client, as a page that shows it makes.
const PACE: Duration = Duration::from_secs(1);

pub(crate) async fn run(workspace: &Workspace, args: LoadArgs) -> Result<ExitCode> {
    let script = args.faults.script()?;
    let load = Load { workspace, jobs: args.jobs, images: args.images };
    let measured = match Session::open(workspace)? {
        Session::Ours(lock) => {
            let options = args.cloud.clone().options(script, false);
            local_cloud::with(workspace, lock, options, async |state, ready| load.put_on(state, ready).await).await?
        }
        Session::Running(state) => {
            ensure!(state.stays, "a demo is running (process {}): wait for it", state.pid);
            let (state, ready) = state.ready(workspace).await?;
            set_script(&ready, &script).await?;
            load.put_on(&state, &ready).await?
        }
    };
    print!("{}", measured.report());
    Ok(if measured.all_completed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Load<'a> {
    workspace: &'a Workspace,
    jobs: u32,
    /// Of each job.
    images: u32,
}

/// One job's way.
struct Way {
    accepted: Duration,
    ended: Duration,
    job: Job,
    /// From the claim to the stored object, of each image.
    images_ms: Vec<u64>,
}

struct Measured {
    ways: Vec<Way>,
    took: Duration,
    /// What the stand-ins counted, if they drew.
    standins: Option<Value>,
}

impl Load<'_> {
    async fn put_on(&self, state: &State, ready: &Ready) -> Result<Measured> {
        let key = SigningKey::load_or_make(self.workspace)?;
        let mut clients = Vec::new();
        // An account each: how many jobs one may have at a time is limited.
        for number in 0..self.jobs {
            let user = format!("load-{number}");
            grant(self.workspace, ready, &user).await?;
            clients.push(Api::new(&state.url, key.token(&user, TOKEN_LIFE)?)?);
        }
        let before = outcomes(ready).await?;
        let started = Instant::now();
        let ways = try_join_all(clients.iter().map(|api| self.go(api))).await?;
        let took = started.elapsed();
        let after = outcomes(ready).await?;
        Ok(Measured { ways, took, standins: after.map(|after| difference(&after, before.as_ref())) })
    }

    async fn go(&self, api: &Api) -> Result<Way> {
        let body = json!({ "stages": [{ "prompt": "A crowd at a crossing", "quantity": self.images }] });
        let started = Instant::now();
        let id = api.submit(&body).await?.job_id;
        let accepted = started.elapsed();
        let mut revision = 0;
        let job = loop {
            let asked = Instant::now();
            let job = api.job(&id, revision).await?;
            if job.ended() {
                break job;
            }
            revision = job.revision;
            pause(PACE.saturating_sub(asked.elapsed())).await;
        };
        let ended = started.elapsed();
        let (mut images_ms, mut cursor) = (Vec::new(), None);
        loop {
            let (page, next) = api.images(&id, cursor.as_deref()).await?;
            images_ms.extend(page.iter().map(|image| image.elapsed_ms));
            if next.is_none() {
                break;
            }
            cursor = next;
        }
        Ok(Way { accepted, ended, job, images_ms })
    }
}

impl Measured {
    fn all_completed(&self) -> bool {
        self.ways.iter().all(|way| way.job.status == "COMPLETED")
    }

    fn report(&self) -> String {
        let millis = |of: fn(&Way) -> Duration| self.ways.iter().map(|way| of(way).as_millis()).collect::<Vec<_>>();
        let images: Vec<u128> =
            self.ways.iter().flat_map(|way| way.images_ms.iter().map(|millis| u128::from(*millis))).collect();
        let stored: u64 = self.ways.iter().flat_map(|way| &way.job.stages).map(|stage| stage.stored).sum();
        let requested: u64 = self.ways.iter().map(|way| way.job.requested()).sum();
        let rounds = self.ways.iter().flat_map(|way| &way.job.stages).map(|stage| stage.round).max().unwrap_or(0);
        let hundredths = u128::from(stored) * 100_000 / self.took.as_millis().max(1);
        let mut lines = vec![
            format!(
                "{stored}/{requested} images of {} jobs in {:.1} s: {}.{:02} images a second; most rounds of a stage: {rounds}",
                self.ways.len(),
                self.took.as_secs_f64(),
                hundredths / 100,
                hundredths % 100
            ),
            line("submit to 202", millis(|way| way.accepted)),
            line("claim to stored image", images),
            line("submit to the job's end", millis(|way| way.ended)),
        ];
        lines.extend(self.standins.as_ref().map(|counted| format!("providers: {counted}")));
        lines.join("\n") + "\n"
    }
}

fn line(name: &str, mut millis: Vec<u128>) -> String {
    millis.sort_unstable();
    let (p50, p95) = (percentile(&millis, 50), percentile(&millis, 95));
    format!("{name:<24} p50 {p50:>7} ms   p95 {p95:>7} ms")
}

/// The smallest that so many per cent do not exceed.
fn percentile(sorted: &[u128], percent: usize) -> u128 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(rank).copied().unwrap_or(0)
}

/// How often the stand-ins answered what, 429 among it.
async fn outcomes(ready: &Ready) -> Result<Option<Value>> {
    let Some(url) = &ready.standins else { return Ok(None) };
    let client = reqwest::Client::builder().no_proxy().build()?;
    let told: Value = client.get(format!("{url}/_control")).send().await?.error_for_status()?.json().await?;
    Ok(Some(told.pointer("/stats/outcomes").context("the stand-ins count nothing")?.clone()))
}

fn difference(after: &Value, before: Option<&Value>) -> Value {
    let Some(counts) = after.as_object() else { return after.clone() };
    let earlier = |name: &str| before.and_then(|before| before.get(name)).and_then(Value::as_u64).unwrap_or(0);
    let now = |count: &Value| count.as_u64().unwrap_or(0);
    counts.iter().map(|(name, count)| (name.clone(), Value::from(now(count).saturating_sub(earlier(name))))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values: Vec<u128> = (1..=20).collect();
        assert_eq!((percentile(&values, 50), percentile(&values, 95), percentile(&values, 100)), (10, 19, 20));
        assert_eq!((percentile(&[7], 50), percentile(&[], 95)), (7, 0));
    }

    #[test]
    fn what_was_counted_before_is_not_counted_again() {
        let counted = difference(&json!({"image": 9, "429": 2}), Some(&json!({"image": 4})));
        assert_eq!(counted, json!({"image": 5, "429": 2}));
    }
}
