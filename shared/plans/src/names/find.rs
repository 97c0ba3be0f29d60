//! Finds names in a text, reading it once.

use super::{
    context::{Place, is_person},
    endings::{self, Role},
    fold::{Folded, is_of_word, is_syllable, is_unspaced},
    index::{Index, Spelling},
    sound,
    words::{self, Word},
};

/// Words that are written in one with a name behind them.
const BEFORE: &[&str] = &["우리", "울", "야", "어이", "꼬마", "우리집", "아", "헤이"];

/// What scripts write in one word behind a speaker's name: off screen, narration, voice over.
const TAGS: &[&str] = &["e", "n", "na", "nar", "v", "vo", "os", "off", "f", "fe", "m", "pd", "ceo", "eff", "x", "vs"];

/// What hangs on a name is not longer than this, in letters. Names may be joined in one word without end, and each of them
/// is looked at with what hangs on it.
const MOST_LETTERS: usize = 120;

/// A name where it was found.
struct Mention {
    owner: Option<usize>,
    place: Place,
    is_person: bool,
}

/// Whom a text speaks of, by the places of their names, in the order of the text. One that is spoken of several times comes
/// several times.
pub(super) fn mentions(text: &Folded, index: &Index) -> Vec<usize> {
    let (mut all, mut at): (Vec<Mention>, usize) = (Vec::new(), 0);
    // Where a name ended that another may stand behind without a space.
    let mut joint = None;
    while at < text.letters.len() {
        let found = if joint == Some(at) || begins_word(text, at) { longest(text, index, at) } else { None };
        if let Some((spelling, place)) = found {
            let is_person = is_person(text, place, spelling.word);
            all.push(Mention { owner: spelling.owner, place, is_person });
            at = place.word_end.max(at.saturating_add(1));
            joint = Some(at).filter(|at| place.name_end < *at);
        } else {
            at = at.saturating_add(1);
        }
    }
    join(text, &mut all);
    all.into_iter().filter(|mention| mention.is_person).filter_map(|mention| mention.owner).collect()
}

/// Who stands in one row with a person is one: `민수와 하늘`, `하나, 민수`.
fn join(text: &Folded, all: &mut [Mention]) {
    for at in 1..all.len() {
        let Some([one, other]) = all.get_mut(at.saturating_sub(1)..=at) else { continue };
        if one.is_person != other.is_person && is_row(text, one.place, other.place) {
            (one.is_person, other.is_person) = (true, true);
        }
    }
}

fn is_row(text: &Folded, one: Place, other: Place) -> bool {
    let is_bare = one.name_end == one.word_end;
    match text.range(one.word_end, other.start) {
        [' '] => one.role == Role::Joined,
        [',' | '/' | '·' | '&' | '+', rest @ ..] | [' ', '/' | '·' | '&' | '+', rest @ ..] => {
            (is_bare || one.role == Role::Joined) && matches!(rest, [] | [' '])
        }
        _ => false,
    }
}

/// The longest name that stands at a place, with what hangs on it.
fn longest(text: &Folded, index: &Index, start: usize) -> Option<(Spelling, Place)> {
    let (mut node, mut at, mut ends) = (0, start, Vec::new());
    while let Some(letter) = text.get(at) {
        // A syllable that is the name's last one with a contracted particle in it.
        let short = sound::opened(letter).filter(|short| *short != letter);
        if let Some(end) = short.and_then(|short| index.step(node, short)).and_then(|node| index.end(node)) {
            ends.push((end, at.saturating_add(1), true));
        }
        // The same drawn out over several: 서주운아.
        if let Some((short, end)) = drawn_out(text, at, letter)
            && let Some(spelling) = index.step(node, short).and_then(|node| index.end(node))
            && let Some(place) = cried(text, start, end, short)
        {
            return Some((spelling, place));
        }
        let Some(next) = index.step(node, letter) else { break };
        (node, at) = (next, at.saturating_add(1));
        ends.extend(index.end(node).map(|end| (end, at, false)));
    }
    ends.sort_by_key(|(_, end, is_contracted)| (std::cmp::Reverse(*end), *is_contracted));
    if words::COMPOUNDS.iter().any(|word| is_word(text, start, at, word)) {
        return None;
    }
    ends.into_iter().find_map(|(spelling, end, is_contracted)| {
        let place =
            if is_contracted { contracted(text, start, end, spelling)? } else { plain(text, index, start, end)? };
        Some((spelling, place))
    })
}

/// The syllable that is drawn out over this place and those behind it, and where that ends: 준 of 주운, 주우운.
fn drawn_out(text: &Folded, at: usize, letter: char) -> Option<(char, usize)> {
    /// Nobody draws a name out for longer, and a text is read once.
    const MOST: usize = 30;
    let is_open = |echo: char| sound::echoes(letter, echo) && sound::opened(echo) == Some(echo);
    let vowels = text.from(at).iter().skip(1).take(MOST).take_while(|echo| is_open(**echo)).count();
    let end = at.saturating_add(1).saturating_add(vowels);
    let last = text.get(end).filter(|last| sound::echoes(letter, *last))?;
    Some((sound::closed_as(letter, last)?, end.saturating_add(1)))
}

/// A name that is drawn out and called or cried, with nothing else behind it.
fn cried(text: &Folded, start: usize, name_end: usize, last: char) -> Option<Place> {
    let run = text.from(name_end).iter().take(MOST_LETTERS).take_while(|letter| is_of_word(**letter)).count();
    let word_end = name_end.saturating_add(run);
    let role = if run == 0 { Role::Vocative } else { endings::role(text.range(name_end, word_end), last)? };
    let pauses = text.get(word_end) != Some(' ');
    (role == Role::Vocative && pauses).then_some(Place { start, name_end, word_end, role })
}

/// Whether a text has this word here, which is longer than the names that it begins with.
fn is_word(text: &Folded, start: usize, names_end: usize, word: &str) -> bool {
    let len = word.chars().count();
    len > names_end.saturating_sub(start) && word.chars().eq(text.from(start).iter().take(len).copied())
}

/// Whether a name can begin here.
fn begins_word(text: &Folded, at: usize) -> bool {
    let (Some(first), Some(before)) = (text.get(at), text.before(at)) else { return true };
    if !is_of_word(first) {
        return !is_of_word(before);
    }
    if is_unspaced(first) || is_unspaced(before) {
        return true;
    }
    let word_before = |end: usize| {
        let letters = text.letters.get(..end).unwrap_or_default();
        letters.iter().rev().take(5).take_while(|letter| is_of_word(**letter)).copied().collect::<Vec<_>>()
    };
    match before {
        _ if is_of_word(before) => {
            let word = word_before(at);
            if let ['x', rest @ ..] | ['s', 'v', rest @ ..] = word.as_slice() {
                // 민수x수진, as couples are written, and 민수vs수진.
                return is_syllable(first) && rest.first().is_none_or(|letter| is_syllable(*letter));
            }
            is_syllable(first) && BEFORE.iter().any(|known| known.chars().rev().eq(word.iter().copied()))
        }
        // O'Neil is no Neil, and Mary-Ann no Ann; A-Ann stammers.
        '\'' if !is_syllable(first) => word_before(at.saturating_sub(1)).len() != 1,
        '-' if !is_syllable(first) => {
            let word = word_before(at.saturating_sub(1));
            word.is_empty() || word.iter().any(|letter| is_syllable(*letter)) || word == [first]
        }
        _ => true,
    }
}

/// A name with what hangs on it, or none if what does makes another word.
fn plain(text: &Folded, index: &Index, start: usize, name_end: usize) -> Option<Place> {
    let last = text.before(name_end)?;
    let is_korean = is_syllable(last);
    let bare = Place { start, name_end, word_end: name_end, role: Role::Noun };
    let Some(next) = text.get(name_end).filter(|next| is_of_word(*next)) else {
        // Ann-Marie is somebody else, and Ann-like is not.
        let is_double = !is_korean && text.get(name_end) == Some('-') && text.is_capital(name_end.saturating_add(1));
        return (!is_double).then_some(bare);
    };
    if is_syllable(next) {
        let run =
            |at: usize| text.from(at).iter().take(MOST_LETTERS).take_while(|letter| is_syllable(**letter)).count();
        // 민수민수야.
        let name = text.range(start, name_end);
        let twice = name_end.saturating_add(name.len());
        let from = if is_korean && text.range(name_end, twice) == name { twice } else { name_end };
        let word_end = from.saturating_add(run(from));
        let Some(role) = endings::role(text.range(from, word_end), last) else {
            let (role, word_end) = joined(text, index, from, last)?;
            return Some(Place { word_end, role, ..bare });
        };
        // 도담도담: words that tell how something sounds or moves are doubled as names are that somebody calls.
        if from == twice && word_end == twice && text.get(word_end) == Some(' ') {
            return None;
        }
        return Some(Place { word_end, role, ..bare });
    }
    if is_unspaced(next) || is_unspaced(last) {
        return Some(bare);
    }
    let rest: Vec<_> = text.from(name_end).iter().take(24).take_while(|letter| is_of_word(**letter)).copied().collect();
    let word_end = name_end.saturating_add(rest.len());
    if is_korean {
        let tag: String = rest.iter().take_while(|letter| !is_syllable(**letter)).collect();
        return TAGS.contains(&tag.as_str()).then_some(Place { role: Role::Person, ..bare });
    }
    is_english_ending(text, start, &rest, last).then_some(Place { word_end, ..bare })
}

/// A particle with another known name right behind it: `민수랑지호`.
fn joined(text: &Folded, index: &Index, from: usize, last: char) -> Option<(Role, usize)> {
    (1..=3).find_map(|len| {
        let end = from.saturating_add(len);
        let role = endings::role(text.range(from, end), last)?;
        let is_particle = matches!(role, Role::Joined | Role::Subject | Role::Owner | Role::Person);
        (is_particle && index.begins(text.from(end))).then_some((role, end))
    })
}

/// A plural (`the Lees`), or a last letter that is drawn out (`Annnn`).
fn is_english_ending(text: &Folded, start: usize, rest: &[char], last: char) -> bool {
    let is_drawn_out = rest.len() > 1 && rest.iter().all(|letter| *letter == last);
    let has_article = text.letters.get(..start).unwrap_or_default().ends_with(&['t', 'h', 'e', ' ']);
    is_drawn_out || (has_article && text.is_capital(start) && matches!(rest, ['s'] | ['e', 's']))
}

/// A name whose last syllable has a particle in it: 민순 어디 갔어? Names that are common words, and what stands like a name
/// of its own, are left alone.
fn contracted(text: &Folded, start: usize, end: usize, spelling: Spelling) -> Option<Place> {
    let len = end.saturating_sub(start);
    if len < 2 || spelling.word != Word::Name {
        return None;
    }
    let syllable = text.before(end)?;
    let rest_len = text.from(end).iter().take(MOST_LETTERS).take_while(|letter| is_of_word(**letter)).count();
    let word_end = end.saturating_add(rest_len);
    let role = endings::contracted(syllable, text.range(end, word_end))?;
    let goes_on =
        rest_len > 0 || (text.get(end) == Some(' ') && text.get(end.saturating_add(1)).is_some_and(is_of_word));
    // The name ends in the middle of a syllable, which is no bare name.
    goes_on.then_some(Place { start, name_end: end.saturating_sub(1), word_end, role })
}
