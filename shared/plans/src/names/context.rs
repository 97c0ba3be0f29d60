//! What stands around a name that is a common word too, and whether it is a person there.

mod cues;

use cues::{ACTS, DOES, DONE_TO_PERSONS, OF_PERSONS, TOGETHER};

use super::{
    endings::{Role, is_address},
    fold::{Folded, is_lone_jamo, is_of_word, is_syllable},
    words::Word,
};

/// A name in a text, with what hangs on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) start: usize,
    /// Where the name ends.
    pub(super) name_end: usize,
    /// Where its word ends.
    pub(super) word_end: usize,
    pub(super) role: Role,
}

impl Place {
    fn is_bare(self) -> bool {
        self.name_end == self.word_end
    }
}

/// Whether a name that may be another word is one here.
pub(super) fn is_person(text: &Folded, place: Place, word: Word) -> bool {
    match word {
        Word::Name => true,
        Word::English => is_english_name(text, place),
        Word::Noun => is_label(text, place) || is_korean_name(text, place),
        Word::Stem => is_label(text, place) || is_korean_name(text, place) || has_ending_of_nouns(text, place),
        Word::Modifier => {
            let hangs_on_noun = match place.role {
                // A modifier has its noun behind it, and seldom nothing before it.
                Role::Noun if place.is_bare() => {
                    let next = Ahead::of(text, place.word_end);
                    next.pauses()
                        || (starts_sentence(text, place.start)
                            && !next.begins_with(&["지 ", "것", "게 ", "저든", "아니"]))
                }
                Role::Noun => ends_as(text, place, OF_NOUNS) || ends_as(text, place, &["을", "도"]),
                _ => true,
            };
            hangs_on_noun || is_label(text, place) || is_korean_name(text, place)
        }
    }
}

/// Whether the name is what a line begins with, before a colon or in brackets: `하늘:`, `[하늘]`, `하늘 (속으로):`.
fn is_label(text: &Folded, place: Place) -> bool {
    if !place.is_bare() {
        return false;
    }
    let before = |at: usize| text.letters.get(..at).unwrap_or_default().iter().rev();
    let line: Vec<_> = before(place.start).take(12).take_while(|letter| **letter != '\n').collect();
    if line.len() == 12 || line.iter().any(|letter| letter.is_alphabetic() || matches!(letter, '.' | '!' | '?' | '"')) {
        return false;
    }
    let in_bracket = line.first().is_some_and(|letter| matches!(letter, '[' | '<' | '「' | '【' | '〔' | '〈' | '『'));
    let mut after = text.from(place.name_end);
    if let [' ', rest @ ..] = after {
        after = rest;
    }
    if let ['(', rest @ ..] = after {
        let Some(end) = rest.iter().take(40).position(|letter| matches!(letter, ')' | '\n')) else { return false };
        after = rest.get(end.saturating_add(1)..).unwrap_or_default();
    }
    if let [' ', rest @ ..] = after {
        after = rest;
    }
    match after {
        [':', ..] => true,
        [']' | '>' | '」' | '】' | '〕' | '〉' | '』', ..] => in_bracket,
        // Screenplays write the name in a line of its own.
        ['\n', ..] => line.is_empty() && text.get(place.name_end) == Some('\n'),
        _ => false,
    }
}

fn is_korean_name(text: &Folded, place: Place) -> bool {
    let next = Ahead::of(text, place.word_end);
    match place.role {
        Role::Person => true,
        // Behind a consonant 아 calls, and in 하나야 the 야 may be that of the copula.
        Role::Vocative
            if text.before(place.word_end) == Some('아') && place.name_end.saturating_sub(place.start) > 1 =>
        {
            true
        }
        Role::Vocative => next.pauses() || starts_sentence(text, place.start),
        // 가을이 누나: the 이 of a name, and no particle.
        Role::Subject if next.is_addressed() && text.before(place.word_end) == Some('이') => true,
        Role::Subject => {
            !follows(text, place.start, &["중", "가운데", "또"]) && next.acts() && !behind_object(text, place.start)
        }
        Role::Owner => next.begins_with(OF_PERSONS),
        Role::Called if is_order(text, place) => {
            next.begins_with(&["사람", "친구", "애 ", "아이", "여자", "남자", "학생", "불"])
        }
        Role::Called => next
            .begins_with(&["해", "합", "하", "한", "불", "부", "사람", "친구", "애", "아이", "여자", "남자", "학생"]),
        Role::Copula => {
            let is_household = text.before(place.word_end) == Some('네') && next.begins_with(OF_PERSONS);
            is_household || follows(text, place.start, IDENTIFIED)
        }
        Role::Noun if ends_as(text, place, &["을", "를"]) => next.begins_with(DONE_TO_PERSONS),
        Role::Noun if ends_as(text, place, &["꺼", "이꺼"]) => true,
        Role::Noun if place.is_bare() => {
            next.begins_with(&["꺼"])
                || follows(text, place.start, &["이름은"])
                || next.is_addressed()
                || is_called_out(text, place, &next)
        }
        Role::Joined => next.begins_with(TOGETHER),
        Role::Noun => false,
    }
}

/// Whether what follows can follow a noun alone, and is the ending of no verb.
fn has_ending_of_nouns(text: &Folded, place: Place) -> bool {
    ends_as(text, place, OF_NOUNS) || (place.role == Role::Owner)
}

/// Endings that no verb has.
const OF_NOUNS: &[&str] = &[
    "였", "예요", "에요", "입니", "이었", "이에", "인데", "인가", "일까", "를", "랑", "이랑", "부터", "까지", "처럼",
    "조차", "마저", "이나", "이든", "이라",
];

/// Whether what hangs on the name begins with one of these.
fn ends_as(text: &Folded, place: Place, endings: &[&str]) -> bool {
    endings.iter().any(|ending| begins(text.range(place.name_end, place.word_end), ending))
}

/// Words before `민수야`, `민수지` and the like that make it say who somebody is.
const IDENTIFIED: &[&str] = &[
    "나",
    "난",
    "저",
    "전",
    "너",
    "넌",
    "네가",
    "니가",
    "내가",
    "제가",
    "얘",
    "얘가",
    "쟤",
    "쟤가",
    "이름은",
    "이름이",
    "얘는",
    "쟤는",
    "걔는",
    "걔",
    "걔가",
    "이쪽은",
    "저쪽은",
    "저는",
    "나는",
    "너는",
    "여긴",
    "누나",
    "형",
];

/// What stands behind a word, to the end of its sentence.
struct Ahead<'t> {
    /// The letter right behind the word.
    first: Option<char>,
    rest: &'t [char],
}

impl<'t> Ahead<'t> {
    /// A sentence that is longer than this goes on without being looked at.
    const MOST: usize = 60;

    fn of(text: &'t Folded, word_end: usize) -> Self {
        let rest = text.from(word_end);
        let rest = rest.get(..Self::MOST.min(rest.len())).unwrap_or_default();
        let ends = |letter: &char| matches!(letter, '.' | '!' | '?' | '\n' | '…' | '。');
        let end = rest.iter().position(ends).unwrap_or(rest.len());
        Self { first: rest.first().copied(), rest: rest.get(..end).unwrap_or_default() }
    }

    /// The words behind this one that a space is before.
    fn words(&self) -> impl Iterator<Item = &'t [char]> {
        let words = if self.first == Some(' ') { self.rest } else { &[] };
        words.split(|letter| !is_of_word(*letter)).filter(|word| !word.is_empty())
    }

    fn begins_with(&self, all: &[&str]) -> bool {
        self.words().next().is_some_and(|word| all.iter().any(|one| begins(word, one)))
    }

    /// Whether there is a pause: the end, or a mark.
    fn pauses(&self) -> bool {
        self.first.is_none_or(|letter| !is_of_word(letter) && letter != ' ')
    }

    /// Whether it tells of what a person does. Things seldom have an object.
    fn acts(&self) -> bool {
        let mut words = self.words().take(6);
        words.any(|word| {
            let is_object = word.len() > 1 && matches!(word.last(), Some('을' | '를'));
            is_object || ACTS.iter().any(|act| begins(word, act))
        })
    }

    /// Whether the next word is a form of address: `유리 씨가`.
    fn is_addressed(&self) -> bool {
        self.first == Some(' ') && self.words().next().is_some_and(is_address)
    }
}

/// Whether a word begins with these letters; a space in them stands for the end of a word, and is not looked behind.
fn begins(word: &[char], letters: &str) -> bool {
    let (head, tail) = letters.split_once(' ').map_or((letters, None), |(head, tail)| (head, Some(tail)));
    let is_head = head.chars().count() <= word.len() && head.chars().zip(word).all(|(one, other)| one == *other);
    is_head && (tail.is_none() || head.chars().count() == word.len())
}

/// Whether the word before ends in one of these.
fn follows(text: &Folded, start: usize, words: &[&str]) -> bool {
    let Some(' ') = text.before(start) else { return false };
    let before = text.letters.get(..start.saturating_sub(1)).unwrap_or_default();
    let word: Vec<_> = before.iter().rev().take(8).take_while(|letter| is_of_word(**letter)).copied().collect();
    words.iter().any(|one| one.chars().rev().eq(word.iter().copied()))
}

/// Whether the word before is an object, as it is before a verb: `글씨를 지우는 손`.
fn behind_object(text: &Folded, start: usize) -> bool {
    text.before(start) == Some(' ') && matches!(text.before(start.saturating_sub(1)), Some('을' | '를'))
}

/// Whether a place is the beginning of a sentence or of what somebody says.
fn starts_sentence(text: &Folded, start: usize) -> bool {
    let before = text.letters.get(..start).unwrap_or_default().iter().rev();
    let mut marks = before.take_while(|letter| !is_of_word(**letter)).copied();
    let is_start = |letter| matches!(letter, '.' | '!' | '?' | '\n' | ':' | '"' | '“' | '…' | '「' | '『' | ',' | '~');
    start == 0 || marks.any(is_start) || text.letters.get(..start).unwrap_or_default().iter().all(|c| !is_of_word(*c))
}

/// Whether a name may be what somebody is told to do: 보라, 가라.
fn is_order(text: &Folded, place: Place) -> bool {
    text.before(place.name_end) == Some('라')
}

/// Whether a bare name is cried or called: `하늘! 엎드려!`. What is counted is not called: `하나, 둘, 셋`.
fn is_called_out(text: &Folded, place: Place, next: &Ahead<'_>) -> bool {
    if is_order(text, place) || !starts_sentence(text, place.start) || text.before(place.start) == Some(',') {
        return false;
    }
    let after = text.from(place.word_end);
    let word = after.iter().skip_while(|letter| !is_of_word(**letter)).take_while(|letter| is_of_word(**letter));
    let word: Vec<_> = word.take(4).copied().collect();
    let counts = matches!(word.as_slice(), ['둘' | '셋'] | ['두', ..]);
    match next.first {
        Some('!' | '~') => !counts,
        Some(letter) if is_lone_jamo(letter) => true,
        Some(',') => {
            let marks = after.iter().skip(1).skip_while(|letter| !is_of_word(**letter)).skip_while(|c| is_of_word(**c));
            !counts && marks.copied().next() != Some(',')
        }
        _ => false,
    }
}

/// Whether an English word has a capital that is its own: not at the beginning of a sentence, unless what follows is what
/// follows a name.
fn is_english_name(text: &Folded, place: Place) -> bool {
    if is_label(text, place) || text.get(place.name_end).is_some_and(is_syllable) {
        return true;
    }
    if !text.is_capital(place.start) {
        return false;
    }
    let before = text.letters.get(..place.start).unwrap_or_default();
    let gap = before.iter().rev().take_while(|letter| !is_of_word(**letter));
    let is_start = place.start == 0
        || gap.copied().any(|letter| matches!(letter, '.' | '!' | '?' | '\n' | ':' | '"' | '“' | '…'))
        || before.iter().all(|letter| !is_of_word(*letter));
    let is_called = matches!(text.get(place.word_end), Some(',' | '!' | '?' | ':' | '\'') | None);
    let is_subject = Ahead::of(text, place.word_end).words().next().is_some_and(|word| {
        let word: String = word.iter().collect();
        DOES.contains(&word.as_str())
    });
    !is_start || is_called || is_subject
}
