//! Every key of the one table, and nothing else makes one.
//!
//! | record | pk | sk |
//! |---|---|---|
//! | job | `J#{job}` | `A` |
//! | stage | `J#{job}` | `B#{stage:03}` |
//! | event | `J#{job}` | `E#{number:06}` |
//! | slot | `J#{job}#S{stage:03}` | `{slot:04}` |
//! | content hash | `J#{job}#S{stage:03}` | `HASH#{sha256}` |
//! | account | `U#{account}` | `A` |
//! | ledger entry | `U#{account}` | `L#{cause}` |
//! | the owner's list of jobs | `U#{account}` | `JOB#{job}` |
//! | character | `U#{account}` | `CHAR#{character}` |
//! | history | `U#{account}` | `HIST#{time in ms:013}#{file}` |
//! | sheet of a character | `U#{account}` | `SHEET#{character}#{time in ms:013}#{file}` |
//! | image of a cut | `U#{account}` | `CUT#{storyboard}#{cut:04}#{time in ms:013}#{file}` |
//! | the owner's list of files | `U#{account}` | `F#{time in ms:013}#{file}` |
//! | what an account has uploaded | `U#{account}` | `UPLOADS` |
//! | file | `FILE#{file}` | `A` |
//! | user | `U#{user}` | `USER` |
//! | the owner's list of service keys | `U#{account}` | `KEY#{key}` |
//! | service key | `K#{sha256 of the key}` | `A` |
//! | requests of an hour | `R#{user, or ~ and key}` | `H#{its start in s:010}` |
//! | waiting requests | `R#{account}` | `WAITS` |
//! | what a user used in a day | `R#{user}` | `D#{its start in s:010}` |
//! | delivery to a server | `U#{account}` | `DW#{delivery}` |
//! | delivery to a chat | `U#{account}` | `DT#{delivery}` |
//! | secrets of an account's hooks | `U#{account}` | `HOOKS` |
//! | a hook that wants no more | `U#{account}` | `HOOKOFF#{sha256 of its URL}` |
//! | update of Telegram's | `TG#{update}` | `A` |
//! | chat of Telegram's | `TC#{chat}` | `A` |
//! | hint that a chat was given | `TC#{chat}` | `HINT` |
//! | idempotency | `I#{account}#{sha256 of the key}` | `A` |
//! | provider | `P#{provider}` | `A` |
//! | breaker of a model | `P#{provider}` | `M#{model}` |
//! | budget of a provider | `P#{provider}` | `T` |
//!
//! The sparse index `due` (`dueShard`, `nextCheckAt`) holds what somebody must look at: `open#n` the unfinished
//! jobs and `tell#n` the deliveries that are not done, for the sweep; `ended#n` the finished ones, and `temp#n` the temporary files, for the cleanup.

use aws_sdk_dynamodb::types::AttributeValue;
use toonmill_domain::{
    AccountId, CharacterId, Choice, DeliveryId, DeliveryKey, FileId, JobId, KeyId, LedgerKind, ProviderId, Publication,
    Sink, SlotIndex, SlotKey, StageIndex, StageKey, Timestamp, UserId,
};

use crate::{
    item::{Item, text},
    table::{deliveries::UpdateRecord, published::RowPlace},
};

/// The name of the index by which due work is found.
pub const DUE_INDEX: &str = "due";
/// Partitions of each list in that index, so that no one of them is hot.
pub const DUE_SHARDS: u8 = 10;

/// A primary key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    pub(crate) fn into_item(self) -> Item {
        Item::from([("pk".to_owned(), text(self.pk)), ("sk".to_owned(), text(self.sk))])
    }

    /// The item with this key added to its attributes.
    pub(crate) fn with(self, mut item: Item) -> Item {
        item.extend(self.into_item());
        item
    }
}

/// The lists in the due index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueList {
    /// Unfinished jobs: the sweep rings them.
    Open,
    /// Finished jobs: the cleanup visits them for orphans, and then to remove them.
    Ended,
    /// Temporary files: the cleanup removes them when they expire.
    Temporary,
    /// Deliveries that are not done: the sweep rings for them.
    Deliveries,
}

impl DueList {
    /// How the names of its partitions begin.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Open => "open#",
            Self::Ended => "ended#",
            Self::Temporary => "temp#",
            Self::Deliveries => "tell#",
        }
    }

    pub(crate) fn partition(self, shard: u8) -> AttributeValue {
        text(format!("{}{shard}", self.prefix()))
    }

    /// The partition of something whose id ends in this byte.
    pub(crate) fn partition_of(self, id: &[u8; 16]) -> AttributeValue {
        self.partition(id.last().map_or(0, |byte| byte % DUE_SHARDS))
    }
}

pub(crate) fn job_partition(job: JobId) -> String {
    format!("J#{job}")
}

pub(crate) fn parse_job_partition(pk: &str) -> Option<JobId> {
    pk.strip_prefix("J#")?.parse().ok()
}

pub(crate) fn job(job: JobId) -> Key {
    Key::new(job_partition(job), "A")
}

pub(crate) fn stage(stage: StageKey) -> Key {
    Key::new(job_partition(stage.job), format!("B#{:03}", stage.stage.0))
}

/// Sorts after the job and all of its stages, before its events.
pub(crate) const AFTER_STAGES: &str = "C";

pub(crate) fn event(job: JobId, number: u64) -> Key {
    Key::new(job_partition(job), format!("E#{number:06}"))
}

/// Sorts after every event of a job.
pub(crate) const AFTER_EVENTS: &str = "F";

pub(crate) fn parse_event_sort(sk: &str) -> Option<u64> {
    sk.strip_prefix("E#")?.parse().ok()
}

pub(crate) fn slot_partition(stage: StageKey) -> String {
    format!("J#{}#S{:03}", stage.job, stage.stage.0)
}

/// Sorts after every slot of a stage, before its content hashes.
pub(crate) const AFTER_SLOTS: &str = "9999~";

pub(crate) fn parse_slot_partition(pk: &str) -> Option<StageKey> {
    let (job, stage) = pk.strip_prefix("J#")?.split_once("#S")?;
    Some(StageKey { job: job.parse().ok()?, stage: StageIndex(stage.parse().ok()?) })
}

pub(crate) fn slot(slot: SlotKey) -> Key {
    Key::new(slot_partition(slot.stage_key()), slot_sort(slot.slot))
}

pub(crate) fn slot_sort(slot: SlotIndex) -> String {
    format!("{:04}", slot.0)
}

pub(crate) fn parse_stage_sort(sk: &str) -> Option<StageIndex> {
    sk.strip_prefix("B#")?.parse().ok().map(StageIndex)
}

pub(crate) fn hash(stage: StageKey, sha256: &str) -> Key {
    Key::new(slot_partition(stage), format!("HASH#{sha256}"))
}

pub(crate) fn account_partition(account: &AccountId) -> String {
    format!("{ACCOUNT_PREFIX}{account}")
}

pub(crate) const ACCOUNT_PREFIX: &str = "U#";
pub(crate) const ACCOUNT_SORT: &str = "A";

pub(crate) fn account(account: &AccountId) -> Key {
    Key::new(account_partition(account), ACCOUNT_SORT)
}

pub(crate) const LEDGER_PREFIX: &str = "L#";

pub(crate) fn ledger(account: &AccountId, kind: &LedgerKind) -> Key {
    Key::new(account_partition(account), format!("{LEDGER_PREFIX}{}", kind.cause_key()))
}

pub(crate) const JOB_ROW_PREFIX: &str = "JOB#";

pub(crate) fn job_row(account: &AccountId, job: JobId) -> Key {
    Key::new(account_partition(account), format!("{JOB_ROW_PREFIX}{job}"))
}

pub(crate) const HISTORY_PREFIX: &str = "HIST#";

/// Before the cut's number and its rows' places.
pub(crate) fn cuts_prefix(storyboard: JobId) -> String {
    format!("CUT#{storyboard}#")
}

pub(crate) fn sheets_prefix(character: CharacterId) -> String {
    format!("SHEET#{character}#")
}

/// A row of a list whose keys begin with `prefix`.
pub(crate) fn row(account: &AccountId, prefix: &str, place: RowPlace) -> Key {
    Key::new(account_partition(account), format!("{prefix}{:013}#{}", place.at.as_millis(), place.file))
}

pub(crate) fn published(account: &AccountId, entry: &Publication, place: RowPlace) -> Key {
    match entry {
        Publication::History(_) => row(account, HISTORY_PREFIX, place),
        Publication::Sheet(sheet) => row(account, &sheets_prefix(sheet.character), place),
        Publication::CutImage(image) => {
            row(account, &format!("{}{:04}#", cuts_prefix(image.storyboard), image.cut), place)
        }
    }
}

pub(crate) const CHARACTER_PREFIX: &str = "CHAR#";

pub(crate) fn character(account: &AccountId, character: CharacterId) -> Key {
    Key::new(account_partition(account), format!("{CHARACTER_PREFIX}{character}"))
}

pub(crate) const FILE_ROW_PREFIX: &str = "F#";

pub(crate) fn uploads(account: &AccountId) -> Key {
    Key::new(account_partition(account), "UPLOADS")
}

const FILE_PREFIX: &str = "FILE#";

pub(crate) fn file(file: FileId) -> Key {
    Key::new(format!("{FILE_PREFIX}{file}"), "A")
}

pub(crate) fn parse_file_partition(pk: &str) -> Option<FileId> {
    pk.strip_prefix(FILE_PREFIX)?.parse().ok()
}

/// The deliveries of an account's to one sink, oldest first.
pub(crate) const fn delivery_prefix(sink: Sink) -> &'static str {
    match sink {
        Sink::Webhook => "DW#",
        Sink::Telegram => "DT#",
    }
}

pub(crate) fn delivery(key: &DeliveryKey) -> Key {
    Key::new(account_partition(&key.account), format!("{}{}", delivery_prefix(key.sink), key.id))
}

pub(crate) fn parse_delivery_sort(sk: &str) -> Option<(Sink, DeliveryId)> {
    let sinks = [Sink::Webhook, Sink::Telegram];
    sinks.into_iter().find_map(|sink| Some((sink, sk.strip_prefix(delivery_prefix(sink))?.parse().ok()?)))
}

pub(crate) fn update(update: UpdateRecord) -> Key {
    Key::new(format!("TG#{}", update.0), "A")
}

pub(crate) fn hook_secrets(account: &AccountId) -> Key {
    Key::new(account_partition(account), "HOOKS")
}

pub(crate) fn hook_off(account: &AccountId, url_sha256: &str) -> Key {
    Key::new(account_partition(account), format!("HOOKOFF#{url_sha256}"))
}

pub(crate) fn chat(chat: i64) -> Key {
    Key::new(format!("TC#{chat}"), "A")
}

pub(crate) fn chat_hint(chat: i64) -> Key {
    Key::new(format!("TC#{chat}"), "HINT")
}

pub(crate) fn idempotency(account: &AccountId, key_sha256: &str) -> Key {
    Key::new(format!("I#{account}#{key_sha256}"), "A")
}

pub(crate) fn user(user: &UserId) -> Key {
    Key::new(format!("{ACCOUNT_PREFIX}{user}"), "USER")
}

pub(crate) const KEY_ROW_PREFIX: &str = "KEY#";

pub(crate) fn key_row(account: &AccountId, key: KeyId) -> Key {
    Key::new(account_partition(account), format!("{KEY_ROW_PREFIX}{key}"))
}

pub(crate) fn service_key(sha256: &str) -> Key {
    Key::new(format!("K#{sha256}"), "A")
}

pub(crate) fn requests(of: &str, hour: Timestamp) -> Key {
    Key::new(use_partition(of), format!("H#{:010}", hour.as_secs()))
}

pub(crate) fn day_use(user: &UserId, day: Timestamp) -> Key {
    Key::new(use_partition(user.as_str()), format!("D#{:010}", day.as_secs()))
}

pub(crate) fn waits(account: &AccountId) -> Key {
    Key::new(use_partition(account.as_str()), "WAITS")
}

/// What is counted of a user, or of a service key that has limits of its own.
fn use_partition(of: &str) -> String {
    format!("R#{of}")
}

pub(crate) fn provider_partition(provider: &ProviderId) -> String {
    format!("P#{provider}")
}

pub(crate) fn provider(provider: &ProviderId) -> Key {
    Key::new(provider_partition(provider), "A")
}

pub(crate) const BREAKER_PREFIX: &str = "M#";

/// Sorts after the provider's record and its breakers, before its budget.
pub(crate) const AFTER_BREAKERS: &str = "N";

pub(crate) fn breaker(choice: &Choice) -> Key {
    Key::new(provider_partition(&choice.provider), format!("{BREAKER_PREFIX}{}", choice.model))
}

pub(crate) fn budget(provider: &ProviderId) -> Key {
    Key::new(provider_partition(provider), "T")
}
