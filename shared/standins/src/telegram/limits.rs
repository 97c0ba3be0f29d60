//! Telegram's limits, as python-telegram-bot's constants and the official text have them.

use serde::{Deserialize, Serialize};

/// UTF-16 code units of a text, after its markup is taken out.
pub(super) const TEXT_UNITS: usize = 4096;
/// UTF-16 code units of a caption.
pub(super) const CAPTION_UNITS: usize = 1024;
/// Entities of one text.
pub(super) const ENTITIES: usize = 100;
/// Bytes of a photo that is uploaded.
pub(super) const PHOTO_BYTES: usize = 10 * 1024 * 1024;
/// Bytes of any other upload.
pub(super) const UPLOAD_BYTES: usize = 50 * 1024 * 1024;
/// Bytes of a file that a bot may fetch.
pub(super) const DOWNLOAD_BYTES: usize = 20 * 1024 * 1024;
/// Bytes of a whole request: the largest album of photos, or one document, and the words around them.
pub(super) const REQUEST_BYTES: usize = ALBUM.1 * PHOTO_BYTES + 1024 * 1024;
/// Width and height of a photo together (pixels).
pub(super) const PHOTO_SIDES_PX: u32 = 10_000;
/// How many times as long as the short side a photo's long side may be.
pub(super) const PHOTO_RATIO: u32 = 20;
/// The longest sides of the copies that are made of a photo (pixels), the small ones first.
pub(super) const PHOTO_COPIES_PX: [u32; 5] = [90, 320, 800, 1280, 2560];
/// Pictures and files of an album, at least and at most.
pub(super) const ALBUM: (usize, usize) = (2, 10);
/// Bytes of what a button says to the bot when it is pressed.
pub(super) const CALLBACK_BYTES: usize = 64;
/// UTF-16 code units of what is shown to whoever pressed a button.
pub(super) const CALLBACK_ANSWER_UNITS: usize = 200;
/// Buttons of one message, and of one row of it.
pub(super) const BUTTONS: (usize, usize) = (100, 8);
/// Characters of a webhook's secret.
pub(super) const SECRET: usize = 256;
/// Connections to a webhook at a time: at most, and when nothing is said.
pub(super) const CONNECTIONS: (i64, i64) = (100, 40);
/// Ports that a webhook may have. One on this machine may have any.
pub(super) const WEBHOOK_PORTS: [u16; 4] = [443, 80, 88, 8443];
/// Commands in a bot's menu.
pub(super) const COMMANDS: usize = 100;
/// Characters of a command and of its description.
pub(super) const COMMAND: (usize, usize) = (32, 256);
/// What a bot may say it is doing.
pub(super) const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "upload_video",
    "upload_document",
    "record_video",
    "record_voice",
    "upload_voice",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

/// How many messages may be sent or edited. In JSON every field may be left out, and has Telegram's value then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimits {
    /// In any second in one private chat. Telegram lets short bursts pass; this does not.
    pub private_per_second: u32,
    /// In any minute in one group.
    pub group_per_minute: u32,
    /// In any second in all chats of a bot.
    pub overall_per_second: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { private_per_second: 1, group_per_minute: 20, overall_per_second: 30 }
    }
}

/// The length of a text as Telegram counts it.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}
