//! What the bot says, in the languages that it speaks.
//!
//! Each language is one exhaustive match: what is not translated does not compile. Everything is plain text, to be sent
//! without a `parse_mode`: users' prompts are quoted in it, and nothing in a prompt can be markup.

mod english;
mod korean;

use std::{fmt::Write as _, time::Duration};

use toonmill_domain::{ClosingReason, Credits, FailureCode, JobStatus};

use crate::{
    Language, UnreadKind,
    command::{Command, Usage},
    limits::{CAPTION_UNITS, TEXT_UNITS, shortened},
};

/// How much of a prompt is quoted, in UTF-16 units.
const QUOTED_UNITS: usize = 160;
/// And in a list.
const LISTED_UNITS: usize = 48;

/// Something to say. Counts are of pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Saying<'a> {
    Greeting,
    Help,
    Usage(Usage),
    /// What the bot can do, in one line, to somebody who did something else.
    Unread(UnreadKind),
    /// The message that becomes the picture in the end.
    Started {
        prompt: &'a str,
        pictures: u32,
    },
    /// What that message says meanwhile. It differs with every second, so that an edit is never for nothing.
    Progress {
        prompt: &'a str,
        stored: u32,
        requested: u32,
        elapsed: Duration,
    },
    /// The caption of the picture, or of the first one.
    Finished {
        prompt: &'a str,
        pictures: u32,
        elapsed: Duration,
    },
    FinishedShort {
        prompt: &'a str,
        stored: u32,
        requested: u32,
        missing: &'a [Missing],
    },
    /// Nothing was drawn.
    Failed {
        prompt: &'a str,
        missing: &'a [Missing],
    },
    /// What is being drawn may still end.
    Cancelling {
        prompt: &'a str,
    },
    Cancelled {
        prompt: &'a str,
        stored: u32,
        requested: u32,
    },
    NothingToCancel,
    NothingToRetry,
    Status {
        jobs: &'a [Listed<'a>],
        available: Credits,
    },
    NotEnoughCredits {
        needed: Credits,
        available: Credits,
    },
    TooManyJobs {
        most: u32,
    },
    /// Too many requests, in a minute or in a day.
    RateLimited {
        wait: Duration,
    },
    PromptTooLong {
        chars: usize,
        most_chars: usize,
    },
    PromptRefused,
    PromptInvalid,
    PhotoTooLarge {
        most_bytes: usize,
    },
    PhotoUnreadable,
    TierTooLow,
    ProviderUnavailable,
    InternalError,
}

/// A job in the list of what is being drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed<'a> {
    pub prompt: &'a str,
    pub status: JobStatus,
    pub stored: u32,
    pub requested: u32,
}

/// Pictures that there are not, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    pub reason: Reason,
    pub pictures: u32,
}

/// Why a picture is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// How its last attempt failed.
    Failure(FailureCode),
    /// It had no attempt, or none of which more is known.
    Closing(ClosingReason),
}

/// The same as a user is told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Refused,
    Busy,
    NoPicture,
    NotUnderstood,
    Unavailable,
    Cancelled,
    TooLate,
    TriedInVain,
}

impl Saying<'_> {
    /// As a message.
    pub fn text(&self, language: Language) -> String {
        self.within(language, TEXT_UNITS)
    }

    /// As the caption of a picture.
    pub fn caption(&self, language: Language) -> String {
        self.within(language, CAPTION_UNITS)
    }

    fn within(&self, language: Language, most_units: usize) -> String {
        let said = match language {
            Language::Ko => korean::say(self),
            Language::En => english::say(self),
        };
        shortened(&said, most_units).into_owned()
    }
}

impl Command {
    /// What it does, as the bot's menu and the help say it.
    pub const fn description(self, language: Language) -> &'static str {
        match language {
            Language::Ko => korean::command(self),
            Language::En => english::command(self),
        }
    }
}

impl Reason {
    const fn why(self) -> Why {
        match self {
            Self::Failure(code) => match code {
                FailureCode::Refused => Why::Refused,
                FailureCode::RateLimited
                | FailureCode::Overloaded
                | FailureCode::TimedOut
                | FailureCode::WorkerCrash
                | FailureCode::Unknown(_) => Why::Busy,
                FailureCode::Empty
                | FailureCode::InvalidImage
                | FailureCode::InvalidText
                | FailureCode::DuplicateImage => Why::NoPicture,
                FailureCode::BadRequest => Why::NotUnderstood,
                FailureCode::Unauthorised | FailureCode::QuotaExhausted | FailureCode::ModelRetired => Why::Unavailable,
            },
            Self::Closing(reason) => match reason {
                ClosingReason::Finished | ClosingReason::Unknown(_) => Why::TriedInVain,
                ClosingReason::Cancelled => Why::Cancelled,
                ClosingReason::DeadlinePassed => Why::TooLate,
                ClosingReason::Stopped => Why::Unavailable,
            },
        }
    }
}

impl Why {
    /// Whether the same again may end otherwise.
    const fn is_worth_a_retry(self) -> bool {
        match self {
            Self::Refused | Self::NotUnderstood => false,
            Self::Busy | Self::NoPicture | Self::Unavailable | Self::Cancelled | Self::TooLate | Self::TriedInVain => {
                true
            }
        }
    }
}

/// Reasons that are told alike, as one, in the order in which they first come. There is always one.
fn reasons(missing: &[Missing]) -> Vec<(Why, u32)> {
    let mut reasons: Vec<(Why, u32)> = Vec::new();
    if missing.is_empty() {
        reasons.push((Why::TriedInVain, 0));
    }
    for Missing { reason, pictures } in missing {
        match reasons.iter_mut().find(|(why, _)| *why == reason.why()) {
            Some((_, sum)) => *sum = sum.saturating_add(*pictures),
            None => reasons.push((reason.why(), *pictures)),
        }
    }
    reasons
}

/// Whether the user is to be told of `/retry`, or to write something else.
fn is_worth_a_retry(missing: &[Missing]) -> bool {
    missing.is_empty() || missing.iter().any(|missing| missing.reason.why().is_worth_a_retry())
}

/// A line for each reason. How many pictures it is true of is told where there are several.
fn told(missing: &[Missing], because: fn(Why) -> &'static str, count: fn(u32) -> String) -> String {
    let reasons = reasons(missing);
    let is_alone = reasons.len() == 1;
    reasons.into_iter().fold(String::new(), |mut lines, (why, pictures)| {
        _ = write!(lines, "\n• {}", because(why));
        if !is_alone {
            _ = write!(lines, " ({})", count(pictures));
        }
        lines
    })
}

/// The beginning of a prompt, on one line.
fn quoted(prompt: &str) -> String {
    quoted_within(prompt, QUOTED_UNITS)
}

fn listed(prompt: &str) -> String {
    quoted_within(prompt, LISTED_UNITS)
}

fn quoted_within(prompt: &str, most_units: usize) -> String {
    let line = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("“{}”", shortened(&line, most_units))
}

/// What the help says of the commands: all but that by which the chat began.
fn commands(language: Language) -> String {
    let listed = Command::ALL.iter().filter(|command| **command != Command::Start);
    listed.fold(String::new(), |mut lines, command| {
        _ = write!(lines, "\n/{} – {}", command.name(), command.description(language));
        lines
    })
}

/// Hours, minutes and seconds.
const fn clock(time: Duration) -> (u64, u64, u64) {
    let seconds = time.as_secs();
    (seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A wait, rounded up: who comes back when it is over is not sent away again.
const fn whole_seconds(wait: Duration) -> Duration {
    let seconds = wait.as_secs().saturating_add(if wait.subsec_nanos() > 0 { 1 } else { 0 });
    Duration::from_secs(if seconds == 0 { 1 } else { seconds })
}

#[cfg(test)]
mod tests;
