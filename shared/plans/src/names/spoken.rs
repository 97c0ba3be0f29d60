//! Names that a text speaks of, whether or not anybody of that name is known.

use super::{
    find,
    fold::{Folded, is_of_word, is_syllable},
    index::Index,
    is_same,
    sound::{Sound, vowel_of},
    tidy, words,
};
use crate::script;

/// Names that are told as unmatched, at most.
const MOST: usize = 40;
/// Words before an English name that is called.
const GREETINGS: &[&str] = &["hey", "hi", "hello", "oh", "dear", "thanks", "sorry", "bye", "goodbye", "please"];

/// The names that a text speaks of and that none of `known` fits: its speakers, and whom it calls (`서준아!`). Which
/// words are names is guessed where nobody is known by them, so that this is for people to read and decides nothing.
pub(crate) fn unmatched(text: &str, known: &[&str]) -> Vec<String> {
    let index = Index::of(known.iter().copied());
    let is_known = |name: &str| !find::mentions(&Folded::of(&format!("{name}:")), &index).is_empty();
    let mut unmatched: Vec<String> = Vec::new();
    let mut add = |name: String| {
        if unmatched.len() < MOST && !unmatched.iter().any(|other| is_same(other, &name)) {
            unmatched.push(name);
        }
    };
    for speaker in script::speakers(text) {
        if !is_known(&speaker.name) && !is_known(&speaker.label) {
            add(speaker.name);
        }
    }
    for name in called(text).filter(|name| !is_known(name)) {
        add(name);
    }
    unmatched
}

/// Whether one of `known` is meant by a name that stands alone.
pub(crate) fn which<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    let found = find::mentions(&Folded::of(&format!("{name}:")), &Index::of(known.iter().copied()));
    known.get(*found.first()?).copied()
}

/// Whom a text calls by a name: `서준아,`, `서준 씨!`, `Hey, Bob!`.
fn called(text: &str) -> impl Iterator<Item = String> {
    let letters: Vec<char> = crate::letters::composed(text).chars().collect();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut start = None;
    for (at, letter) in letters.iter().copied().chain([' ']).enumerate() {
        match (start, is_of_word(letter)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                spans.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for (index, (from, to)) in spans.iter().copied().enumerate() {
        let word = letters.get(from..to).unwrap_or_default();
        let pauses = letters.get(to).is_none_or(|letter| !letter.is_alphanumeric() && *letter != ' ');
        let neighbour = |at: Option<usize>| at.and_then(|at| spans.get(at)).map(|(from, to)| (*from, *to));
        let name = if word == ['씨'] && pauses {
            let (from, end) = neighbour(index.checked_sub(1)).unwrap_or_default();
            let before = letters.get(from..end).unwrap_or_default();
            (letters.get(end) == Some(&' ')).then_some(before).filter(|before| words::looks_like_a_name(before))
        } else if pauses && word.iter().all(|letter| is_syllable(*letter)) {
            vocative(word)
        } else {
            let (from, end) = neighbour(index.checked_sub(1)).unwrap_or_default();
            let before: String = letters.get(from..end).unwrap_or_default().iter().collect::<String>().to_lowercase();
            let is_name = word.len() > 1 && word.first().is_some_and(char::is_ascii_uppercase);
            (pauses && is_name && GREETINGS.contains(&before.as_str())).then_some(word)
        };
        found.extend(name.map(|name| tidy(&name.iter().collect::<String>())));
    }
    found.into_iter()
}

/// The name in a word that calls somebody: 서준 of 서준아, 지수 of 지수야아.
fn vocative(word: &[char]) -> Option<&[char]> {
    let mut short = word;
    while let [before @ .., last, drawn] = short
        && vowel_of(*last) == Some(*drawn)
        && matches!(last, '아' | '야')
    {
        short = word.get(..before.len().saturating_add(1))?;
    }
    let (calls, name) = short.split_last()?;
    let fits = match (calls, Sound::of(*name.last()?)) {
        ('야', Sound::Open) => true,
        ('아', sound) => matches!(sound, Sound::Closed | Sound::Rieul),
        _ => false,
    };
    (fits && words::looks_like_a_name(name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speakers_and_called_names_that_nobody_has_are_told_once() {
        let known = ["민수", "한서윤", "하나E"];
        for (text, expected) in [
            ("민수: 서준아, 서윤이 봤어?\n지호: 아니.", vec!["지호", "서준"]),
            ("하나E: 여보세요\n민수 NA: 그날.", vec![]),
            ("서준아아! 서준아!", vec!["서준"]),
            ("지현 씨, 회의 시작해요.", vec!["지현"]),
            ("Hey, Bob! Oh no.", vec!["Bob"]),
            ("뭐야? 아니야. 누구야! 거짓말이야. 좋아! 하지 마. 진짜야? 이리 와, 친구야!", vec![]),
            ("우리야. 사이야! 이유야? 언제야? 하나야. 자기야, 오빠야!", vec![]),
            ("서윤: 응\n한서윤: 응", vec![]),
            ("FADE OUT:\n오후 3:00", vec![]),
        ] {
            assert_eq!(unmatched(text, &known), expected, "{text}");
        }
        // 서윤 fits two, and so nobody for sure.
        assert_eq!(unmatched("서윤아!", &["한서윤", "김서윤"]), ["서윤"]);
    }
}
