//! `cargo local demo`: a studio's client, from the upload of an input to the last checked image.

pub(crate) mod api;
mod chaos;
pub(crate) mod download;
mod input;
mod kind;
mod report;
mod watch;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use toonmill_standins::faults::Script;

use self::api::{Api, Job};
use self::chaos::Chaos;
use self::input::Input;
use self::kind::Sample;
use super::audit::audit;
use super::invoke::invoke;
use super::verify::{self, Verified};
use crate::cli::DemoArgs;
use crate::local_cloud;
use crate::session::{Ready, Session, State};
use crate::signals;
use crate::tokens::SigningKey;
use crate::workspace::Workspace;

const TOKEN_LIFE: Duration = Duration::from_hours(24);

pub(crate) async fn run(workspace: &Workspace, args: DemoArgs) -> Result<ExitCode> {
    let started = Instant::now();
    let Some(wanted) = wanted(workspace, &args)? else { return Ok(ExitCode::SUCCESS) };
    let script = args.faults.script()?;
    let out = args.out.clone().unwrap_or_else(|| workspace.root.join("out"));
    let chaos = args.chaos.then_some(args.faults.seed);
    let demo = Demo { workspace, user: &args.user, out: &out, chaos };
    let verdict = match Session::open(workspace)? {
        Session::Ours(lock) => {
            let options = args.cloud.clone().options(script, false);
            local_cloud::with(workspace, lock, options, async |state, ready| demo.run(state, ready, wanted).await)
                .await?
        }
        Session::Running(state) => {
            ensure!(state.stays, "another demo is running (process {}): wait for it", state.pid);
            ensure!(
                args.cloud.all_parameters().is_empty(),
                "a local cloud is running already: give --concurrency, --batch-size and --parameter to its `up`"
            );
            let (state, ready) = state.ready(workspace).await?;
            set_script(&ready, &script).await?;
            demo.run(&state, &ready, wanted).await?
        }
    };
    println!("everything took {:.1} s", started.elapsed().as_secs_f64());
    println!("{}", verdict.line);
    Ok(if verdict.complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the demo is of.
#[derive(Debug)]
enum Wanted {
    Pipeline(Input),
    Kind(Sample),
}

/// None if only the kinds are asked for, which are told.
fn wanted(workspace: &Workspace, args: &DemoArgs) -> Result<Option<Wanted>> {
    if let Some(name) = &args.kind {
        ensure!(args.provider.is_none(), "a sample says itself who draws it: --provider is for pipelines");
        let events = workspace.root.join("events");
        if name == "help" {
            println!("{}", kind::names(&events)?.join("\n"));
            return Ok(None);
        }
        return Ok(Some(Wanted::Kind(Sample::load(&events, name)?)));
    }
    let events = args.events.clone().unwrap_or_else(|| workspace.event("pipeline-150.json"));
    let mut input = Input::load(&events)?;
    if let Some(wish) = args.provider {
        input.wish_for(wish);
    }
    Ok(Some(Wanted::Pipeline(input)))
}

#[derive(Debug)]
struct Verdict {
    line: String,
    complete: bool,
}

#[derive(Debug)]
struct Demo<'a> {
    workspace: &'a Workspace,
    user: &'a str,
    out: &'a Path,
    /// The seed of the chaos, if there is to be any.
    chaos: Option<u64>,
}

impl Demo<'_> {
    async fn run(&self, state: &State, ready: &Ready, wanted: Wanted) -> Result<Verdict> {
        let token = SigningKey::load_or_make(self.workspace)?.token(self.user, TOKEN_LIFE)?;
        let api = Api::new(&state.url, token)?;
        grant(self.workspace, ready, self.user).await?;
        match wanted {
            Wanted::Pipeline(input) => self.draw(&api, state, ready, input).await,
            Wanted::Kind(sample) => self.try_out(&api, sample).await,
        }
    }

    /// One endpoint, its answer, and where its pictures are.
    async fn try_out(&self, api: &Api, sample: Sample) -> Result<Verdict> {
        let name = sample.name.clone();
        let answer = sample.run(api).await?;
        let pictures = kind::save_pictures(api, &answer, &self.out.join(&name)).await?;
        println!("{}", serde_json::to_string_pretty(&kind::without_data(&answer))?);
        for path in &pictures {
            println!("picture: {}", path.display());
        }
        Ok(Verdict { line: format!("{name} answered"), complete: true })
    }

    async fn draw(&self, api: &Api, state: &State, ready: &Ready, mut input: Input) -> Result<Verdict> {
        let Self { out, .. } = self;
        let uploads = input.upload(api).await?;
        let started = Instant::now();
        let id = api.submit(&input.body).await?.job_id;
        eprintln!("job {id} is submitted ({uploads} input uploaded)");
        let (job, havoc) = self.watch_through_chaos(api, &id, ready).await?;
        let drawn = started.elapsed();
        let pictures = download::all(api, &id, out).await?;
        let count = pictures.len();
        let checked = download::check(&job, &pictures);
        let drawn_by = download::by_provider(&pictures);
        let sheet = download::contact_sheet(&job, &id, &input.prompts(), pictures, out)?;
        let receipt = receipt(api, &state.url, &id, out).await?;
        report::print(&job, drawn, &drawn_by);
        println!("{}", report::failed(&failed_attempts(ready, &id).await?));
        println!("files: {}/stage-*/, contact sheet: {}", out.display(), sheet.display());
        let complete = job.status == "COMPLETED";
        let audited = audit(ready, Some(&id)).await?;
        for line in receipt.wrong.iter().chain(&audited.violations) {
            println!("wrong: {line}");
        }
        if let Some(havoc) = havoc {
            println!("{havoc}");
        }
        println!("{}\n{}", audited.summary(), receipt.summary);
        ensure!(receipt.wrong.is_empty(), "the receipt and the pictures do not agree");
        ensure!(audited.violations.is_empty(), "the records do not agree with each other");
        if complete {
            checked?;
        }
        Ok(Verdict { line: report::verdict(&job, count), complete })
    }

    /// The ended job, and what was done to it meanwhile.
    async fn watch_through_chaos(&self, api: &Api, id: &str, ready: &Ready) -> Result<(Job, Option<String>)> {
        let Some(seed) = self.chaos else { return Ok((self.watch(api, id).await?, None)) };
        let chaos = Chaos::new(ready).await?;
        let job = tokio::select! {
            job = self.watch(api, id) => job?,
            failed = chaos.reign(seed) => match failed? {},
        };
        Ok((job, Some(chaos.report())))
    }

    /// Somebody who presses Ctrl-C wants no more pictures, wherever they are drawn.
    async fn watch(&self, api: &Api, id: &str) -> Result<Job> {
        tokio::select! {
            job = watch::until_ended(api, id) => job,
            signal = signals::asked_to_end() => {
                let signal = signal?;
                match api.cancel(id).await {
                    Ok(()) => eprintln!("job {id} is cancelled"),
                    Err(error) => eprintln!("job {id} could not be cancelled: {error:#}"),
                }
                Err(signal)
            }
        }
    }
}

/// Keeps the job's receipt and the public keys beside the pictures, and checks them as anybody can later.
async fn receipt(api: &Api, url: &str, id: &str, out: &Path) -> Result<Verified> {
    let (receipt, keys) = (api.receipt(id).await?, api.public_keys(url).await?);
    fs::write(out.join(verify::RECEIPT), &receipt)?;
    fs::write(out.join(verify::KEYS), &keys)?;
    verify::verify(&receipt, &keys, out)
}

/// How often attempts at the job's slots failed, by what they failed with, as the operator sees it.
async fn failed_attempts(ready: &Ready, id: &str) -> Result<BTreeMap<String, u64>> {
    let action = json!({ "action": "show", "jobId": id });
    let shown = invoke(ready, "OperatorFunction", serde_json::to_vec(&action)?).await?.payload;
    let stages = shown.get("stages").and_then(Value::as_array).context("the operator shows no stages")?;
    let mut all = BTreeMap::new();
    for failed in stages.iter().filter_map(|stage| stage.get("failedAttempts")?.as_object()) {
        for (outcome, count) in failed {
            *all.entry(outcome.clone()).or_insert(0) += count.as_u64().unwrap_or(0);
        }
    }
    Ok(all)
}

/// Credits come from the operator, here as in AWS. The cause makes a grant happen once.
pub(crate) async fn grant(workspace: &Workspace, ready: &Ready, user: &str) -> Result<()> {
    let path = workspace.event("operator-grant.json");
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut event: Value = serde_json::from_slice(&text)?;
    let fields = event.as_object_mut().context("a grant is an object")?;
    fields.insert("accountId".to_owned(), user.into());
    fields.insert("cause".to_owned(), cause().into());
    let answer = invoke(ready, "OperatorFunction", serde_json::to_vec(&event)?).await?;
    match answer.error {
        None => Ok(()),
        Some(error) => bail!("the operator granted no credits ({error}): {}", answer.payload),
    }
}

#[expect(clippy::disallowed_methods, reason = "a new demo is a new cause")]
fn cause() -> String {
    format!("demo-{}", uuid::Uuid::now_v7())
}

pub(crate) async fn set_script(ready: &Ready, script: &Script) -> Result<()> {
    let Some(url) = &ready.standins else {
        return Ok(());
    };
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client.put(format!("{url}/_control")).json(script).send().await?;
    ensure!(answer.status().is_success(), "the stand-in does not take the script: {}", answer.text().await?);
    Ok(())
}
