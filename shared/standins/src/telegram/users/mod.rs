//! The other side of the chats: what users do, and the updates that the bot gets of it. Nothing in here knows HTTP.

mod action;
mod perform;

pub use action::{Action, ActionError, Data, Outcome, What};

pub(super) use action::Prepared;
pub(super) use perform::perform;
