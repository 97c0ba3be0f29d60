//! The whole way of a wish: an update at the webhook, a job, its pictures, and what is in the chat then, by the stand-in of Telegram.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "what is not there is a test that fails")]

mod chat;
mod drawing;
mod faults;
mod groups;
mod replies;
mod roles;
mod unread;
mod updates;
mod wishes;
