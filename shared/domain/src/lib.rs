//! What toonmill promises, as values: jobs, stages, slots, money, and the decisions about them.
//!
//! Everything here is pure. Nothing awaits, reads a clock, makes an id or knows where a record is
//! kept; time and ids are passed in, and a decision is returned as a value for somebody else to
//! carry out. The conditions that guard the writes are in `toonmill-cloud`, beside the store.
#![warn(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::wildcard_enum_match_arm
)]

pub mod aspect;
pub mod attempt;
pub mod budget;
pub mod character;
pub mod credits;
pub mod delivery;
pub mod event;
pub mod failover;
#[cfg(test)]
mod fixtures;
pub mod health;
pub mod ids;
pub mod invariants;
pub mod job;
pub mod ledger;
pub mod limits;
pub mod membership;
pub mod message;
pub mod naming;
pub mod outcome;
pub mod plan;
pub mod prices;
pub mod progress;
pub mod publication;
pub mod reconcile;
pub mod service_key;
pub mod settle;
pub mod sha256;
pub mod slot;
pub mod stage;
pub mod stamp;
pub mod statistics;
pub mod time;
mod unknown;

pub use aspect::AspectRatio;
pub use attempt::{Attempt, FailureStep, decide_failure};
pub use budget::Budget;
pub use character::Character;
pub use credits::Credits;
pub use delivery::{Delivery, DeliveryKey, DeliveryMessage, DeliveryState, Sink};
pub use event::{Happening, JobEvent};
pub use failover::{Choice, Choices, Failover};
pub use health::Health;
pub use ids::{
    AccountId, CharacterId, DeliveryId, FileId, JobId, ModelId, ProviderId, SlotIndex, SlotKey, StageIndex, StageKey,
    UserId,
};
pub use job::{ClosingReason, Job, JobKind, JobStatus, Stuck};
pub use ledger::{LedgerEntry, LedgerKind};
pub use limits::{ActiveSet, Limit, Limits};
pub use membership::{Membership, SignIn, Tier, User};
pub use message::{ReconcileMessage, RingCause, SlotMessage};
pub use naming::{Naming, Place};
pub use outcome::{Failure, FailureCode};
pub use plan::{ImageWork, InputImage, PicturePlan, Plan, RequestPlan, SlotPlan, StagePlan, TextWork, Work, WorkKind};
pub use prices::Prices;
pub use progress::{Counts, Progress, StageProgress};
pub use publication::{CutImageEntry, HistoryEntry, Publication, SheetEntry};
pub use service_key::{KeyId, Scope, ServiceKey};
pub use slot::{Artifact, PixelSize, Slot, SlotState, Usage};
pub use stage::Stage;
pub use stamp::{Epoch, Fence, Round, Stamp};
pub use statistics::{StageStatistics, Statistics};
pub use time::Timestamp;
pub use unknown::UnknownName;

/// Tries at one slot within one round.
pub const TRIES_PER_ROUND: u32 = 3;
/// Rounds of a job that does not ask for another number (it may ask for 1–10).
pub const DEFAULT_ROUNDS: u32 = 6;
/// The most rounds a job may ask for.
pub const MAX_ROUNDS: u32 = 10;
/// Stages of one job.
pub const MAX_STAGES: usize = 20;
/// Images of one stage.
pub const MAX_IMAGES_PER_STAGE: u32 = 1_000;
