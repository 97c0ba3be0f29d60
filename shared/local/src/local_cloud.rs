//! Everything that one local cloud consists of, started in order and stopped in the reverse one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use toonmill_standins::faults::Script;
use toonmill_standins::{Running as Standins, Settings as StandinSettings, Standins as Providers};

use crate::bot;
use crate::deploy::stack::Outputs;
use crate::deploy::template::Template;
use crate::deploy::{self, Account, Settings, package};
use crate::emulator::{Emulator, venv};
use crate::gateway::{Door, Gateway};
use crate::providers::{Key, Provider};
use crate::session::{Lock, Ready, State};
use crate::signals;
use crate::streaming::Streaming;
use crate::tokens::{self, SigningKey};
use crate::workspace::Workspace;

/// The stand-ins accept this key only, so a function that reads it from the wrong place is noticed.
const STANDIN_KEY: &str = "stand-in-key";

/// How long a message stays away that was received when all functions were busy. The template's times are for functions that
/// take minutes; those of stand-ins take seconds.
const THROTTLED_SECS: u32 = 65;

/// The binary of the function whose answers are streams.
const STREAMING: &str = "job-events";

/// The project that ID tokens of the stand-in are for.
const FIREBASE_PROJECT: &str = "toonmill-local";

/// How it is started.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) port: u16,
    /// Whether it stays when the command that started it has done its work.
    pub(crate) stays: bool,
    /// With a key the real provider draws. Without any, stand-ins of all providers do, by this script.
    pub(crate) keys: Vec<Key>,
    pub(crate) script: Script,
    /// Of the template, besides those that the local cloud sets itself.
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) log_level: String,
    /// Handed to the functions with real providers only: the stand-ins are on this machine.
    pub(crate) https_proxy: Option<String>,
    /// How many functions of all sorts may run at the same time, if that is limited.
    pub(crate) account_concurrency: Option<u32>,
}

#[derive(Debug)]
pub(crate) struct LocalCloud {
    gateway: Gateway,
    emulator: Emulator,
    standins: Option<Standins>,
    lock: Lock,
    pub(crate) state: State,
    pub(crate) ready: Ready,
}

impl LocalCloud {
    pub(crate) async fn start(workspace: &Workspace, lock: Lock, options: Options) -> Result<Self> {
        let started = Instant::now();
        let door = Door::open(options.port).await?;
        let mut state = State { pid: std::process::id(), url: door.url(), stays: options.stays, ready: None };
        lock.publish(&state)?;
        let template = Template::load(&workspace.template())?;
        eprintln!("building {} functions", template.functions.len());
        let shared = workspace.lock_shared().await?;
        // pip waits for the network while rustc works.
        let (python, built) = tokio::try_join!(venv::ensure(workspace), package::build(workspace, &template))?;
        let compiled = started.elapsed();
        eprintln!("built in {:.1} s; starting the local cloud", compiled.as_secs_f64());
        let proxy = options.https_proxy.as_deref().filter(|_| !options.keys.is_empty());
        let (emulator, packages) = tokio::try_join!(
            Emulator::start(workspace, &python, proxy, options.account_concurrency),
            package::package(workspace, &template, &built)
        )?;
        drop(shared);
        let standins = start_standins(&options).await?;
        let base_url = standins.as_ref().map(Standins::base_url);
        let settings = Settings {
            providers: accounts(options.keys, base_url.as_deref()),
            jwt_public_keys: SigningKey::load_or_make(workspace)?.public_keys(),
            jwt_signing_key: tokens::jwt_signing_key(workspace)?,
            receipt_key: tokens::receipt_key(workspace)?,
            parameters: own_parameters(&state.url, base_url.as_deref()).chain(options.parameters).collect(),
            bot: base_url.clone(),
            log_level: options.log_level,
        };
        let outputs =
            deploy::deploy(&emulator.endpoint(), &template, &packages, &settings).await.with_context(|| {
                format!("template.yaml could not be deployed (log: {})", workspace.emulator_log().display())
            })?;
        if options.account_concurrency.is_some() {
            deploy::show_messages_again_after(&emulator.endpoint(), &outputs, THROTTLED_SECS).await?;
        }
        let api = door.url();
        let streaming = start_streaming(workspace, &emulator, &outputs, &built).await?;
        let gateway = door.serve(emulator.port, outputs.get("HttpApiId")?, Some(&streaming))?;
        if let Some(standins) = &base_url {
            bot::introduce(&bot::bot(bot::TOKEN, Some(standins))?, &api, bot::SECRET).await?;
        }
        let ready = Ready { emulator_pid: emulator.pid(), endpoint: emulator.endpoint(), outputs, standins: base_url };
        state.ready = Some(ready.clone());
        lock.publish(&state)?;
        eprintln!("deployed template.yaml in {:.1} s", started.elapsed().saturating_sub(compiled).as_secs_f64());
        Ok(Self { gateway, emulator, standins, lock, state, ready })
    }

    /// Ends only when something broke.
    pub(crate) async fn broken(&mut self) -> anyhow::Error {
        self.emulator.ended().await
    }

    pub(crate) async fn stop(self, workspace: &Workspace) -> Result<()> {
        drop(self.gateway);
        self.emulator.stop().await;
        if let Some(standins) = self.standins {
            standins.shutdown().await;
        }
        workspace.wipe_data()?;
        drop(self.lock);
        Ok(())
    }
}

async fn start_standins(options: &Options) -> Result<Option<Standins>> {
    if !options.keys.is_empty() {
        return Ok(None);
    }
    let settings = StandinSettings { port: 0, api_key: Some(STANDIN_KEY.to_owned()), script: options.script.clone() };
    Ok(Some(Providers::start(settings).await?))
}

/// The function whose answers are streams.
async fn start_streaming(
    workspace: &Workspace,
    emulator: &Emulator,
    outputs: &Outputs,
    built: &BTreeMap<String, PathBuf>,
) -> Result<Streaming> {
    let program = built.get(STREAMING).with_context(|| format!("{STREAMING} is not built"))?;
    let name = outputs.get("JobEventsFunction")?;
    Streaming::of(&emulator.endpoint(), name, program.clone(), workspace.streaming_log()).await
}

fn own_parameters(url: &str, standins: Option<&str>) -> impl Iterator<Item = (String, String)> {
    [("EventsBaseUrl".to_owned(), url.to_owned())].into_iter().chain(sign_in(standins))
}

/// Who signs users in: the stand-in, where there is one.
fn sign_in(standins: Option<&str>) -> Vec<(String, String)> {
    let Some(url) = standins else { return Vec::new() };
    let certificates = format!("{url}{}", toonmill_standins::firebase::CERTIFICATES);
    let of = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![of("FirebaseProjectId", FIREBASE_PROJECT), of("FirebaseCertificatesUrl", &certificates)]
}

/// The providers that have a key: the real ones, or all of them at the stand-ins' address.
fn accounts(keys: Vec<Key>, standins: Option<&str>) -> Vec<Account> {
    let real = keys.into_iter().map(|key| Account { key, base_url: String::new() });
    let standing_in = standins.into_iter().flat_map(|url| {
        let key = |provider| Key { provider, text: STANDIN_KEY.to_owned() };
        Provider::ALL.map(|provider| Account { key: key(provider), base_url: provider.at(url) })
    });
    real.chain(standing_in).collect()
}

/// Runs `work` on a local cloud and stops it whatever happens: success, failure, Ctrl-C, or the emulator's death.
pub(crate) async fn with<T>(
    workspace: &Workspace,
    lock: Lock,
    options: Options,
    work: impl AsyncFnOnce(&State, &Ready) -> Result<T>,
) -> Result<T> {
    let mut end = pin!(signals::asked_to_end());
    let mut cloud = tokio::select! {
        cloud = Box::pin(LocalCloud::start(workspace, lock, options)) => cloud?,
        signal = &mut end => return Err(signal?),
    };
    let (state, ready) = (cloud.state.clone(), cloud.ready.clone());
    let result = tokio::select! {
        result = work(&state, &ready) => result,
        signal = end => Err(signal?),
        broken = cloud.broken() => Err(anyhow!("{broken:#} (log: {})", workspace.emulator_log().display())),
    };
    cloud.stop(workspace).await?;
    result
}
