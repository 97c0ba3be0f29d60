//! What may hang on a name in Korean: a small grammar of forms of address, particles, the copula and its endings, and
//! cries. It is a grammar and no list of words: endings hang on each other, and what only a copula can begin
//! (`민수였…`, `민수라고…`) may go on as it likes.

mod copula;
mod table;

use std::cmp::max;

use super::sound::{
    BIEUP, IEUNG, KIYEOK, MIEUM, SIOT, Sound, closed_as, closes, echoes, final_of, is_drawn, opened, vowel_of,
};
pub(super) use copula::contracted;
use copula::copula;
use table::{ADDRESS, Address, BEHIND_NOUNS, CASES, Ending, KIN, LINKED, NO_ADDRESS, Next, PARTICLES, VERBS};

/// Endings that hang on one name, at most: `수진 + 이 + 네 + 까지 + 도 + 요`.
const MOST_ENDINGS: u32 = 6;

/// The letters of endings that [`without_endings`](super::without_endings) takes from a name, at most.
pub(super) const LONGEST_ENDINGS: usize = 12;

/// What an ending says about the word that it hangs on: how sure it is that the word names a person. Later ones say
/// more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// It can hang on any noun.
    Noun,
    /// `와`, `랑`: it joins the word to the next.
    Joined,
    /// `의`.
    Owner,
    /// `이다` and its endings.
    Copula,
    /// `라고`: what somebody is called.
    Called,
    /// `이`, `가`, `은`, `는`.
    Subject,
    /// `아`, `야`: or the word is a verb in the form that these end.
    Vocative,
    /// Only persons have it: `에게`, `씨`, the `이` of `수진이가`.
    Person,
}

/// What the rest of a word says about the name before it. `last` is the name's last letter. None if the rest makes
/// another word of it. The rest is Hangul syllables only.
pub(super) fn role(rest: &[char], last: char) -> Option<Role> {
    cry(rest, last)
        .or_else(|| said(rest, last))
        .or_else(|| said(undrawn(rest)?, last))
        .or_else(|| said(&unrounded(rest)?, last))
        .or_else(|| said(&shortened(rest)?, last))
}

fn said(rest: &[char], last: char) -> Option<Role> {
    let sound = Sound::of(last);
    let plain = chain(rest, sound, Place::Name, MOST_ENDINGS);
    // Names that end in a consonant get an 이 in everyday speech, and are then like names that end in a vowel.
    let pet = rest.strip_prefix(&['이']).filter(|rest| !rest.is_empty() && sound != Sound::Open).and_then(|rest| {
        let role = chain(rest, Sound::Open, Place::Name, MOST_ENDINGS)?;
        Some(match role {
            _ if is_of_pet_name(rest) => Role::Person,
            // 수진이야: who is called is 수진아, and not 수진이야.
            Role::Vocative => Role::Copula,
            role => role,
        })
    });
    max(plain, pet)
}

/// Whether a word after a name, with a space between, is a form of address with what may hang on it: `씨가`, `선배`.
pub(super) fn is_address(word: &[char]) -> bool {
    let ways = ADDRESS.iter().filter(|(_, kind)| *kind == Address::OfPersons);
    let listed = ways.filter_map(|(address, _)| strip(word, address)).any(|(rest, last)| {
        // Some honour a form of address once more: 선배님, 형님.
        let rest = rest.strip_prefix(&['님']).map_or((rest, last), |rest| (rest, '님'));
        chain(rest.0, Sound::of(rest.1), Place::Josa, MOST_ENDINGS).is_some()
    });
    listed || (is_titled(word, MOST_ENDINGS) && !GODS.iter().any(|god| strip(word, god).is_some()))
}

/// Words with 님 that are no title of whom stands before them.
const GODS: [&str; 4] = ["하나님", "하느님", "부처님", "임금님"];

/// What may stand next in a chain of endings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Behind a name or a form of address: anything.
    Name,
    /// Behind a particle: particles and the copula.
    Josa,
    /// Behind a particle that no copula follows.
    Particles,
    /// Behind an ending that ends a word: nothing but the polite `요`.
    End,
}

/// What the rest says in the way that says the most.
fn chain(rest: &[char], sound: Sound, place: Place, most: u32) -> Option<Role> {
    if rest.is_empty() || (place != Place::Name && rest == ['요']) {
        return Some(Role::Noun);
    }
    let runs_on = || VERBS.iter().any(|verb| strip(rest, verb).is_some()).then_some(Role::Noun);
    if place == Place::End {
        return runs_on();
    }
    let most = most.checked_sub(1)?;
    let step = |ending: &Ending, rest: &[char]| {
        let (after, last) = ending.strip(rest, sound)?;
        let is_behind_case = place == Place::Particles && CASES.contains(&ending.text);
        if is_behind_case || (place != Place::Name && BEHIND_NOUNS.contains(&ending.text)) {
            return None;
        }
        let behind = match ending.next {
            Next::Anything => Role::Noun,
            Next::End => chain(after, Sound::of(last), Place::End, most)
                .or_else(|| (place == Place::Name && is_run_into(ending, after)).then_some(Role::Noun))?,
            Next::Particles => chain(after, Sound::of(last), Place::Particles, most)?,
            Next::Josa => chain(after, Sound::of(last), Place::Josa, most)?,
        };
        Some(match ending.role {
            // Who is called an uncle of somebody's is a person, whatever else is said of him.
            Role::Person => Role::Person,
            role if place == Place::Name => role,
            _ => max(behind, Role::Noun),
        })
    };
    let particles = PARTICLES.iter().filter_map(|ending| step(ending, rest)).max();
    let copula = if place == Place::Particles { None } else { copula(rest, sound, most) };
    let of_name = if place == Place::Name { of_name(rest, most) } else { None };
    particles.max(copula).max(of_name).or_else(|| if place == Place::Name { None } else { runs_on() })
}

/// Whether the verb of a sentence is written in one word with its subject or object: `민수가간다`, `민수를부른다`.
fn is_run_into(ending: &Ending, verb: &[char]) -> bool {
    matches!(ending.text, "가" | "는" | "를") && matches!(verb, [_, .., '다' | '요' | '까'])
}

/// Forms of address, and nouns that are written as one word with a name.
fn of_name(rest: &[char], most: u32) -> Option<Role> {
    if NO_ADDRESS.iter().any(|word| strip(rest, word).is_some()) {
        return None;
    }
    let addressed = ADDRESS.iter().filter_map(|(address, _)| {
        let (after, last) = strip(rest, address)?;
        // 민수선배야아: what is cried out is the form of address.
        cry(after, last).or_else(|| chain_of_noun(after, last, most)).map(|_| Role::Person)
    });
    // 민수오빤 for 민수오빠는, 민수껀데 for 민수꺼인데.
    let nouns = KIN.iter().map(|kin| (*kin, Role::Person));
    let nouns = nouns.chain(LINKED.iter().filter(|(_, next)| *next == Next::Josa).map(|(noun, _)| (*noun, Role::Noun)));
    let short = nouns.filter_map(|(noun, role)| {
        let (syllable, after) = strip_short(rest, noun)?;
        contracted(syllable, after).map(|_| role)
    });
    let linked = LINKED.iter().filter_map(|(noun, next)| {
        let (after, last) = strip(rest, noun)?;
        let fits = match next {
            Next::Anything => true,
            Next::End => after.is_empty(),
            Next::Particles | Next::Josa => chain_of_noun(after, last, most).is_some(),
        };
        fits.then_some(Role::Noun)
    });
    let titled = is_titled(rest, most).then_some(Role::Person);
    max(addressed.max(), linked.max()).max(short.max()).max(titled)
}

/// The chain behind a noun that may get an 이 as names do: `선생님이가`, `아범이`.
fn chain_of_noun(rest: &[char], last: char, most: u32) -> Option<Role> {
    chain(rest, Sound::of(last), Place::Name, most)
}

/// Whether this hangs on a name that ends in 이 and not on the copula's 이: `수진이가`, and not `수진이다`.
fn is_of_pet_name(rest: &[char]) -> bool {
    const OF_BOTH: [&str; 14] = ["나", "든", "며", "랑", "야", "여", "요", "건", "라", "고", "자", "지", "네", "다"];
    PARTICLES.iter().any(|ending| ending.strip(rest, Sound::Open).is_some())
        && !OF_BOTH.iter().any(|both| strip(rest, both).is_some())
}

/// A name that is cried out: `민수야아아`, `지호오오`, `서윤아앙`, `민수우야`.
fn cry(rest: &[char], last: char) -> Option<Role> {
    let (first, _) = rest.split_first()?;
    let vowel = vowel_of(last);
    let is_closed = closes(Sound::of(last));
    let is_echo =
        |letter: &char| !is_closed && final_of(*letter) == Some(0) && (Some(*letter) == vowel || echoes(last, *letter));
    let drawn_out = rest.iter().take_while(|letter| is_echo(letter)).count();
    let called = match rest.get(drawn_out..)?.split_first() {
        None => true,
        Some((call, tail)) => {
            let calls = match opened(*call)? {
                // 서윤암 and 민수약 would be other words.
                '아' if is_closed => !matches!(final_of(*call), Some(MIEUM | KIYEOK)),
                '야' if !is_closed => final_of(*call) != Some(KIYEOK),
                // The vowel of a name with a consonant behind it: 민수웃, 태오오옥.
                _ => !is_closed && echoes(last, *call) && (drawn_out > 0 || final_of(*call) == Some(SIOT)),
            };
            calls && is_drawn(*call) && tail.iter().all(|letter| is_drawn(*letter) && *letter != '이')
        }
    };
    let is_row = rest.len() > 1 && is_drawn(*first) && rest.iter().all(|letter| letter == first);
    (called || is_row).then_some(Role::Vocative)
}

/// The rest without the vowels in which its last syllable is drawn out: 이다 of 이다아아.
fn undrawn(rest: &[char]) -> Option<&[char]> {
    let mut short = rest;
    while let [before @ .., last, drawn] = short
        && vowel_of(*last) == Some(*drawn)
    {
        short = rest.get(..before.len().saturating_add(1))?;
    }
    (short.len() < rest.len()).then_some(short)
}

/// The rest with the syllables in one that are drawn out over two: 쌤 of 쌔앰, 선배님 of 선배니임.
fn shortened(rest: &[char]) -> Option<Vec<char>> {
    let mut short: Vec<char> = Vec::with_capacity(rest.len());
    for letter in rest {
        match short.last_mut() {
            Some(before) if echoes(*before, *letter) && final_of(*before) == Some(0) => {
                *before = closed_as(*before, *letter)?;
            }
            _ => short.push(*letter),
        }
    }
    (short.len() < rest.len()).then_some(short)
}

/// The rest without a consonant that closes its last syllable in fond or sharp speech: 인데 of 인뎅, 에요 of 에욤, 지요 of
/// 지욧.
fn unrounded(rest: &[char]) -> Option<Vec<char>> {
    let (last, before) = rest.split_last()?;
    // One syllable alone would be too many words.
    let is_fond = !before.is_empty() && matches!(final_of(*last), Some(MIEUM | BIEUP | SIOT | IEUNG));
    is_fond.then(|| before.iter().copied().chain(opened(*last)).collect())
}

/// Whether letters are a title that nobody listed, with the 님, 분 or 쌤 that only titles get: 상무님, 환자분께서.
fn is_titled(rest: &[char], most: u32) -> bool {
    // A title of one syllable would make another name of this one: 민수진님.
    (2..=4).any(|len| {
        let Some((_, after)) = rest.split_at_checked(len) else { return false };
        ["님", "분", "쌤"].iter().any(|title| {
            strip(after, title).is_some_and(|(after, last)| chain(after, Sound::of(last), Place::Josa, most).is_some())
        })
    })
}

/// What is left of these letters behind this text, and the text's last letter.
fn strip<'r>(letters: &'r [char], text: &str) -> Option<(&'r [char], char)> {
    let (mut left, mut last) = (letters, None);
    for letter in text.chars() {
        let (first, after) = left.split_first()?;
        if *first != letter {
            return None;
        }
        (left, last) = (after, Some(letter));
    }
    Some((left, last?))
}

/// The last syllable of this text with a consonant that closes it, and what is left of these letters behind it.
fn strip_short<'r>(letters: &'r [char], text: &str) -> Option<(char, &'r [char])> {
    let first = text.chars().next()?;
    if letters.first().copied().and_then(|letter| if letter == first { Some(first) } else { opened(letter) })
        != Some(first)
    {
        return None;
    }
    let len = text.chars().count();
    let (head, after) = letters.split_at_checked(len)?;
    let (syllable, before) = head.split_last()?;
    let is_same = text.chars().zip(before).all(|(one, other)| one == *other);
    (is_same && text.chars().next_back() == opened(*syllable) && opened(*syllable) != Some(*syllable))
        .then_some((*syllable, after))
}

impl Ending {
    /// What is left behind this ending, and its last letter.
    fn strip<'r>(&self, rest: &'r [char], sound: Sound) -> Option<(&'r [char], char)> {
        if self.after.takes(sound) { strip(rest, self.text) } else { None }
    }
}
