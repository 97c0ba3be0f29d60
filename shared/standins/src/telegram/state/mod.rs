//! What a bot's Telegram remembers. Nothing in here knows HTTP, and time is passed in.

mod bot;
mod chat;
mod files;
mod message;
mod outbox;
mod pace;

pub use bot::Call;
pub use chat::{Group, GroupKind};
pub use message::{Edit, Person};
pub use outbox::Delivery;

pub(super) use bot::Bot;
pub(super) use chat::{Chat, Draft, Place};
pub(super) use files::{Files, Media, Sent};
pub(super) use message::{Author, Content, Words};
pub(super) use outbox::{Dispatch, Webhook};
pub(super) use pace::Pace;
