//! The world: storage, clock, an artist, and the flows as the functions run them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use toonmill_cloud::{Blobs, Table, queues::read_message};
use toonmill_deliver::{Delivered, Deliverer};
use toonmill_domain::{
    Credits, DeliveryMessage, Job, JobId, JobStatus, Limit, Limits, Plan, ProviderId, ReconcileMessage, RingCause,
    SlotMessage, Stage, StagePlan, Timestamp, health::BreakerRules,
};
use toonmill_flows::{
    Budgets, Clock, Ids,
    audit::audit_job,
    cleanup::Cleaner,
    dead_letter::Undertaker,
    draw::{Caches, Delivery, Drawn, Effort, Worker},
    health::HealthCache,
    operate::Operator,
    reconcile::{self, Reconciler},
    retry::Retrier,
    submit::{SubmitError, Submitted, Submitter},
    sweep::Sweeper,
};
use toonmill_outbound::Sender;
use toonmill_providers::{Catalogue, Provider, Providers, Writer};
use toonmill_telegram::Bot;
use uuid::Builder;

use crate::{
    artist::Artist,
    author::Author,
    dynamo::Dynamo,
    end::End,
    network::Network,
    objects::Objects,
    orders::new_job,
    queues::{Queues, Waiting},
    sim::gate::Gate,
    storage::{Connections, Storage},
};

/// Names of the queues: deliveries, rings, the images of the usual provider, those of another one, and texts.
pub const DELIVER: &str = "deliver";
pub const RECONCILE: &str = "reconcile";
pub const IMAGES: &str = "gemini-images";
pub const IMAGES_ELSEWHERE: &str = "seedream-images";
pub const TEXTS: &str = "texts";
/// How long a worker of this world may live.
const INVOCATION: Duration = Duration::from_mins(1);

pub struct World {
    pub network: Network,
    pub queues: Queues,
    pub artist: Artist,
    pub author: Author,
    /// The client under the table, for tests that look at records themselves.
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub table: Table,
    pub blobs: Blobs,
    pub worker: Worker,
    pub reconciler: Reconciler,
    pub undertaker: Undertaker,
    pub sweeper: Sweeper,
    pub submitter: Submitter,
    pub retrier: Retrier,
    objects: Objects,
    now: Arc<AtomicI64>,
    deliveries: AtomicU64,
    connections: Connections,
    /// None in a simulation, which has audits and an end of its own.
    end: Option<End>,
}

impl World {
    pub fn new(artist: Artist) -> Self {
        let provider: Arc<dyn Provider> = Arc::new(artist.clone());
        Self::over(artist, provider, None)
    }

    /// A world whose pictures come from `provider` and whose calls wait at `gate`.
    pub(crate) fn over(artist: Artist, provider: Arc<dyn Provider>, gate: Option<Gate>) -> Self {
        let (queues, objects) = (Queues::default(), Objects::new());
        let is_simulated = gate.is_some();
        let network = Network::new(Dynamo::new(), objects.clone(), queues.clone(), gate);
        // In the year 2100, since s3s lets no signature expire that is of the future.
        let now = Arc::new(AtomicI64::new(4_102_444_800_000));
        let clock = {
            let now = Arc::clone(&now);
            Clock::new(move || Timestamp::from_millis(now.load(Ordering::Relaxed)))
        };
        let ids = ids(clock.clone());
        let connections = Connections::new(network.clone(), clock.clone(), is_simulated);
        let of = |function| connections.of(function);
        let (api, complete, image) = (of("ApiJobs"), of("Complete"), of("GenerateImage"));
        let (dead_letter, sweep) = (of("DeadLetter"), of("Sweep"));
        let Storage { table, blobs, .. } = connections.shared();
        let gemini: ProviderId = "gemini".parse().unwrap();
        let seedream: ProviderId = "seedream".parse().unwrap();
        let author = Author::plain();
        let writer: Arc<dyn Writer> = Arc::new(author.clone());
        Self {
            worker: Worker {
                table: image.table,
                blobs: image.blobs,
                doorbell: image.doorbell,
                queues: image.queues,
                providers: Providers::new([(gemini.clone(), Arc::clone(&provider)), (seedream, provider)])
                    .with_writers([(gemini, writer)]),
                catalogue: Catalogue::built_in().unwrap(),
                clock: clock.clone(),
                window: 200,
                budgets: Budgets::default(),
                breaker_rules: BreakerRules::default(),
                effort: Effort::default(),
                caches: Caches::default(),
            },
            reconciler: Reconciler {
                table: complete.table,
                doorbell: complete.doorbell,
                outbox: complete.outbox,
                queues: complete.queues,
                clock: clock.clone(),
                ids: ids.clone(),
                window: 200,
                longest_lease: INVOCATION + Duration::from_secs(10),
                budgets: Budgets::default(),
                health: Arc::new(HealthCache::new(reconcile::HEALTH_BELIEVED)),
            },
            undertaker: Undertaker {
                table: dead_letter.table,
                doorbell: dead_letter.doorbell,
                clock: clock.clone(),
                ids: ids.clone(),
            },
            sweeper: Sweeper {
                table: sweep.table,
                doorbell: sweep.doorbell,
                outbox: sweep.outbox,
                clock: clock.clone(),
            },
            retrier: Retrier {
                table: api.table.clone(),
                blobs: api.blobs.clone(),
                doorbell: api.doorbell.clone(),
                clock: clock.clone(),
                ids: ids.clone(),
                catalogue: Catalogue::built_in().unwrap(),
                limits: unhurried(),
            },
            submitter: Submitter {
                table: api.table,
                blobs: api.blobs,
                doorbell: api.doorbell,
                clock,
                ids,
                limits: unhurried(),
                signup_grant: Credits::new(1_000).unwrap(),
            },
            queues,
            artist,
            author,
            dynamodb: connections.dynamodb(),
            connections,
            end: (!is_simulated).then(|| End::new(network.clone(), table.clone(), blobs.clone())),
            network,
            table,
            blobs,
            objects,
            now,
            deliveries: AtomicU64::new(0),
        }
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::Relaxed))
    }

    pub fn wait(&self, time: Duration) {
        self.now.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }

    /// The keys of all objects.
    pub fn object_keys(&self) -> Vec<String> {
        self.objects.keys()
    }

    pub fn operator(&self) -> Operator {
        let Storage { table, blobs, doorbell, .. } = self.connections.of("Operator");
        Operator { table, blobs, doorbell, clock: self.submitter.clock.clone(), ids: self.submitter.ids.clone() }
    }

    pub fn cleaner(&self, retention: Duration) -> Cleaner {
        let Storage { table, blobs, .. } = self.connections.of("Cleanup");
        let stop_at = self.now().plus(Duration::from_mins(10));
        Cleaner { table, blobs, clock: self.submitter.clock.clone(), retention, stop_at, first_shard: 7 }
    }

    /// Carries deliveries out, by a bot and over an internet of the test's.
    pub fn deliverer(&self, bot: Option<Bot>, sender: Sender) -> Deliverer {
        let Storage { table, blobs, outbox, .. } = self.connections.of("Deliver");
        let (clock, ids) = (self.submitter.clock.clone(), self.submitter.ids.clone());
        Deliverer { table, blobs, outbox, clock, ids, bot, sender }
    }

    /// At its end a world is audited: all of its jobs and ledgers. Not this one, for this reason: something in it is wrong on
    /// purpose, say, or it is only measured.
    pub fn unaudited(&self, why: &'static str) {
        if let Some(end) = &self.end {
            end.unaudited(why);
        }
    }

    /// One message of the deliveries' queue.
    pub async fn deliver(&self, deliverer: &Deliverer, message: &DeliveryMessage) -> Delivered {
        let deadline = self.now().plus(INVOCATION);
        self.network.acting("Deliver", deliverer.deliver(message, deadline)).await.unwrap()
    }

    /// Delivers what waits to be told, once, as time passes. How many messages there were.
    pub async fn deliver_all(&self, deliverer: &Deliverer) -> usize {
        let waiting = self.queues.take(DELIVER);
        let longest = waiting.iter().map(|waiting| waiting.delay_secs).max().unwrap_or(0);
        self.wait(Duration::from_secs(u64::try_from(longest).unwrap()));
        for Waiting { body, .. } in &waiting {
            self.deliver(deliverer, &read_message(body).unwrap()).await;
        }
        waiting.len()
    }

    pub async fn try_submit(&self, account: &str, stages: Vec<StagePlan>) -> Result<Submitted, SubmitError> {
        self.submitter.submit(new_job(account, stages)).await
    }

    pub async fn submit(&self, stages: Vec<StagePlan>) -> JobId {
        match self.try_submit("ann", stages).await.unwrap() {
            Submitted::New(job) | Submitted::Before(job) => job,
        }
    }

    pub async fn job(&self, job: JobId) -> (Job, Vec<Stage>) {
        self.table.load_job(job).await.unwrap().unwrap()
    }

    pub async fn status(&self, job: JobId) -> JobStatus {
        self.job(job).await.0.status
    }

    /// A job's status by a look that is no call: for loops that count calls.
    pub fn status_of(&self, job: JobId) -> JobStatus {
        let item = self.network.dynamo().item(&format!("J#{job}"), "A").unwrap();
        JobStatus::parse(item["status"]["S"].as_str().unwrap()).unwrap()
    }

    /// One delivery of one image message.
    pub async fn draw(&self, message: &SlotMessage) -> Drawn {
        self.draw_by("GenerateImage", message).await
    }

    async fn draw_by(&self, function: &'static str, message: &SlotMessage) -> Drawn {
        let delivery = self.delivery();
        self.network.acting(function, self.worker.draw(message, &delivery)).await.unwrap()
    }

    pub fn delivery(&self) -> Delivery {
        let number = self.deliveries.fetch_add(1, Ordering::Relaxed);
        Delivery { holder: format!("delivery-{number}"), deadline: self.now().plus(INVOCATION) }
    }

    /// The image messages that wait, which are taken.
    pub fn take_images(&self) -> Vec<SlotMessage> {
        self.take(&[IMAGES, IMAGES_ELSEWHERE]).iter().map(|waiting| read_message(&waiting.body).unwrap()).collect()
    }

    fn take(&self, queues: &[&str]) -> Vec<Waiting> {
        queues.iter().flat_map(|queue| self.queues.take(queue)).collect()
    }

    /// Delivers every ring that waits, once.
    pub async fn reconcile_all(&self) {
        for Waiting { body, .. } in self.queues.take(RECONCILE) {
            let ring: ReconcileMessage = read_message(&body).unwrap();
            self.reconcile(ring.job, ring.cause).await;
        }
    }

    pub async fn ring(&self, job: JobId) {
        self.reconcile(job, RingCause::Operator).await;
    }

    async fn reconcile(&self, job: JobId, cause: RingCause) {
        self.network.acting("Complete", self.reconciler.reconcile(job, cause)).await.unwrap();
    }

    /// Delivers everything that waits until nothing does, as time passes. Nothing is lost, and nothing sweeps.
    pub async fn run(&self) {
        for _ in 0..10_000 {
            if self.queues.count(RECONCILE) > 0 {
                self.reconcile_all().await;
                continue;
            }
            let of = |function, queues: &[&str]| self.take(queues).into_iter().map(move |waiting| (function, waiting));
            let images = of("GenerateImage", &[IMAGES, IMAGES_ELSEWHERE]);
            let slots: Vec<_> = images.chain(of("GenerateText", &[TEXTS])).collect();
            let Some(longest) = slots.iter().map(|(_, waiting)| waiting.delay_secs).max() else { return };
            self.wait(Duration::from_secs(u64::try_from(longest).unwrap()));
            for (function, Waiting { body, .. }) in slots {
                self.draw_by(function, &read_message(&body).unwrap()).await;
                self.wait(Duration::from_millis(20));
            }
        }
        panic!("the job does not end");
    }

    /// Everything that must hold of a job and its account does.
    pub async fn audit(&self, job: JobId) {
        let violations = audit_job(&self.table, &self.blobs, job).await.unwrap();
        assert!(violations.is_empty(), "{}", violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        let unsafe_reads: Vec<_> =
            self.network.take_calls().into_iter().filter(|call| call.consistent == Some(false)).collect();
        assert!(unsafe_reads.is_empty(), "reads that may be stale: {unsafe_reads:?}");
    }

    pub async fn plan(&self, job: JobId) -> Plan {
        self.blobs.load_plan(job).await.unwrap()
    }
}

/// What everybody is allowed, but for how often they may ask: a world's clock stands still.
fn unhurried() -> Limits {
    let rates = [Limit::ReadsPerMinute, Limit::WritesPerMinute, Limit::WritesPerHour];
    rates.into_iter().fold(Limits::default(), |limits, rate| limits.with(rate, 1_000_000))
}

/// Ids in order, the same in every run.
fn ids(clock: Clock) -> Ids {
    let made = AtomicU64::new(0);
    Ids::new(move || {
        let number = made.fetch_add(1, Ordering::Relaxed);
        let millis = u64::try_from(clock.now().as_millis()).unwrap();
        let mut random = [0; 10];
        random[2..].copy_from_slice(&number.to_be_bytes());
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    })
}
