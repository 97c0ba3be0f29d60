use std::fmt::Write as _;

use super::*;
use crate::limits::utf16_len;

const PROMPT: &str = "비 오는 골목의\n 고양이 <b>&amp; 🎨";

const SHORT: [Missing; 4] = [
    Missing { reason: Reason::Failure(FailureCode::Refused), pictures: 1 },
    Missing { reason: Reason::Failure(FailureCode::TimedOut), pictures: 2 },
    Missing { reason: Reason::Closing(ClosingReason::DeadlinePassed), pictures: 1 },
    Missing { reason: Reason::Failure(FailureCode::Overloaded), pictures: 3 },
];
const REFUSED: [Missing; 1] = [Missing { reason: Reason::Failure(FailureCode::Refused), pictures: 1 }];

fn credits(credits: u64) -> Credits {
    Credits::new(credits).unwrap()
}

fn jobs(prompt: &str) -> Vec<Listed<'_>> {
    let job = |status| Listed { prompt, status, stored: 2, requested: 4 };
    JobStatus::ALL.map(job).to_vec()
}

/// Each of them, with everything that it can say.
fn all<'a>(prompt: &'a str, jobs: &'a [Listed<'a>]) -> Vec<Saying<'a>> {
    let seconds = Duration::from_secs;
    vec![
        Saying::Greeting,
        Saying::Help,
        Saying::Usage(Usage::Draw),
        Saying::Usage(Usage::Monster),
        Saying::Usage(Usage::Caption),
        Saying::Usage(Usage::Reply),
        Saying::Usage(Usage::Pictures),
        Saying::Unread(UnreadKind::Edit),
        Saying::Unread(UnreadKind::Media),
        Saying::Started { prompt, pictures: 1 },
        Saying::Started { prompt, pictures: 4 },
        Saying::Progress { prompt, stored: 0, requested: 1, elapsed: seconds(8) },
        Saying::Progress { prompt, stored: 3, requested: 4, elapsed: seconds(65) },
        Saying::Finished { prompt, pictures: 1, elapsed: seconds(14) },
        Saying::Finished { prompt, pictures: 4, elapsed: seconds(120) },
        Saying::FinishedShort { prompt, stored: 3, requested: 10, missing: &SHORT },
        Saying::Failed { prompt, missing: &REFUSED },
        Saying::Failed { prompt, missing: &SHORT },
        Saying::Cancelling { prompt },
        Saying::Cancelled { prompt, stored: 0, requested: 4 },
        Saying::Cancelled { prompt, stored: 1, requested: 4 },
        Saying::NothingToCancel,
        Saying::NothingToRetry,
        Saying::Status { jobs: &[], available: credits(120) },
        Saying::Status { jobs, available: credits(0) },
        Saying::NotEnoughCredits { needed: credits(40), available: credits(12) },
        Saying::TooManyJobs { most: 64 },
        Saying::RateLimited { wait: Duration::from_millis(12_001) },
        Saying::RateLimited { wait: seconds(7 * 3600 + 300) },
        Saying::PromptTooLong { chars: 4200, most_chars: 4000 },
        Saying::PromptRefused,
        Saying::PromptInvalid,
        Saying::PhotoTooLarge { most_bytes: crate::limits::DOWNLOAD_BYTES },
        Saying::PhotoUnreadable,
        Saying::TierTooLow,
        Saying::ProviderUnavailable,
        Saying::InternalError,
    ]
}

#[test]
fn everything_that_is_said() {
    let jobs = jobs(PROMPT);
    for language in Language::ALL {
        let mut book = String::new();
        for saying in all(PROMPT, &jobs) {
            let debug = format!("{saying:?}");
            let name = debug.split([' ', '{']).next().unwrap();
            _ = write!(book, "== {name}\n{}\n\n", saying.text(language));
        }
        insta::assert_snapshot!(language.code(), book);
    }
}

#[test]
fn whatever_is_quoted_it_fits() {
    for prompt in ["가", "🎨", "a ", "👩‍🎨"].map(|part| part.repeat(4100)) {
        let jobs: Vec<_> = jobs(&prompt).into_iter().cycle().take(40).collect();
        for language in Language::ALL {
            for saying in all(&prompt, &jobs) {
                assert!(utf16_len(&saying.text(language)) <= TEXT_UNITS);
                assert!(utf16_len(&saying.caption(language)) <= CAPTION_UNITS);
            }
        }
    }
}

#[test]
fn a_prompt_never_pushes_out_what_is_said_of_it() {
    let prompt = "🎨".repeat(4000);
    for language in Language::ALL {
        let said = Saying::FinishedShort { prompt: &prompt, stored: 3, requested: 10, missing: &SHORT };
        assert_eq!(said.caption(language), said.text(language));
    }
}

#[test]
fn every_reason_is_told_in_plain_words() {
    let failures = FailureCode::ALL.map(Reason::Failure);
    let closings = ClosingReason::ALL.map(Reason::Closing);
    for language in Language::ALL {
        for reason in failures.into_iter().chain(closings) {
            let missing = [Missing { reason, pictures: 2 }];
            let said = Saying::Failed { prompt: "p", missing: &missing }.text(language);
            assert_eq!(said.matches('•').count(), 1, "{said}");
            assert!(!said.contains('_'), "no code: {said}");
        }
    }
}

#[test]
fn reasons_that_are_told_alike_are_told_once() {
    assert_eq!(reasons(&SHORT), [(Why::Refused, 1), (Why::Busy, 5), (Why::TooLate, 1)]);
}

#[test]
fn a_retry_is_offered_unless_it_would_end_the_same() {
    for language in Language::ALL {
        let said = |missing| Saying::Failed { prompt: "p", missing }.text(language);
        assert!(said(&SHORT).contains("/retry"));
        assert!(said(&[]).contains("/retry"));
        assert!(!said(&REFUSED).contains("/retry"));
    }
}

#[test]
fn the_menu_describes_every_command_within_telegrams_limit() {
    for language in Language::ALL {
        for command in Command::ALL {
            assert!((1..=256).contains(&command.description(language).chars().count()));
        }
    }
}

#[test]
fn a_wait_is_rounded_up() {
    let whole = |millis| whole_seconds(Duration::from_millis(millis)).as_secs();
    assert_eq!([0, 1, 1000, 1001].map(whole), [1, 1, 1, 2]);
}
