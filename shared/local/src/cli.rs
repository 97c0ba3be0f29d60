//! The command line.

mod aws;

use std::path::PathBuf;

pub(crate) use aws::{CostArgs, Keys, KeysArgs, SetWebhookArgs, SmokeArgs};

use clap::{Args, Parser, Subcommand, ValueEnum};
use toonmill_standins::faults::Latency;

use crate::providers::{Key, Provider};

/// Toonmill on this machine: the same functions from the same template, in a local cloud instead of AWS.
#[derive(Debug, Parser)]
#[command(name = "cargo local", bin_name = "cargo local", disable_version_flag = true)]
pub(crate) struct Cli {
    /// Folder under target/local for state, keys, logs and data; another name is another, separate local cloud.
    #[arg(long, global = true, default_value = "cloud", hide_short_help = true)]
    pub(crate) name: String,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Build, deploy, draw 3 stages of 50 images over HTTP, and check every one of them; or try one endpoint (`--kind`).
    ///
    /// Uses a running `up`, else starts a local cloud for itself and stops it at the end. Exit status 0 only when
    /// every image that was asked for is stored, once, and its bytes are what the API says they are.
    Demo(DemoArgs),
    /// Start the local cloud and keep it running until Ctrl-C.
    ///
    /// Builds the functions, starts the emulator, deploys template.yaml through a change set and opens the HTTP API.
    Up(UpArgs),
    /// Run one function on one event and print its answer; its log lines go to standard error.
    ///
    /// The text `<token>` in an event is replaced by a fresh bearer token. Exit status 1 when the function fails.
    Invoke(InvokeArgs),
    /// Print a bearer token for the API of the local cloud, or by a key of `keys` for one in AWS.
    Token(TokenArgs),
    /// Make the keys that a stack in AWS needs: one that signs access tokens, and one that signs receipts.
    ///
    /// The private keys go into files that only you may read, as the values of two secrets; what is printed is public, with the
    /// commands that come next. A file that is there is never overwritten.
    Keys(KeysArgs),
    /// Test a deployed stack: health, sign-in, one job of one image to its end, its stream of events, its picture and its receipt.
    ///
    /// Stops at the first step that fails. Exit status 0 only when every step is well. It costs the price of one image.
    Smoke(SmokeArgs),
    /// Re-add every account's ledger in the running local cloud, by the operator's audit.
    Audit(AuditArgs),
    /// Check a receipt and the pictures that it is of, offline.
    ///
    /// Says on a line of its own each thing that is wrong: the signature, a count, a sum of credits, a picture that was
    /// changed, is missing, or is not on the receipt. Exit status 0 only when nothing is.
    Verify(VerifyArgs),
    /// Say what images cost in AWS and at the provider, by the calls that jobs make and a table of prices.
    Cost(CostArgs),
    /// Draw many jobs at once, and say how many images a second came of it and how long each part of their way took.
    ///
    /// Uses a running `up`, else starts a local cloud for itself and stops it at the end.
    Load(LoadArgs),
    /// Chat with the bot in a terminal, by a stand-in of Telegram that knows its limits and errors.
    ///
    /// Uses a running `up`, else starts a local cloud for itself and stops it at the end. Pictures are written to
    /// out/telegram/.
    Telegram(TelegramArgs),
    /// Have a real bot's updates sent to a deployed API, set its menu, and check that the API takes them.
    SetWebhook(SetWebhookArgs),
    /// Stop the local cloud that another `up` has started.
    Down,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct CloudArgs {
    /// Port of the HTTP API on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 3000)]
    pub(crate) port: u16,
    /// Image functions that may run at the same time for each provider (default: the template's).
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub(crate) concurrency: Option<u32>,
    /// Functions of all sorts that may run at the same time, like the quota of an AWS account. A message that is received when
    /// all are busy counts as received and comes back after a minute.
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub(crate) account_concurrency: Option<u32>,
    /// Image messages that one invocation gets (default: the template's).
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10))]
    pub(crate) batch_size: Option<u32>,
    /// Another parameter of template.yaml, such as `ImageTimeoutSeconds=30`; may be given several times.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// What the functions log (`RUST_LOG`).
    #[arg(long, default_value = "info")]
    pub(crate) log_level: String,
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    #[arg(long, env = "HTTPS_PROXY", hide = true, hide_env_values = true)]
    pub(crate) https_proxy: Option<String>,
}

/// With any of these the real providers draw, those that have a key and no others; without one, stand-ins of all.
#[derive(Clone, Args)]
pub(crate) struct KeyArgs {
    /// Draw with the real Gemini API and this key instead of the stand-ins.
    #[arg(long = "gemini-api-key", value_name = "KEY", env = "GEMINI_API_KEY", hide_env_values = true)]
    gemini: Option<String>,
    /// Draw with the real Seedream of BytePlus ARK and this key instead of the stand-ins.
    #[arg(long = "seedream-api-key", value_name = "KEY", env = "SEEDREAM_API_KEY", hide_env_values = true)]
    seedream: Option<String>,
    /// Draw with the real OpenAI API and this key instead of the stand-ins.
    #[arg(long = "openai-api-key", value_name = "KEY", env = "OPENAI_API_KEY", hide_env_values = true)]
    openai: Option<String>,
}

impl KeyArgs {
    pub(crate) fn given(&self) -> Vec<Key> {
        let of = |provider| match provider {
            Provider::Gemini => &self.gemini,
            Provider::Seedream => &self.seedream,
            Provider::OpenAi => &self.openai,
        };
        let given = |provider| of(provider).as_ref().filter(|key| !key.trim().is_empty());
        let keys = Provider::ALL.into_iter().filter_map(|provider| Some((provider, given(provider)?.clone())));
        keys.map(|(provider, text)| Key { provider, text }).collect()
    }
}

impl std::fmt::Debug for KeyArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.given()).finish()
    }
}

#[derive(Debug, Clone, Args)]
pub(crate) struct FaultArgs {
    /// Seconds that the stand-in takes for a picture.
    #[arg(long, default_value = "0.3-1", value_name = "SECONDS")]
    pub(crate) latency: Latency,
    /// Share of the stand-in's calls that fail as the real provider's do.
    #[arg(long, default_value_t = 0.04, value_parser = share)]
    pub(crate) failure_rate: f64,
    /// Where the stand-in's chance comes from.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// A provider whose stand-in is down: it answers every call with 503. May be given for several.
    #[arg(long, value_name = "PROVIDER", value_parser = provider)]
    pub(crate) down: Vec<Provider>,
    /// How many calls a minute each of the stand-in's models takes; those beyond are answered 429.
    #[arg(long, value_name = "CALLS")]
    pub(crate) requests_per_minute: Option<u32>,
    /// A JSON file with a script for the stand-in: fields of its control endpoint, such as `rules` that refuse a prompt.
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    #[command(flatten)]
    pub(crate) cloud: CloudArgs,
    #[command(flatten)]
    pub(crate) faults: FaultArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    pub(crate) cloud: CloudArgs,
    #[command(flatten)]
    pub(crate) faults: FaultArgs,
    /// The job: a body of POST /api/v1/jobs in which `upload:FILE` stands for the id of that file, once uploaded.
    /// Without this option it is events/pipeline-150.json.
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
    /// Instead of a job's many stages, one endpoint with its sample from events/requests/NAME.json; `help` names them all.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["events", "chaos"])]
    pub(crate) kind: Option<String>,
    /// Who draws the stages that do not say it themselves. `auto` leaves it to the API, and lets another provider take
    /// over when the first cannot be called; without this option the first keeps them.
    #[arg(long, value_name = "PROVIDER")]
    pub(crate) provider: Option<Wish>,
    /// Kill processes of the functions and double messages while the job runs.
    #[arg(long)]
    pub(crate) chaos: bool,
    /// Where the pictures go; without this option to out/.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Who asks.
    #[arg(long, default_value = "demo-studio")]
    pub(crate) user: String,
}

/// A provider, or none in particular.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wish {
    Auto,
    Gemini,
    Seedream,
    #[value(name = "openai")]
    OpenAi,
}

impl Wish {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Gemini => Provider::Gemini.name(),
            Self::Seedream => Provider::Seedream.name(),
            Self::OpenAi => Provider::OpenAi.name(),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct InvokeArgs {
    /// Folder name of the function, such as generate-image.
    pub(crate) function: String,
    /// File with the event, such as events/sweep.json; - reads standard input.
    pub(crate) event: PathBuf,
    #[command(flatten)]
    pub(crate) cloud: CloudArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// A job to be audited too: its slots, its images and its money.
    #[arg(long, value_name = "ID")]
    pub(crate) job: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// What `GET /api/v1/jobs/{id}/receipt` answered, such as out/receipt.json.
    pub(crate) receipt: PathBuf,
    /// The pictures, as a demo lays them out: stage-0/000.webp and so on.
    pub(crate) folder: PathBuf,
    /// The public keys to check the signature by: a file, or the address of the API that published them. Without this
    /// option, the file toonmill-keys.json beside the receipt.
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) keys: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct LoadArgs {
    #[command(flatten)]
    pub(crate) cloud: CloudArgs,
    #[command(flatten)]
    pub(crate) faults: FaultArgs,
    /// How many jobs, each of an account of its own.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) jobs: u32,
    /// Images of each.
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) images: u32,
}

#[derive(Debug, Args)]
pub(crate) struct TelegramArgs {
    #[command(flatten)]
    pub(crate) cloud: CloudArgs,
    #[command(flatten)]
    pub(crate) faults: FaultArgs,
    /// What to say instead of what is typed; may be given several times. Ends when each has its picture.
    #[arg(long, value_name = "TEXT")]
    pub(crate) say: Vec<String>,
    /// The number of the user who chats.
    #[arg(long, default_value_t = 1001, value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) user: i64,
    /// The language of the user's app.
    #[arg(long, default_value = "en")]
    pub(crate) language: String,
    /// Where pictures go; without this option to out/telegram/.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// Whose token.
    #[arg(long, default_value = "demo-studio")]
    pub(crate) user: String,
    /// How long it is good for.
    #[arg(long, default_value_t = 1)]
    pub(crate) hours: u32,
    /// The key to sign with, as `cargo local keys` has written it; without this option the local cloud's.
    #[arg(long, value_name = "FILE")]
    pub(crate) signing_key: Option<PathBuf>,
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a parameter is NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn provider(text: &str) -> Result<Provider, String> {
    let names = || Provider::ALL.map(Provider::name).join(", ");
    Provider::ALL.into_iter().find(|provider| provider.name() == text).ok_or_else(|| format!("one of {}", names()))
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share from 0 to 1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
