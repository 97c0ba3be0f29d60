//! What the bot writes, changes and deletes.

use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{Value, json};

use super::{Bot, Error, ErrorKind, form::Form};
use crate::{
    Chat,
    limits::{ALBUM, TEXT_UNITS, caption, shortened},
    upload::{Upload, UploadKind},
};

#[derive(Serialize)]
struct Said<'a> {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<i64>,
    text: &'a str,
    /// Users' prompts are quoted, and may hold links, which are not ours to show.
    link_preview_options: LinkPreviews,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_parameters: Option<ReplyTo>,
}

#[derive(Serialize)]
struct LinkPreviews {
    is_disabled: bool,
}

#[derive(Serialize)]
struct ReplyTo {
    message_id: i64,
    /// A user who deletes the request still gets the answer.
    allow_sending_without_reply: bool,
}

#[derive(Deserialize)]
struct Sent {
    message_id: i64,
}

const NO_PREVIEWS: LinkPreviews = LinkPreviews { is_disabled: true };

impl Bot {
    /// Says this, in answer to a message if one is given. The text is cut to what fits. The new message's id.
    pub async fn send_message(&self, chat: &Chat, text: &str, reply_to: Option<i64>) -> Result<i64, Error> {
        let said = Said {
            chat_id: chat.id,
            message_thread_id: chat.thread,
            message_id: None,
            text: &shortened(text, TEXT_UNITS),
            link_preview_options: NO_PREVIEWS,
            reply_parameters: reply_to.map(|message_id| ReplyTo { message_id, allow_sending_without_reply: true }),
        };
        self.call("sendMessage", &said).await.map(|sent: Sent| sent.message_id)
    }

    /// Makes a message say this. One that has become a picture has no text any more, and refuses.
    pub async fn edit_message_text(&self, chat: &Chat, message: i64, text: &str) -> Result<(), Error> {
        let said = Said {
            chat_id: chat.id,
            message_thread_id: None,
            message_id: Some(message),
            text: &shortened(text, TEXT_UNITS),
            link_preview_options: NO_PREVIEWS,
            reply_parameters: None,
        };
        self.call("editMessageText", &said).await.map(|IgnoredAny| ())
    }

    /// Makes a message this picture, whether it was a text or another picture. To repeat it is harmless.
    pub async fn edit_message_media(
        &self,
        chat: &Chat,
        message: i64,
        upload: Upload,
        caption: &str,
    ) -> Result<(), Error> {
        let mut form = Form::new();
        form.text("chat_id", &chat.id.to_string());
        form.text("message_id", &message.to_string());
        form.text("media", &media(upload.kind, "picture", caption).to_string());
        form.file("picture", upload);
        self.bring("editMessageMedia", form).await.map(|IgnoredAny| ())
    }

    /// Sends a picture by `sendPhoto` or `sendDocument`, as it is one or the other. The new message's id.
    pub async fn send_picture(&self, chat: &Chat, upload: Upload, caption: &str) -> Result<i64, Error> {
        let mut form = to(chat);
        if let Some(caption) = crate::limits::caption(caption) {
            form.text("caption", &caption);
        }
        let kind = upload.kind;
        if kind == UploadKind::Document {
            form.text("disable_content_type_detection", "true");
        }
        form.file(kind.as_str(), upload);
        let method = match kind {
            UploadKind::Photo => "sendPhoto",
            UploadKind::Document => "sendDocument",
        };
        self.bring(method, form).await.map(|sent: Sent| sent.message_id)
    }

    /// Sends 2 to 10 pictures as one album, with a caption on its first. Where one of them is a file all are: an album holds
    /// no files beside photos. The new messages' ids.
    pub async fn send_media_group(&self, chat: &Chat, uploads: Vec<Upload>, caption: &str) -> Result<Vec<i64>, Error> {
        const METHOD: &str = "sendMediaGroup";
        if !ALBUM.contains(&uploads.len()) {
            return Err(Error { method: METHOD, kind: ErrorKind::BadRequest, cause: None });
        }
        let all_photos = uploads.iter().all(|upload| upload.kind == UploadKind::Photo);
        let kind = if all_photos { UploadKind::Photo } else { UploadKind::Document };
        let names: Vec<_> = (1..=uploads.len()).map(|number| format!("picture-{number}")).collect();
        let captions = std::iter::once(caption).chain(std::iter::repeat(""));
        let media: Vec<_> = names.iter().zip(captions).map(|(name, caption)| media(kind, name, caption)).collect();
        let mut form = to(chat);
        form.text("media", &Value::from(media).to_string());
        for (name, upload) in names.iter().zip(uploads) {
            form.file(name, upload);
        }
        let sent: Vec<Sent> = self.bring(METHOD, form).await?;
        Ok(sent.into_iter().map(|sent| sent.message_id).collect())
    }

    /// Deletes a message of the bot's. Telegram lets it do so for 48 hours.
    pub async fn delete_message(&self, chat: &Chat, message: i64) -> Result<(), Error> {
        let body = json!({ "chat_id": chat.id, "message_id": message });
        self.call("deleteMessage", &body).await.map(|IgnoredAny| ())
    }
}

fn to(chat: &Chat) -> Form {
    let mut form = Form::new();
    form.text("chat_id", &chat.id.to_string());
    if let Some(thread) = chat.thread {
        form.text("message_thread_id", &thread.to_string());
    }
    form
}

/// A file of the form, as `editMessageMedia` and `sendMediaGroup` speak of it.
fn media(kind: UploadKind, part: &str, said: &str) -> Value {
    let mut media = json!({ "type": kind.as_str(), "media": format!("attach://{part}") });
    if let Some(members) = media.as_object_mut() {
        if let Some(said) = caption(said) {
            members.insert("caption".to_owned(), said.into());
        }
        // Telegram makes a sticker of a WebP file otherwise.
        if kind == UploadKind::Document {
            members.insert("disable_content_type_detection".to_owned(), true.into());
        }
    }
    media
}
