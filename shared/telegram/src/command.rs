//! What a message asks for.

use crate::{
    Message, Photo,
    limits::{PICTURES, split_at_utf16},
    update::{Entity, Text, Unread},
};

macro_rules! commands {
    ($($(#[$doc:meta])* $command:ident = $name:literal;)*) => {
        /// The bot's commands, in the order in which its menu shows them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Command {
            $($(#[$doc])* $command,)*
        }

        impl Command {
            pub const ALL: &'static [Self] = &[$(Self::$command),*];

            /// As users write it, without the slash.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$command => $name),* }
            }
        }
    };
}

commands! {
    Draw = "draw";
    Monster = "monster";
    Status = "status";
    Retry = "retry";
    Cancel = "cancel";
    Help = "help";
    /// Telegram writes it for whoever opens a chat with the bot.
    Start = "start";
}

/// What a message asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A greeting. `payload` is that of the link by which the user came (`t.me/bot?start=payload`).
    Start {
        payload: Option<String>,
    },
    Help,
    Draw {
        prompt: String,
        pictures: u8,
    },
    Monster {
        description: String,
        pictures: u8,
    },
    /// This picture, drawn again as the prompt says: that of the message, or of the one that it replies to.
    Regenerate {
        photo: Photo,
        prompt: String,
        pictures: u8,
    },
    Status,
    Cancel,
    /// The last one that failed, again.
    Retry,
    /// Something is missing or wrong: say how it is done.
    Usage(Usage),
    /// Nothing, and nothing is to be said.
    Nothing(Silence),
}

/// What to explain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// `/draw` without a prompt.
    Draw,
    /// `/monster` without a description.
    Monster,
    /// A picture without a caption.
    Caption,
    /// Words that reply to a video, a sticker or another thing that cannot be drawn again.
    Reply,
    /// More pictures than one command can ask for, or none.
    Pictures,
}

/// Why nothing is said. All but the first two are of groups, where people talk to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// A command for another bot.
    AnotherBot,
    /// A picture of an album, of which one has the caption.
    OfAnAlbum,
    Talk,
    UnknownCommand,
}

/// Who we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Us {
    /// The first part of the bot's token.
    pub id: i64,
    /// Without the `@`. While it is not known, every command is taken for ours.
    pub username: Option<String>,
}

impl Us {
    /// Whether what is not read is to be told so: in a private chat, and in a group where it answers the bot.
    pub fn are_meant_by(&self, unread: &Unread) -> bool {
        unread.chat.is_private() || unread.reply_to == Some(self.id)
    }

    fn are(&self, username: &str) -> bool {
        self.username.as_ref().is_none_or(|ours| ours.eq_ignore_ascii_case(username))
    }
}

impl Silence {
    /// A name for the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AnotherBot => "another_bot",
            Self::OfAnAlbum => "of_an_album",
            Self::Talk => "talk",
            Self::UnknownCommand => "unknown_command",
        }
    }
}

impl Request {
    pub fn of(message: &Message, us: &Us) -> Self {
        let called = message.text.as_ref().and_then(called);
        match called {
            Some(called) if called.bot.is_some_and(|bot| !us.are(bot)) => Self::Nothing(Silence::AnotherBot),
            Some(called) => Self::of_command(&called, message),
            None => Self::of_words(message, us),
        }
    }

    fn of_command(called: &Called<'_>, message: &Message) -> Self {
        let Some(command) = Command::ALL.iter().find(|command| command.name().eq_ignore_ascii_case(called.name)) else {
            let in_private = message.chat.is_private();
            return if in_private { Self::Help } else { Self::Nothing(Silence::UnknownCommand) };
        };
        match command {
            Command::Draw => match counted(called.argument) {
                None => Self::Usage(Usage::Pictures),
                Some((_, "")) => Self::Usage(if meant(message).is_some() { Usage::Caption } else { Usage::Draw }),
                Some((pictures, prompt)) => {
                    let prompt = prompt.to_owned();
                    match meant(message).cloned() {
                        Some(photo) => Self::Regenerate { photo, prompt, pictures },
                        None => Self::Draw { prompt, pictures },
                    }
                }
            },
            // A picture with it is none of the monster's: there is nothing to draw a monster from but words.
            Command::Monster => match counted(called.argument) {
                None => Self::Usage(Usage::Pictures),
                Some((_, "")) => Self::Usage(Usage::Monster),
                Some((pictures, description)) => Self::Monster { description: description.to_owned(), pictures },
            },
            Command::Status => Self::Status,
            Command::Retry => Self::Retry,
            Command::Cancel => Self::Cancel,
            Command::Help => Self::Help,
            Command::Start => Self::Start { payload: payload(called.argument) },
        }
    }

    /// Without a command: a prompt, if it is said to us.
    fn of_words(message: &Message, us: &Us) -> Self {
        if !message.chat.is_private() && message.reply_to != Some(us.id) {
            return Self::Nothing(Silence::Talk);
        }
        let prompt = message.text.as_ref().map_or("", |text| text.text.trim());
        match meant(message) {
            None if prompt.is_empty() => Self::Usage(Usage::Draw),
            None if message.replied_to_other => Self::Usage(Usage::Reply),
            None => Self::Draw { prompt: prompt.to_owned(), pictures: 1 },
            Some(_) if prompt.is_empty() && message.album.is_some() => Self::Nothing(Silence::OfAnAlbum),
            Some(_) if prompt.is_empty() => Self::Usage(Usage::Caption),
            Some(photo) => Self::Regenerate { photo: photo.clone(), prompt: prompt.to_owned(), pictures: 1 },
        }
    }
}

/// The picture that a message is about: its own, or that of the message that it replies to.
fn meant(message: &Message) -> Option<&Photo> {
    message.picture.as_ref().or(message.replied_picture.as_ref())
}

/// A command as it was written: `/draw@our_bot a cat`.
struct Called<'a> {
    name: &'a str,
    bot: Option<&'a str>,
    argument: &'a str,
}

/// The command that a text begins with. Telegram says where one is; the first word is looked at only where it says nothing
/// at all.
fn called(text: &Text) -> Option<Called<'_>> {
    let at_start = |entity: &&Entity| entity.offset == 0 && entity.kind == "bot_command";
    let (word, argument) = match text.entities.iter().find(at_start) {
        Some(entity) => split_at_utf16(&text.text, entity.length)?,
        None if text.entities.is_empty() => {
            let end = text.text.find(char::is_whitespace).unwrap_or(text.text.len());
            text.text.split_at(end)
        }
        None => return None,
    };
    let word = word.strip_prefix('/')?;
    let (name, bot) = match word.split_once('@') {
        Some((name, bot)) => (name, Some(bot)),
        None => (word, None),
    };
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
    (is_name(name) && bot.is_none_or(is_name)).then(|| Called { name, bot, argument: argument.trim() })
}

/// How many pictures, and of what: `x4 a cat` or `×4 a cat`, else one. A count is read only where nothing else can be meant:
/// `X5` is a car's name, `4x` a magnification and `3장` a chapter. None if it is a number that nobody can have.
fn counted(argument: &str) -> Option<(u8, &str)> {
    let (word, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    let rest = rest.trim();
    // Alone it is no prompt either.
    let is_alone = rest.is_empty();
    let digits = word.strip_prefix(['x', '×']).or_else(|| word.strip_suffix(['x', 'X', '×']).filter(|_| is_alone));
    let Some(digits) = digits else { return Some((1, argument)) };
    // Longer numbers are somebody's name or model.
    if !(1..=4).contains(&digits.len()) || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return Some((1, argument));
    }
    let pictures = digits.parse().ok().filter(|pictures| PICTURES.contains(pictures))?;
    Some((pictures, rest))
}

/// What a link may bring: <https://core.telegram.org/bots/features#deep-linking>.
fn payload(argument: &str) -> Option<String> {
    let is_payload = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-');
    ((1..=64).contains(&argument.len()) && argument.bytes().all(is_payload)).then(|| argument.to_owned())
}

#[cfg(test)]
mod tests;
