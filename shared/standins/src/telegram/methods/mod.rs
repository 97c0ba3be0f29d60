//! The methods of the Bot API that a bot can call here, a file for each kind.

mod about;
mod edit;
mod fetch;
mod markup;
mod send;
mod webhook;
mod words;

use serde_json::{Value, json};

pub(super) use webhook::is_here;

use super::{
    clock::Moment,
    state::Bot,
    wire::{ApiError, Fields},
};

/// A method of the Bot API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    GetMe,
    SetMyCommands,
    SetWebhook,
    DeleteWebhook,
    GetWebhookInfo,
    GetUpdates,
    SendMessage,
    SendPhoto,
    SendDocument,
    SendMediaGroup,
    SendChatAction,
    EditMessageText,
    EditMessageCaption,
    EditMessageMedia,
    EditMessageReplyMarkup,
    DeleteMessage,
    GetFile,
    AnswerCallbackQuery,
}

impl Method {
    const ALL: [Self; 18] = [
        Self::GetMe,
        Self::SetMyCommands,
        Self::SetWebhook,
        Self::DeleteWebhook,
        Self::GetWebhookInfo,
        Self::GetUpdates,
        Self::SendMessage,
        Self::SendPhoto,
        Self::SendDocument,
        Self::SendMediaGroup,
        Self::SendChatAction,
        Self::EditMessageText,
        Self::EditMessageCaption,
        Self::EditMessageMedia,
        Self::EditMessageReplyMarkup,
        Self::DeleteMessage,
        Self::GetFile,
        Self::AnswerCallbackQuery,
    ];

    /// The method of this name, however it is capitalised.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name().eq_ignore_ascii_case(name))
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::GetMe => "getMe",
            Self::SetMyCommands => "setMyCommands",
            Self::SetWebhook => "setWebhook",
            Self::DeleteWebhook => "deleteWebhook",
            Self::GetWebhookInfo => "getWebhookInfo",
            Self::GetUpdates => "getUpdates",
            Self::SendMessage => "sendMessage",
            Self::SendPhoto => "sendPhoto",
            Self::SendDocument => "sendDocument",
            Self::SendMediaGroup => "sendMediaGroup",
            Self::SendChatAction => "sendChatAction",
            Self::EditMessageText => "editMessageText",
            Self::EditMessageCaption => "editMessageCaption",
            Self::EditMessageMedia => "editMessageMedia",
            Self::EditMessageReplyMarkup => "editMessageReplyMarkup",
            Self::DeleteMessage => "deleteMessage",
            Self::GetFile => "getFile",
            Self::AnswerCallbackQuery => "answerCallbackQuery",
        }
    }

    /// How many messages a call sends or edits: what the limits of rates count.
    pub(super) fn messages(self, fields: &Fields) -> usize {
        match self {
            Self::SendMessage
            | Self::SendPhoto
            | Self::SendDocument
            | Self::EditMessageText
            | Self::EditMessageCaption
            | Self::EditMessageMedia
            | Self::EditMessageReplyMarkup => 1,
            Self::SendMediaGroup => fields.parsed::<Vec<Value>>("media").ok().flatten().map_or(1, |media| media.len()),
            Self::GetMe
            | Self::SetMyCommands
            | Self::SetWebhook
            | Self::DeleteWebhook
            | Self::GetWebhookInfo
            | Self::GetUpdates
            | Self::SendChatAction
            | Self::DeleteMessage
            | Self::GetFile
            | Self::AnswerCallbackQuery => 0,
        }
    }

    /// Does what is asked, or nothing of it.
    pub(super) fn perform(self, bot: &mut Bot, fields: &Fields, now: Moment) -> Result<Value, ApiError> {
        let mut order = Order { bot, fields, now };
        match self {
            Self::GetMe => Ok(about::get_me(&order)),
            Self::SetMyCommands => about::set_my_commands(&mut order),
            Self::SetWebhook => webhook::set(&mut order),
            Self::DeleteWebhook => Ok(webhook::delete(&mut order)),
            Self::GetWebhookInfo => Ok(webhook::info(&order)),
            Self::GetUpdates => webhook::updates(&mut order),
            Self::SendMessage => send::message(order),
            Self::SendPhoto => send::media(order, "photo"),
            Self::SendDocument => send::media(order, "document"),
            Self::SendMediaGroup => send::album(order),
            Self::SendChatAction => about::chat_action(order),
            Self::EditMessageText => edit::text(order),
            Self::EditMessageCaption => edit::caption(order),
            Self::EditMessageMedia => edit::media(order),
            Self::EditMessageReplyMarkup => edit::markup(order),
            Self::DeleteMessage => edit::delete(order),
            Self::GetFile => fetch::file(&order),
            Self::AnswerCallbackQuery => about::answer_callback_query(&mut order),
        }
    }
}

/// A call whose method is known.
struct Order<'a> {
    bot: &'a mut Bot,
    fields: &'a Fields,
    now: Moment,
}

impl Order<'_> {
    /// The number of the chat that it is about, which the bot may write to.
    fn chat_id(&mut self) -> Result<i64, ApiError> {
        let text = self.fields.text("chat_id").unwrap_or_default();
        if text.is_empty() {
            return Err(ApiError::bad("chat_id is empty"));
        }
        // Chats by name are channels and public groups, of which there are none here.
        let id = text.parse().map_err(|_| ApiError::bad("chat not found"))?;
        self.bot.chat(id).map(|_| id)
    }
}

fn done() -> Value {
    json!(true)
}
