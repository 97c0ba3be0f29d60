//! A world in which there is one record of every kind at least.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use toonmill_cloud::{
    blobs::plan_key,
    queues::read_message,
    table::{File, FileState, Telling, UpdateRecord, UploadQuota},
};
use toonmill_deliver::Deliverer;
use toonmill_domain::{
    Budget, Character, CharacterId, Choice, ClosingReason, CutImageEntry, Delivery, DeliveryId, DeliveryKey, Failure,
    FailureCode, FileId, HistoryEntry, JobId, KeyId, Limits, Naming, Publication, ReconcileMessage, Scope, ServiceKey,
    SheetEntry, SignIn, Sink, StagePlan, health::Opening, limits::Rate, sha256::hex_of,
};
use toonmill_flows::submit::{IdempotencyKey, NewJob, Submitted};
use toonmill_outbound::{Ports, Sender};
use toonmill_telegram::{Chat, ChatKind, Language, Post};
use toonmill_tests::{
    Artist, Internet, Page, World, new_job, picture, stage,
    world::{IMAGES, RECONCILE},
};
use toonmill_webhooks::{Secret, Secrets};
use uuid::Uuid;

/// The server that a job of this world names, as the internet knows it.
pub(crate) const URL: &str = "hooks.example/hook";
/// Of an `Idempotency-Key`, and of a service key.
pub(crate) const KEY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

pub(crate) struct Studio {
    pub(crate) world: World,
    pub(crate) internet: Internet,
    pub(crate) deliverer: Deliverer,
    /// It has one slot stored, one that failed and waits, and others that were sent.
    pub(crate) open: JobId,
    /// Somebody has begun to close it.
    pub(crate) closing: JobId,
    /// It ended with one of its two slots missing.
    pub(crate) short: JobId,
    pub(crate) done: JobId,
    pub(crate) hero: CharacterId,
    pub(crate) upload: FileId,
    pub(crate) secrets: String,
    is_healed: Arc<AtomicBool>,
}

impl Studio {
    pub(crate) async fn open() -> Self {
        let (is_healed, drawn) = (Arc::new(AtomicBool::new(false)), AtomicU32::new(0));
        let healed = Arc::clone(&is_healed);
        let world = World::new(Artist::new(move |prompt, call| match (prompt, call) {
            ("half a page", _) if call > 1 && !healed.load(Ordering::Relaxed) => Err(Failure::new(FailureCode::Empty)),
            ("a long night", 1) => Err(Failure::new(FailureCode::Overloaded)),
            _ => Ok(picture(drawn.fetch_add(1, Ordering::Relaxed))),
        }));
        let (internet, network) = Internet::begin().await;
        internet.put(URL, Page::raw("204 No Content\r\nContent-Length: 0", b""));
        let deliverer = world.deliverer(None, Sender::new(network, Ports::default()));
        let hero = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let secrets = serde_json::to_string(&Secrets::first(Secret::new([1; 32]))).unwrap();
        let upload = FileId::new(Uuid::from_u128(7));
        let nobody = JobId::new(Uuid::from_u128(0));
        let mut studio = Self {
            world,
            internet,
            deliverer,
            open: nobody,
            closing: nobody,
            short: nobody,
            done: nobody,
            hero,
            upload,
            secrets,
            is_healed,
        };
        studio.keep_records().await;
        studio.done = studio.submit(studio.publishing()).await;
        let short = new_job("ann", vec![stage("half a page", 2)]);
        studio.short = studio.submit(NewJob { max_rounds: 2, ..short }).await;
        studio.world.run().await;
        studio.publish_a_cut().await;
        studio.closing = studio.submit(new_job("ann", vec![stage("a dull page", 2)])).await;
        studio.world.reconcile_all().await;
        studio.begin_to_close().await;
        studio.open = studio.submit(studio.told()).await;
        studio.world.queues.take(IMAGES);
        studio.world.reconcile_all().await;
        for message in studio.world.take_images().iter().take(2) {
            studio.world.draw(message).await;
        }
        studio.world.reconcile_all().await;
        studio.keep_what_passes().await;
        studio
    }

    /// What is there besides jobs.
    async fn keep_records(&self) {
        let (world, table) = (&self.world, &self.world.table);
        let (ann, now) = ("ann".parse().unwrap(), world.now());
        let user: SignIn = SignIn {
            user: "ann".parse().unwrap(),
            email: Some("ann@example.com".to_owned()),
            first_name: None,
            last_name: None,
            photo_url: None,
        };
        table.sign_in(&user, now).await.unwrap();
        let (name, description) = ("민수".to_owned(), "은빛 단발".to_owned());
        let hero = Character {
            id: self.hero,
            account: "ann".parse().unwrap(),
            name,
            description,
            project: None,
            created_at: now,
        };
        table.create_character(&hero).await.unwrap();
        table.put_hook_secrets(&ann, None, &self.secrets, "me").await.unwrap();
        table.turn_hook(&ann, "https://off.example/hook", true, now).await.unwrap();
        table.take_chat(7, Duration::from_secs(1), now).await.unwrap();
        let key = ServiceKey {
            id: KeyId::new(Uuid::from_u128(1)),
            user: "ann".parse().unwrap(),
            account: "ann".parse().unwrap(),
            name: "the studio's server".to_owned(),
            scopes: [Scope::JobsRead, Scope::FilesRead].into(),
            limits: Limits::default(),
            created_at: now,
        };
        table.create_service_key(&key, KEY_SHA256, "me").await.unwrap();
        let file = File {
            id: self.upload,
            account: "ann".parse().unwrap(),
            state: FileState::Live,
            job: None,
            object_key: "accounts/ann/uploads/7.png".to_owned(),
            mime_type: "image/png".to_owned(),
            size_bytes: 3,
            counted_bytes: Some(3),
            sha256: Some(hex_of(b"png")),
            pixels: None,
            turned: false,
            created_at: now,
            expires_at: Some(now.plus(Duration::from_hours(24))),
            saved: false,
        };
        world.blobs.put(&file.object_key, "image/png", &hex_of(b"png"), b"png".to_vec()).await.unwrap();
        table.create_upload(&file, UploadQuota { files: 9, bytes: 99 }).await.unwrap().unwrap();
    }

    /// What a minute, or an answer of a provider, would change.
    async fn keep_what_passes(&self) {
        let (table, now) = (&self.world.table, self.world.now());
        table.count_requests("ann", Rate::Read, 1, &Limits::default(), now).await.unwrap();
        let gemini = Choice { provider: "gemini".parse().unwrap(), model: "gemini-3-pro-image".parse().unwrap() };
        let budget = Budget(600.try_into().unwrap());
        table.reserve_turns(&gemini.provider, budget, 1, now, "me").await.unwrap();
        table.pause_provider(&gemini.provider, now).await.unwrap();
        // The breaker was open for a while, and somebody may try again.
        let opening = Opening { since: now, until: now, number: 1, reason: FailureCode::Overloaded, probe_until: None };
        assert!(table.open_breaker(&gemini, None, &opening, "me").await.unwrap());
    }

    async fn submit(&self, new: NewJob) -> JobId {
        match self.world.submitter.submit(new).await.unwrap() {
            Submitted::New(job) | Submitted::Before(job) => job,
        }
    }

    /// A history and a sheet.
    fn publishing(&self) -> NewJob {
        let page = |publish| StagePlan { publish: Some(publish), ..stage("a page", 1) };
        let naming = Some(Naming { folder: "cut-1/_".to_owned(), stem: "monster".to_owned() });
        let entry = HistoryEntry { cut: "cut-1".to_owned(), process: None, prompt: "늑대".to_owned() };
        let history = StagePlan { naming, temporary: true, ..page(Publication::History(entry)) };
        new_job("ann", vec![history, page(Publication::Sheet(SheetEntry { character: self.hero }))])
    }

    /// The image of a cut of a storyboard, which is the job that is done.
    async fn publish_a_cut(&self) {
        let entry = CutImageEntry {
            storyboard: self.done,
            cut: 7,
            description: "비 오는 옥상".to_owned(),
            characters: vec!["민수".to_owned()],
            unmatched_names: vec!["수진".to_owned()],
        };
        let page = StagePlan { publish: Some(Publication::CutImage(entry)), ..stage("a roof", 1) };
        self.submit(new_job("ann", vec![page])).await;
        self.world.run().await;
    }

    async fn begin_to_close(&self) {
        let (world, ann) = (&self.world, "ann".parse().unwrap());
        world.table.request_cancel(self.closing, &ann, world.now()).await.unwrap();
        let (job, _) = world.job(self.closing).await;
        let closing = world.table.begin_closing(&job, ClosingReason::Cancelled, world.now(), "me").await.unwrap();
        assert!(closing.is_some());
    }

    /// A job of which a server and a chat are told, with a key by which its request is known again.
    fn told(&self) -> NewJob {
        let chat = Chat { id: 7, kind: ChatKind::Private, thread: None, language: Language::En };
        let document = serde_json::to_string(&Post::job(chat, 1, "a long night".to_owned(), 4)).unwrap();
        let id = DeliveryId::new(self.world.submitter.ids.make());
        let key = DeliveryKey { account: "ann".parse().unwrap(), sink: Sink::Telegram, id };
        let post = Some(Delivery::new(key, None, document, self.world.now()));
        NewJob {
            webhook_url: Some(format!("https://{URL}")),
            telling: Telling { update: Some(UpdateRecord(1)), post },
            idempotency: Some(IdempotencyKey { key_sha256: KEY_SHA256.to_owned(), fingerprint: "00".repeat(32) }),
            ..new_job("ann", vec![stage("an early page", 1), stage("a long night", 3)])
        }
    }

    /// Every plan as the next release may write it.
    pub(crate) async fn rewrite_plans(&self) {
        for job in [self.open, self.closing, self.short, self.done] {
            let text = self.world.blobs.get_text(&plan_key(job), 1 << 20).await.unwrap();
            let mut plan: Value = serde_json::from_str(&text).unwrap();
            for place in ["", "/stages/0", "/stages/0/work/image"] {
                plan.pointer_mut(place).unwrap()["mood"] = json!({ "of": "the moon" });
            }
            let bytes = plan.to_string().into_bytes();
            let sha256 = hex_of(&bytes);
            self.world.blobs.put(&plan_key(job), "application/json", &sha256, bytes).await.unwrap();
        }
    }

    /// Delivers every message that waits, with a member that this version does not know, and rings for a cause that it does not
    /// know.
    pub(crate) async fn deliver_rewritten_messages(&self) {
        for queue in [RECONCILE, IMAGES] {
            for waiting in self.world.queues.take(queue) {
                let mut message: Value = serde_json::from_str(&waiting.body).unwrap();
                message["mood"] = "wistful".into();
                if queue == RECONCILE {
                    message["cause"] = "moonrise".into();
                }
                let message = message.to_string();
                if queue == RECONCILE {
                    let ring: ReconcileMessage = read_message(&message).unwrap();
                    self.world.reconciler.reconcile(ring.job, ring.cause).await.unwrap();
                } else {
                    self.world.draw(&read_message(&message).unwrap()).await;
                }
            }
        }
    }

    /// From now on every picture succeeds.
    pub(crate) fn heal(&self) {
        self.is_healed.store(true, Ordering::Relaxed);
    }

    /// Plays on until the jobs have ended, with a sweep whenever nothing waits.
    pub(crate) async fn run(&self) {
        for _ in 0..10 {
            self.world.run().await;
            self.world.wait(Duration::from_mins(11));
            let swept = self.world.sweeper.sweep().await.unwrap();
            assert_eq!(swept.unreadable, 0);
            if swept.rung == 0 {
                return;
            }
        }
        panic!("the jobs do not end");
    }
}
