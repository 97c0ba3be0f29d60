//! 한국어. A space stands between a command and its particle, so that Telegram still links the command.

use std::{fmt::Write as _, time::Duration};

use toonmill_domain::JobStatus;

use super::{Missing, Saying, Why, clock, commands, is_worth_a_retry, listed, quoted, told, whole_seconds};
use crate::{
    Language, UnreadKind,
    command::{Command, Usage},
};

pub(super) fn say(saying: &Saying<'_>) -> String {
    match *saying {
        Saying::Greeting => format!("안녕하세요! 떠오르는 장면을 글로 보내 주시면 그림으로 그려 드려요.\n\n{}", help()),
        Saying::Help => help(),
        Saying::Usage(usage) => how_to(usage).to_owned(),
        Saying::Unread(UnreadKind::Edit) => {
            "고친 메시지는 볼 수 없어요. 새 메시지로 보내 주시면 그대로 그려 드릴게요. (/help)".to_owned()
        }
        Saying::Unread(UnreadKind::Media) => {
            "글을 보내면 그려 드리고, 설명을 단 사진이나 이미지 파일은 다시 그려 드려요. (/help)".to_owned()
        }
        Saying::Started { prompt, pictures: 1 } => format!("🎨 그리고 있어요.\n{}", quoted(prompt)),
        Saying::Started { prompt, pictures } => format!("🎨 {pictures}장을 그리고 있어요.\n{}", quoted(prompt)),
        Saying::Progress { prompt, stored, requested, elapsed } => {
            let so_far =
                if requested == 1 { String::new() } else { format!("{requested}장 중 {stored}장 완성, ") };
            format!("🎨 그리고 있어요. {so_far}{}째예요.\n{}", time(elapsed), quoted(prompt))
        }
        Saying::Finished { prompt, pictures, elapsed } => {
            let what = if pictures == 1 { "그림이".to_owned() } else { format!("그림 {pictures}장이") };
            format!("✅ {what} 완성됐어요! ({})\n{}", time(elapsed), quoted(prompt))
        }
        Saying::FinishedShort { prompt, stored, requested, missing } => {
            let what = format!("{requested}장 중 {stored}장을 그렸어요.\n{}", quoted(prompt));
            format!("⚠️ {what}\n\n그리지 못한 이유:{}\n\n{}", why_not(missing), what_now(missing))
        }
        Saying::Failed { prompt, missing } => {
            format!("😢 그리지 못했어요.\n{}\n{}\n\n{}", quoted(prompt), why_not(missing), what_now(missing))
        }
        Saying::Cancelling { prompt } => {
            format!("취소하고 있어요. 이미 그리던 그림은 완성될 수 있어요.\n{}", quoted(prompt))
        }
        Saying::Cancelled { prompt, stored: 0, .. } => {
            format!("취소했어요. 크레딧은 돌려드렸어요.\n{}", quoted(prompt))
        }
        Saying::Cancelled { prompt, stored, requested } => {
            format!("취소했어요. {requested}장 중 {stored}장은 이미 완성됐어요.\n{}", quoted(prompt))
        }
        Saying::NothingToCancel => "지금 그리고 있는 그림이 없어요.".to_owned(),
        Saying::NothingToRetry => "다시 그릴 그림이 없어요.".to_owned(),
        Saying::Status { jobs, available } => {
            let mut lines = match jobs {
                [] => "지금 그리고 있는 그림이 없어요.".to_owned(),
                _ => "그림 목록이에요.".to_owned(),
            };
            for job in jobs {
                let (stored, requested, status) = (job.stored, job.requested, status(job.status));
                _ = write!(lines, "\n• {} – {status}, {requested}장 중 {stored}장", listed(job.prompt));
            }
            format!("{lines}\n\n남은 크레딧: {}", available.get())
        }
        Saying::NotEnoughCredits { needed, available } => {
            format!("크레딧이 부족해요. {} 크레딧이 필요한데 {} 크레딧이 남아 있어요.", needed.get(), available.get())
        }
        Saying::TooManyJobs { most } => {
            format!(
                "한 번에 {most}개까지만 그릴 수 있어요. 하나가 끝나면 다시 보내 주세요. /cancel 로 취소할 수도 있어요."
            )
        }
        Saying::RateLimited { wait } => {
            format!("요청이 너무 많아요. {} 뒤에 다시 보내 주세요.", time(whole_seconds(wait)))
        }
        Saying::PromptTooLong { chars, most_chars } => {
            format!("설명이 너무 길어요. {most_chars}자까지 쓸 수 있는데 {chars}자예요.")
        }
        Saying::PromptRefused => "이 내용은 그려 드릴 수 없어요. 다르게 써서 보내 주세요.".to_owned(),
        Saying::PromptInvalid => "이 설명은 읽을 수 없어요. 다르게 써서 보내 주세요.".to_owned(),
        Saying::PhotoTooLarge { most_bytes } => {
            format!("사진이 너무 커요. {}MB보다 작은 사진을 보내 주세요.", most_bytes / 1_000_000)
        }
        Saying::PhotoUnreadable => "이 사진은 읽을 수 없어요. JPEG, PNG, WebP 사진을 보내 주세요.".to_owned(),
        Saying::TierTooLow => "지금 회원 등급으로는 쓸 수 없는 기능이에요.".to_owned(),
        Saying::ProviderUnavailable => "지금은 그림을 그릴 수 없어요. 잠시 뒤에 다시 보내 주세요.".to_owned(),
        Saying::InternalError => "문제가 생겼어요. 잠시 뒤에 다시 보내 주세요.".to_owned(),
    }
}

pub(super) const fn command(command: Command) -> &'static str {
    match command {
        Command::Draw => "설명대로 그리기 (/draw x4 설명: 4장)",
        Command::Monster => "설명대로 몬스터 그리기",
        Command::Status => "그리고 있는 그림 보기",
        Command::Retry => "실패한 그림 다시 그리기",
        Command::Cancel => "그리기 취소",
        Command::Help => "사용법 보기",
        Command::Start => "시작하기",
    }
}

fn help() -> String {
    let commands = commands(Language::Ko);
    format!(
        "• 글을 보내면 그 글대로 그려요. 그룹에서는 /draw 를 써 주세요.\n• 사진에 설명을 달아 보내거나 사진에 답장하면 그 사진을 말씀대로 다시 그려요.\n{commands}"
    )
}

const fn how_to(usage: Usage) -> &'static str {
    match usage {
        Usage::Draw => "무엇을 그릴지 함께 써 주세요.\n예: /draw 비 오는 골목의 고양이",
        Usage::Monster => "어떤 몬스터인지 함께 써 주세요.\n예: /monster 눈이 세 개인 숲의 괴물",
        Usage::Caption => "사진을 어떻게 다시 그릴지 설명을 달아서 보내거나, 그 사진에 답장으로 써 주세요.",
        Usage::Reply => {
            "사진과 이미지 파일만 다시 그릴 수 있고, 답장하신 것은 그릴 수 없어요.\n사진에 이 설명을 달아 보내거나, /draw 뒤에 그릴 것을 써 주세요."
        }
        Usage::Pictures => "한 번에 1장부터 10장까지 그릴 수 있어요.\n예: /draw x4 비 오는 골목의 고양이",
    }
}

const fn status(status: JobStatus) -> &'static str {
    match status {
        JobStatus::InQueue => "대기 중",
        JobStatus::InProgress => "그리는 중",
        JobStatus::Completed => "완성",
        JobStatus::Partial => "일부 완성",
        JobStatus::Failed => "실패",
        JobStatus::Cancelled => "취소됨",
    }
}

fn why_not(missing: &[Missing]) -> String {
    told(missing, because, |pictures| format!("{pictures}장"))
}

const fn because(why: Why) -> &'static str {
    match why {
        Why::Refused => "그려 드릴 수 없는 내용이라고 거절됐어요",
        Why::Busy => "그림 서비스가 너무 바빴어요",
        Why::NoPicture => "제대로 된 그림이 나오지 않았어요",
        Why::NotUnderstood => "그림 서비스가 요청을 받아 주지 않았어요",
        Why::Unavailable => "지금은 그림 서비스를 쓸 수 없어요",
        Why::Cancelled => "취소하셨어요",
        Why::TooLate => "정해진 시간 안에 끝내지 못했어요",
        Why::TriedInVain => "여러 번 시도했지만 그리지 못했어요",
    }
}

fn what_now(missing: &[Missing]) -> String {
    let now = if is_worth_a_retry(missing) {
        "/retry 로 다시 그릴 수 있어요."
    } else {
        "설명을 바꿔서 다시 보내 주세요."
    };
    format!("그리지 못한 그림의 크레딧은 돌려드렸어요. {now}")
}

fn time(time: Duration) -> String {
    match clock(time) {
        (0, 0, seconds) => format!("{seconds}초"),
        (0, minutes, 0) => format!("{minutes}분"),
        (0, minutes, seconds) => format!("{minutes}분 {seconds}초"),
        (hours, 0, _) => format!("{hours}시간"),
        (hours, minutes, _) => format!("{hours}시간 {minutes}분"),
    }
}
