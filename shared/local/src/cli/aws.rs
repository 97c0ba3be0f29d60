//! Arguments of the commands that are about a stack in AWS.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Wish;

#[derive(Debug, Args)]
pub(crate) struct KeysArgs {
    /// Folder for the keys, outside of the repository. It is made if it is not there.
    pub(crate) folder: PathBuf,
    /// Which keys to make.
    #[arg(long, value_enum, default_value_t = Keys::All)]
    pub(crate) only: Keys,
    /// What the secrets' names begin with in the commands that are printed.
    #[arg(long, value_name = "NAME", default_value = "toonmill")]
    pub(crate) prefix: String,
    /// Print the private keys too. Without this they are in their files alone.
    #[arg(long)]
    pub(crate) show_private: bool,
}

/// What keys are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Keys {
    All,
    /// Access tokens.
    Tokens,
    Receipts,
}

#[derive(Clone, Args)]
pub(crate) struct SmokeArgs {
    /// Where the API answers: the stack's output `ApiUrl`, or the address that `cargo local up` prints.
    #[arg(long, value_name = "URL")]
    pub(crate) url: String,
    /// An access token, or a service key with the scopes jobs:read and jobs:write. Its account needs credits for one image.
    #[arg(long, visible_alias = "key", value_name = "TOKEN", env = "TOONMILL_TOKEN", hide_env_values = true)]
    pub(crate) token: String,
    /// Who draws the image; without this option the API chooses.
    #[arg(long, value_name = "PROVIDER")]
    pub(crate) provider: Option<Wish>,
    /// How long everything may take together, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(10..=3_600))]
    pub(crate) limit: u64,
    /// Print one JSON object at the end, and no lines meanwhile.
    #[arg(long)]
    pub(crate) json: bool,
}

impl std::fmt::Debug for SmokeArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmokeArgs").field("url", &self.url).finish_non_exhaustive()
    }
}

#[derive(Clone, Args)]
pub(crate) struct SetWebhookArgs {
    /// Where the API answers: the stack's output `ApiUrl`.
    pub(crate) url: String,
    /// The bot's token, as `BotFather` gave it.
    #[arg(long, env = "TELEGRAM_BOT_TOKEN", hide_env_values = true)]
    pub(crate) token: String,
    /// What the secret of the parameter `TelegramWebhookSecret` holds.
    #[arg(long, env = "TELEGRAM_WEBHOOK_SECRET", hide_env_values = true)]
    pub(crate) secret: String,
    /// Another address of the Bot API than Telegram's own.
    #[arg(long, env = "TELEGRAM_API_BASE_URL")]
    pub(crate) api_base_url: Option<String>,
}

impl std::fmt::Debug for SetWebhookArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetWebhookArgs").field("url", &self.url).finish_non_exhaustive()
    }
}

#[derive(Debug, Args)]
pub(crate) struct CostArgs {
    /// How many images.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) images: u32,
    /// Memory of generate-image, in MB (default: the template's `ImageMemory`).
    #[arg(long, value_parser = clap::value_parser!(u32).range(128..=10_240))]
    pub(crate) memory: Option<u32>,
    /// How long the provider takes for an image.
    #[arg(long, default_value = "15s", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) wait: f64,
    /// Images of one invocation, which wait together (`ImageBatchSize`).
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10))]
    pub(crate) batch: u32,
    /// CPU of an image on a whole processor: 50 ms at 1K, 165 at 2K, as `cargo bench --bench processes` finds it on x86.
    #[arg(long, default_value_t = 50)]
    pub(crate) cpu_ms: u32,
    /// How often each job is asked for.
    #[arg(long, default_value_t = 10)]
    pub(crate) polls: u32,
    /// How long answers are held for each job (`Prefer: wait`, `?wait`), all of its requests together.
    #[arg(long, default_value = "0s", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) held: f64,
    /// Size of a stored image.
    #[arg(long, default_value_t = 250)]
    pub(crate) image_kb: u32,
    /// How often each image is fetched from outside AWS.
    #[arg(long, default_value_t = 1)]
    pub(crate) downloads: u32,
    /// What the provider takes for an image, in US dollars: gemini-3-pro-image at 1K and 2K.
    #[arg(long, default_value_t = 0.134)]
    pub(crate) provider_usd: f64,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.strip_suffix('s').unwrap_or(text).parse() {
        Ok(seconds) if (0.0..=900.0).contains(&seconds) => Ok(seconds),
        _ => Err("seconds, such as 15s, and at most 900".to_owned()),
    }
}
