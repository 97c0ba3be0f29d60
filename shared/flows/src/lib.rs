//! The verbs of toonmill, each a flow that reads from the top down: load, decide, commit, perform.
//!
//! Decisions are the domain's and conditions the store's. A flow orders them, and every gap between two of its
//! effects is one that somebody else can close: what it sends are hints, rebuilt from the table when lost.

pub mod audit;
pub mod cleanup;
mod close;
pub mod context;
pub mod dead_letter;
pub mod draw;
pub mod health;
pub mod inputs;
pub mod operate;
pub mod reconcile;
pub mod retry;
pub mod submit;
pub mod sweep;
mod telling;

pub use context::{Budgets, Clock, Ids, WorkQueues};
