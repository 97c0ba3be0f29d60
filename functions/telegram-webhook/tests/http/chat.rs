//! A chat with the bot: users, Telegram's stand-in, the webhook, the workers, and whoever delivers.

use std::time::Duration;

use aws_config::SdkConfig;
use axum::{Router, body::Body};
use http::{Request, StatusCode};
use serde_json::Value;
use telegram_webhook::{App, Rules, router};
use toonmill_cloud::queues::read_message;
use toonmill_cloud::table::UploadQuota;
use toonmill_deliver::Deliverer;
use toonmill_domain::{Job, Tier};
use toonmill_orders::Offer;
use toonmill_outbound::{Fetcher, Network, Ports, Sender};
use toonmill_plans::TextLimits;
use toonmill_providers::Catalogue;
use toonmill_runtime::{Aws, Settings, secrets::LazySecret, settings::names};
use toonmill_standins::{
    Running, Standins,
    faults::Rule,
    telegram::{Action, Entry, History, Person},
};
use toonmill_telegram::update::SECRET_TOKEN_HEADER;
use toonmill_tests::{Artist, World, world::DELIVER};
use tower::ServiceExt as _;

pub(crate) const TOKEN: &str = "123456:AAE-a-token-of-thirty-five-characters";
const SECRET: &str = "s3cr3t-Token_1";
/// The user of the recorded updates.
pub(crate) const GILDONG: i64 = 42;

pub(crate) struct Chat {
    pub(crate) world: World,
    pub(crate) telegram: Running,
    pub(crate) router: Router,
    pub(crate) deliverer: Deliverer,
    uploads: UploadQuota,
}

pub(crate) fn gildong() -> Person {
    Person::speaking(GILDONG, "ko")
}

pub(crate) fn john() -> Person {
    Person::speaking(7, "en")
}

fn settings(base_url: &str) -> Settings {
    let pairs = [
        (names::TELEGRAM_BOT_TOKEN, TOKEN),
        (names::TELEGRAM_WEBHOOK_SECRET, SECRET),
        (names::TELEGRAM_API_BASE_URL, base_url),
    ];
    Settings::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

/// The function, with a world in the place of AWS.
fn webhook(world: &World, settings: &Settings, uploads: UploadQuota) -> Router {
    let rules = Rules {
        offer: Offer {
            catalogue: Catalogue::built_in().unwrap(),
            configured: ["gemini".parse().unwrap()].into(),
            default_provider: None,
            text: TextLimits::default(),
            image_tier: Tier::Free,
            uploads,
            ports: Ports::default(),
        },
        fetcher: Fetcher::new(Network::internet().unwrap(), Ports::default()),
        secret: LazySecret::new(settings, names::TELEGRAM_WEBHOOK_SECRET, SdkConfig::builder().build()),
        bot: Aws::new(SdkConfig::builder().build()).bot(settings).unwrap(),
        username: Some("standin_123456_bot".to_owned()),
    };
    router(App::new(world.submitter.clone(), world.sweeper.outbox.clone(), rules))
}

impl Chat {
    pub(crate) async fn open(artist: Artist) -> Self {
        let telegram = Standins::start(toonmill_standins::Settings::default()).await.unwrap();
        let world = World::new(artist);
        let settings = settings(&telegram.base_url());
        let bot = Aws::new(SdkConfig::builder().build()).bot(&settings).unwrap().get().await.unwrap();
        let deliverer = world.deliverer(bot.clone(), Sender::new(Network::internet().unwrap(), Ports::default()));
        // The stand-in knows a bot once it has called.
        bot.unwrap().get_me().await.unwrap();
        let uploads = UploadQuota { files: 100, bytes: 1 << 30 };
        Self { router: webhook(&world, &settings, uploads), telegram, deliverer, world, uploads }
    }

    /// The same, where the world's rules were changed.
    pub(crate) fn reopened(self) -> Self {
        let settings = settings(&self.telegram.base_url());
        Self { router: webhook(&self.world, &settings, self.uploads), ..self }
    }

    /// The same, where a user may have so many uploads at once.
    pub(crate) fn with_uploads(self, files: u64) -> Self {
        Self { uploads: UploadQuota { files, ..self.uploads }, ..self }.reopened()
    }

    /// Somebody does something, and Telegram brings the update so often as the action says.
    pub(crate) async fn act(&self, action: Action) -> StatusCode {
        let times = action.times;
        let outcome = self.telegram.telegram().act(TOKEN, action).await.unwrap();
        let update = outcome.update.unwrap();
        let mut last = StatusCode::CONTINUE;
        for _ in 0..times {
            last = self.bring(&update).await;
        }
        last
    }

    pub(crate) async fn say(&self, who: Person, text: &str) -> StatusCode {
        self.act(Action::text(who, text)).await
    }

    /// Telegram brings an update.
    pub(crate) async fn bring(&self, update: &Value) -> StatusCode {
        self.post(&update.to_string(), Some(SECRET)).await
    }

    pub(crate) async fn post(&self, body: &str, secret: Option<&str>) -> StatusCode {
        let mut request = Request::post("/telegram/webhook").header("content-type", "application/json");
        if let Some(secret) = secret {
            request = request.header(SECRET_TOKEN_HEADER, secret);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let calls = self.world.network.acting("TelegramWebhook", self.router.clone().oneshot(request));
        calls.await.unwrap().status()
    }

    /// Everything is drawn and told until there is nothing left to do.
    pub(crate) async fn run(&self) {
        for _ in 0..1_000 {
            self.world.run().await;
            if self.world.deliver_all(&self.deliverer).await == 0 {
                return;
            }
        }
        panic!("there is always something to tell");
    }

    /// The same, with every message of a delivery brought three times.
    pub(crate) async fn run_in_triplicate(&self) {
        for _ in 0..1_000 {
            self.world.run().await;
            let waiting = self.world.queues.take(DELIVER);
            let Some(longest) = waiting.iter().map(|waiting| waiting.delay_secs).max() else { return };
            self.world.wait(Duration::from_secs(u64::try_from(longest).unwrap()));
            for waiting in &waiting {
                let message = read_message(&waiting.body).unwrap();
                for _ in 0..3 {
                    self.world.deliver(&self.deliverer, &message).await;
                }
            }
        }
        panic!("there is always something to tell");
    }

    pub(crate) fn history(&self, chat: i64) -> History {
        self.telegram.telegram().history(TOKEN, chat).unwrap()
    }

    /// What the bot shows in a chat.
    pub(crate) fn shown(&self, chat: i64) -> Vec<Entry> {
        self.history(chat).by_bot().cloned().collect()
    }

    /// What the bot says in a chat, by text or caption.
    pub(crate) fn said(&self, chat: i64) -> Vec<String> {
        self.shown(chat).iter().map(text_of).collect()
    }

    pub(crate) fn fails(&self, rule: &Value) {
        let telegram = self.telegram.telegram();
        let mut settings = telegram.settings();
        settings.script.rules.push(serde_json::from_value::<Rule>(rule.clone()).unwrap());
        telegram.set_settings(settings);
    }

    pub(crate) fn calls(&self, method: &str) -> usize {
        self.telegram.telegram().calls(TOKEN).iter().filter(|call| call.method == method).count()
    }

    /// The jobs of a user, the newest first.
    pub(crate) async fn jobs(&self, user: i64) -> Vec<Job> {
        let account = format!("telegram-{user}").parse().unwrap();
        let rows = self.world.table.list_jobs(&account, None, 100).await.unwrap();
        let ids: Vec<_> = rows.iter().map(|row| row.job).collect();
        let mut jobs = self.world.table.load_job_records(&ids).await.unwrap();
        jobs.sort_by_key(|job| std::cmp::Reverse(job.id));
        jobs
    }

    pub(crate) async fn close(self) {
        self.telegram.shutdown().await;
    }
}

pub(crate) fn text_of(entry: &Entry) -> String {
    let text = entry.message["text"].as_str().or_else(|| entry.message["caption"].as_str());
    text.unwrap_or_default().to_owned()
}

/// How many photos a message shows.
pub(crate) fn is_photo(entry: &Entry) -> bool {
    entry.message["photo"].is_array()
}
