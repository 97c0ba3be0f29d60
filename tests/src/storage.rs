//! The real table, bucket and queues of a world, over SDK clients whose calls count as one function's.

use std::time::{Duration, SystemTime};

use aws_config::{
    BehaviorVersion, Region, SdkConfig, retry::RetryConfig, stalled_stream_protection::StalledStreamProtectionConfig,
};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_async::{
    rt::sleep::{SharedAsyncSleep, TokioSleep},
    time::TimeSource,
};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use toonmill_cloud::{Blobs, Doorbell, Lazy, Outbox, SlotQueue, Table};
use toonmill_domain::ProviderId;
use toonmill_flows::{Clock, WorkQueues};

use crate::{
    dynamo::TABLE,
    network::Network,
    world::{DELIVER, IMAGES, IMAGES_ELSEWHERE, RECONCILE, TEXTS},
};

/// The storage of a world, by whose calls it is used.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    clients: Clients,
    /// Storage whose calls are no function's.
    shared: Storage,
    is_simulated: bool,
}

/// What SDK clients are made with.
#[derive(Clone, Debug)]
struct Clients {
    network: Network,
    clock: Clock,
    retries: RetryPartition,
}

/// Storage as one function sees it.
#[derive(Clone, Debug)]
pub(crate) struct Storage {
    pub(crate) table: Table,
    pub(crate) blobs: Blobs,
    pub(crate) doorbell: Doorbell,
    pub(crate) outbox: Outbox,
    pub(crate) queues: WorkQueues,
}

impl Connections {
    pub(crate) fn new(network: Network, clock: Clock, is_simulated: bool) -> Self {
        // A bucket of retries of its own: the SDK's is the process's, and one world would feel another's faults.
        let retries = RetryPartition::custom("world").token_bucket(TokenBucket::unlimited()).build();
        let clients = Clients { network, clock, retries };
        let shared = clients.storage(None);
        Self { clients, shared, is_simulated }
    }

    /// Storage for the tests themselves.
    pub(crate) fn shared(&self) -> Storage {
        self.shared.clone()
    }

    /// Storage whose calls are this function's (its name in the template). A simulation does not ask whose a call was, and
    /// its millions of calls share their clients.
    pub(crate) fn of(&self, function: &'static str) -> Storage {
        if self.is_simulated { self.shared() } else { self.clients.storage(Some(function)) }
    }

    /// A client under a table.
    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        self.clients.dynamodb()
    }
}

impl Clients {
    fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::config::Builder::from(&self.config("http://ddb.sim"));
        aws_sdk_dynamodb::Client::from_conf(config.retry_partition(self.retries.clone()).build())
    }

    /// Its clients are made by their first call: few tests need those of every function.
    fn storage(&self, function: Option<&'static str>) -> Storage {
        let clients = Self { network: self.network.by(function), ..self.clone() };
        let dynamodb = clients.clone();
        let table = Table::new(Lazy::new(move || dynamodb.dynamodb()), TABLE);
        let s3 = clients.clone();
        let blobs = Blobs::new(Lazy::new(move || s3.s3()), "toonmill");
        let sqs = Lazy::new(move || clients.sqs());
        let url = |queue: &str| format!("http://sqs.sim/0/{queue}");
        let queue = |name: &str| SlotQueue::new(sqs.clone(), url(name));
        let gemini: ProviderId = "gemini".parse().unwrap();
        let seedream: ProviderId = "seedream".parse().unwrap();
        let images = [(gemini, queue(IMAGES)), (seedream, queue(IMAGES_ELSEWHERE))];
        Storage {
            table,
            blobs,
            doorbell: Doorbell::new(sqs.clone(), url(RECONCILE)),
            outbox: Outbox::new(sqs.clone(), url(DELIVER)),
            queues: WorkQueues::new(images, Some(queue(TEXTS))),
        }
    }

    fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config("http://s3.sim"));
        let config = config.force_path_style(true).retry_partition(self.retries.clone());
        aws_sdk_s3::Client::from_conf(config.build())
    }

    fn sqs(&self) -> aws_sdk_sqs::Client {
        let config = aws_sdk_sqs::config::Builder::from(&self.config("http://sqs.sim"));
        aws_sdk_sqs::Client::from_conf(config.retry_partition(self.retries.clone()).build())
    }

    fn config(&self, endpoint: &str) -> SdkConfig {
        SdkConfig::builder()
            .time_source(SdkTime(self.clock.clone()))
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "test")))
            .endpoint_url(endpoint)
            .http_client(SharedHttpClient::new(self.network.clone()))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .build()
    }
}

/// The SDK's own look at the clock, for its signatures.
#[derive(Debug)]
struct SdkTime(Clock);

impl TimeSource for SdkTime {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(self.0.now().as_millis()).unwrap())
    }
}
