//! Telegram, as far as it needs no storage: what its updates say, what our users ask for by them, what the bot says to
//! them, and its calls.
//!
//! Nothing here knows jobs, tables or Lambda, looks at a clock, waits or tries again: one call is one call, and what
//! follows its outcome is decided by whoever made it.

pub mod bot;
mod chat;
pub mod command;
pub mod limits;
pub mod picture;
pub mod post;
mod token;
pub mod update;
mod upload;
pub mod words;

pub use bot::{Bot, ErrorKind};
pub use chat::{Chat, ChatKind, Language};
pub use command::{Request, Us};
pub use post::Post;
pub use token::{NotAToken, Token};
pub use update::{Message, Photo, Unread, UnreadKind, Update, What};
pub use upload::{Upload, UploadKind};
pub use words::Saying;
