//! English.

use std::{fmt::Write as _, time::Duration};

use toonmill_domain::JobStatus;

use super::{Missing, Saying, Why, clock, commands, is_worth_a_retry, listed, quoted, told, whole_seconds};
use crate::{
    Language, UnreadKind,
    command::{Command, Usage},
};

pub(super) fn say(saying: &Saying<'_>) -> String {
    match *saying {
        Saying::Greeting => format!("Hello! Tell me what you would like to see, and I'll draw it.\n\n{}", help()),
        Saying::Help => help(),
        Saying::Usage(usage) => how_to(usage).to_owned(),
        Saying::Unread(UnreadKind::Edit) => {
            "I don't see changes to messages. Send a new one, and I'll draw what it says (/help).".to_owned()
        }
        Saying::Unread(UnreadKind::Media) => {
            "I can draw what you write, and redraw a photo or image file that has a caption (/help).".to_owned()
        }
        Saying::Started { prompt, pictures: 1 } => format!("🎨 Drawing…\n{}", quoted(prompt)),
        Saying::Started { prompt, pictures } => format!("🎨 Drawing {pictures} pictures…\n{}", quoted(prompt)),
        Saying::Progress { prompt, stored, requested, elapsed } => {
            let so_far = if requested == 1 { String::new() } else { format!(" {stored} of {requested} done,") };
            format!("🎨 Drawing…{so_far} {} so far\n{}", time(elapsed), quoted(prompt))
        }
        Saying::Finished { prompt, pictures, elapsed } => {
            let what = if pictures == 1 { "picture is".to_owned() } else { format!("{pictures} pictures are") };
            format!("✅ Your {what} finished! ({})\n{}", time(elapsed), quoted(prompt))
        }
        Saying::FinishedShort { prompt, stored, requested, missing } => {
            let what = format!("{stored} of {} drawn.\n{}", pictures(requested), quoted(prompt));
            format!("⚠️ {what}\n\nWhy some are missing:{}\n\n{}", why_not(missing), what_now(missing))
        }
        Saying::Failed { prompt, missing } => {
            format!("😢 This could not be drawn.\n{}\n{}\n\n{}", quoted(prompt), why_not(missing), what_now(missing))
        }
        Saying::Cancelling { prompt } => {
            format!("Cancelling. What is being drawn right now may still be finished.\n{}", quoted(prompt))
        }
        Saying::Cancelled { prompt, stored: 0, .. } => {
            format!("Cancelled. You got your credits back.\n{}", quoted(prompt))
        }
        Saying::Cancelled { prompt, stored, requested } => {
            format!("Cancelled. {stored} of {} had been finished.\n{}", pictures(requested), quoted(prompt))
        }
        Saying::NothingToCancel => "Nothing is being drawn right now.".to_owned(),
        Saying::NothingToRetry => "There is nothing to draw again.".to_owned(),
        Saying::Status { jobs, available } => {
            let mut lines = match jobs {
                [] => "Nothing is being drawn right now.".to_owned(),
                _ => "Your pictures:".to_owned(),
            };
            for job in jobs {
                let (stored, requested, status) = (job.stored, job.requested, status(job.status));
                _ = write!(lines, "\n• {} – {status}, {stored} of {requested}", listed(job.prompt));
            }
            format!("{lines}\n\nCredits left: {}", available.get())
        }
        Saying::NotEnoughCredits { needed, available } => {
            format!("You don't have enough credits: this takes {}, and you have {}.", needed.get(), available.get())
        }
        Saying::TooManyJobs { most } => {
            format!("I can draw {most} things for you at a time. Try again when one is finished, or /cancel one.")
        }
        Saying::RateLimited { wait } => {
            format!("That's too many requests. Please try again in {}.", time(whole_seconds(wait)))
        }
        Saying::PromptTooLong { chars, most_chars } => {
            format!("Your description is too long: it has {chars} characters, and I can read {most_chars}.")
        }
        Saying::PromptRefused => "I can't draw this. Please put it in other words.".to_owned(),
        Saying::PromptInvalid => "I can't read this description. Please put it in other words.".to_owned(),
        Saying::PhotoTooLarge { most_bytes } => {
            format!("This picture is too large. Please send one of less than {} MB.", most_bytes / 1_000_000)
        }
        Saying::PhotoUnreadable => "I can't read this picture. Please send a JPEG, PNG or WebP image.".to_owned(),
        Saying::TierTooLow => "Your membership does not include this.".to_owned(),
        Saying::ProviderUnavailable => "I can't draw right now. Please try again in a while.".to_owned(),
        Saying::InternalError => "Something went wrong. Please try again in a while.".to_owned(),
    }
}

pub(super) const fn command(command: Command) -> &'static str {
    match command {
        Command::Draw => "Draw what you describe (/draw x4 …: four pictures)",
        Command::Monster => "Draw a monster that you describe",
        Command::Status => "Show what is being drawn",
        Command::Retry => "Draw again what failed",
        Command::Cancel => "Stop drawing",
        Command::Help => "Show how it works",
        Command::Start => "Get started",
    }
}

fn help() -> String {
    let commands = commands(Language::En);
    format!(
        "• Send a text, and I'll draw it. In groups, use /draw.\n• Send a picture with a caption, or reply to a picture, and I'll draw it anew as your words say.\n{commands}"
    )
}

const fn how_to(usage: Usage) -> &'static str {
    match usage {
        Usage::Draw => "Tell me what to draw.\nFor example: /draw a cat in a rainy alley",
        Usage::Monster => "Tell me what the monster is like.\nFor example: /monster a forest beast with three eyes",
        Usage::Caption => {
            "Send the picture with a caption that says how to draw it anew, or reply to it with those words."
        }
        Usage::Reply => {
            "I can redraw photos and image files, and not what you replied to.\nSend a picture with these words as its caption, or /draw and what you would like to see."
        }
        Usage::Pictures => "I can draw 1 to 10 pictures at a time.\nFor example: /draw x4 a cat in a rainy alley",
    }
}

const fn status(status: JobStatus) -> &'static str {
    match status {
        JobStatus::InQueue => "waiting",
        JobStatus::InProgress => "drawing",
        JobStatus::Completed => "finished",
        JobStatus::Partial => "partly finished",
        JobStatus::Failed => "failed",
        JobStatus::Cancelled => "cancelled",
    }
}

fn why_not(missing: &[Missing]) -> String {
    told(missing, because, pictures)
}

const fn because(why: Why) -> &'static str {
    match why {
        Why::Refused => "The image service will not draw this",
        Why::Busy => "The image service was too busy",
        Why::NoPicture => "No usable picture came out",
        Why::NotUnderstood => "The image service did not accept the request",
        Why::Unavailable => "The image service can't be used right now",
        Why::Cancelled => "You cancelled",
        Why::TooLate => "There was not enough time",
        Why::TriedInVain => "Several tries did not work",
    }
}

fn what_now(missing: &[Missing]) -> String {
    let now = if is_worth_a_retry(missing) { "Send /retry to try again." } else { "Please try other words." };
    format!("You got the credits for missing pictures back. {now}")
}

fn pictures(number: u32) -> String {
    if number == 1 { "1 picture".to_owned() } else { format!("{number} pictures") }
}

fn time(time: Duration) -> String {
    match clock(time) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}
