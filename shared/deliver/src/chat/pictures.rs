//! The end of a job in a chat: its message becomes the picture, or several pictures come as albums.

use std::time::Duration;

use bytes::Bytes;
use toonmill_cloud::table::FileState;
use toonmill_domain::{FileId, SlotKey};
use toonmill_telegram::{ErrorKind, Upload, UploadKind, bot::Error, picture};

use super::{Telling, Told};
use crate::{DeliverError, Turn};

/// Pictures of one album, at most (Bot API).
const ALBUM: usize = 10;
/// Bytes of one call, a little less than the 50 MB that Telegram takes.
const MOST_BYTES: usize = 45_000_000;
/// A stored picture is smaller than this.
const LONGEST_OBJECT: u64 = 64 << 20;

impl Telling<'_> {
    pub(super) async fn end(self, told: &Told<'_>) -> Result<Turn, DeliverError> {
        let language = self.post.chat.language;
        let slots = self.deliverer.table.load_all_slots(told.stages).await?;
        let missing = told.missing(&slots);
        let end = told.end(&missing, told.elapsed(self.now()));
        let pictures = told.pictures(&slots);
        match pictures.as_slice() {
            [] => self.last_words(end.text(language)).await,
            [only] => self.one(*only, &end.caption(language), &end.text(language)).await,
            several => {
                let shown = usize::try_from(self.post.shown).unwrap_or(usize::MAX);
                let rest = several.get(shown..).unwrap_or_default();
                if rest.is_empty() { self.last_words(end.text(language)).await } else { self.album(rest).await }
            }
        }
    }

    /// The message becomes the picture. To repeat that is harmless, so an answer that is lost is asked for again.
    async fn one(mut self, slot: SlotKey, caption: &str, text: &str) -> Result<Turn, DeliverError> {
        let Some(upload) = self.upload(slot).await? else { return self.last_words(text.to_owned()).await };
        if let Some(message) = self.post.message.filter(|_| self.post.shown == 0) {
            match self.bot.edit_message_media(&self.post.chat, message, upload.clone(), caption).await {
                Ok(()) => return self.shown_all(1, caption),
                Err(error) if error.kind == ErrorKind::NotModified => return self.shown_all(1, caption),
                Err(error) if is_refused(&error) => {
                    tracing::info!(delivery.id = %self.held.key.id, error = &error as &dyn std::error::Error,
                        "a message could not become a picture");
                }
                Err(error) => return self.failed(error).await,
            }
        }
        if self.post.shown == 0 {
            match self.send(upload, caption).await {
                Ok(()) => self.post.shown = 1,
                Err(error) => return self.failed(error).await,
            }
        }
        // The picture is there; the message that spoke of it is not needed any more.
        if let Some(message) = self.post.message.take()
            && let Err(error) = self.bot.delete_message(&self.post.chat, message).await
        {
            tracing::info!(delivery.id = %self.held.key.id, error = &error as &dyn std::error::Error,
                "a message was not deleted");
        }
        self.shown_all(1, caption)
    }

    /// The next of several pictures, as many as one call takes. The turn after it brings the next ones.
    async fn album(mut self, rest: &[SlotKey]) -> Result<Turn, DeliverError> {
        let (mut uploads, mut bytes, mut taken) = (Vec::new(), 0_usize, 0_u32);
        for slot in rest.iter().take(ALBUM) {
            if let Some(upload) = self.upload(*slot).await? {
                bytes = bytes.saturating_add(upload.bytes.len());
                if bytes > MOST_BYTES && !uploads.is_empty() {
                    break;
                }
                uploads.push(upload);
            }
            // A picture that is gone by now is passed over.
            taken = taken.saturating_add(1);
        }
        let sent = match uploads.len() {
            0 => Ok(()),
            1 => match uploads.pop() {
                Some(upload) => self.send(upload, "").await,
                None => Ok(()),
            },
            _ => self.send_album(uploads).await,
        };
        match sent {
            Ok(()) => {
                (self.post.shown, self.post.failures) = (self.post.shown.saturating_add(taken), 0);
                self.again(Duration::ZERO)
            }
            Err(error) => self.failed(error).await,
        }
    }

    /// A photo that Telegram refuses it may take as a file.
    async fn send(&self, upload: Upload, caption: &str) -> Result<(), Error> {
        let (bot, chat) = (self.bot, &self.post.chat);
        match bot.send_picture(chat, upload.clone(), caption).await {
            Err(error) if is_refused(&error) && upload.kind == UploadKind::Photo => {
                bot.send_picture(chat, upload.into_document(), caption).await.map(|_| ())
            }
            sent => sent.map(|_| ()),
        }
    }

    async fn send_album(&self, uploads: Vec<Upload>) -> Result<(), Error> {
        let (bot, chat) = (self.bot, &self.post.chat);
        match bot.send_media_group(chat, uploads.clone(), "").await {
            Err(error) if is_refused(&error) && uploads.iter().any(|upload| upload.kind == UploadKind::Photo) => {
                let files = uploads.into_iter().map(Upload::into_document).collect();
                bot.send_media_group(chat, files, "").await.map(|_| ())
            }
            sent => sent.map(|_| ()),
        }
    }

    fn shown_all(mut self, pictures: u32, caption: &str) -> Result<Turn, DeliverError> {
        (self.post.shown, self.post.said) = (pictures, Some(caption.to_owned()));
        Ok(Turn::done(self.document()?))
    }

    /// The picture of a slot as Telegram shows it; none if its file is gone.
    async fn upload(&self, slot: SlotKey) -> Result<Option<Upload>, DeliverError> {
        let (table, blobs) = (&self.deliverer.table, &self.deliverer.blobs);
        let Some(record) = table.load_slot(slot).await? else { return Ok(None) };
        let Some(artifact) = record.artifact else { return Ok(None) };
        let file = table.load_file(FileId::of_slot(slot), &self.held.key.account).await?;
        if file.is_none_or(|file| file.state != FileState::Live) {
            return Ok(None);
        }
        match blobs.get(&artifact.object_key, LONGEST_OBJECT).await {
            Ok(bytes) => Ok(Some(picture::shown(Bytes::from(bytes)))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether Telegram will not have it so, and may have it otherwise.
const fn is_refused(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::BadRequest | ErrorKind::MessageGone | ErrorKind::TooLarge)
}
