//! Names in a text, Korean or English: who is spoken of, whatever hangs on a name.
//!
//! A name is found by its letters ([`index`]), in each way in which it may be written, where a word begins. What is left of
//! the word must be what can hang on a name ([`endings`]); a name that is a common word too must be a person by what
//! stands around it ([`context`]).

mod context;
mod endings;
mod find;
mod fold;
mod index;
mod sound;
mod spoken;
mod words;

use fold::Folded;
pub(crate) use fold::is_line_end;
pub(crate) use spoken::{unmatched, which};

/// Those of these names that a text speaks of, in the order in which it first does. A name begins where a word does,
/// and what is left of its word are endings: `민수` is in `민수에게는`, and not in `민수진`. Of two names the longer one is
/// meant. A given name, or one word of a Latin name, is as good as the whole where it fits one of the names alone.
/// Names that differ by capitals, white space, apostrophes or hyphens alone are one, the first.
pub fn mentioned<'n>(text: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let names: Vec<&str> = names.into_iter().collect();
    let found = find::mentions(&Folded::of(text), &index::Index::of(names.iter().copied()));
    let mut mentioned: Vec<&str> = Vec::new();
    for name in found.into_iter().filter_map(|at| names.get(at).copied()) {
        if !mentioned.contains(&name) {
            mentioned.push(name);
        }
    }
    mentioned
}

/// The shortest beginning of a name, of at least two letters, that is a name by itself and has nothing but endings behind
/// it.
pub(crate) fn without_endings(letters: &[char], is_name: impl Fn(&[char]) -> bool) -> Option<&[char]> {
    let shortest = letters.len().saturating_sub(endings::LONGEST_ENDINGS).max(2);
    let mut beginnings = (shortest..letters.len()).filter_map(|length| letters.split_at_checked(length));
    let is_ending = |rest: &[char], last: char| {
        rest.iter().all(|letter| fold::is_syllable(*letter)) && endings::role(rest, last).is_some()
    };
    let (name, _) =
        beginnings.find(|(name, rest)| name.last().is_some_and(|last| is_ending(rest, *last)) && is_name(name))?;
    Some(name)
}

/// A name as it is written when its white space and its Unicode form are the usual ones, and nothing of it is invisible.
pub(crate) fn tidy(name: &str) -> String {
    let visible = crate::letters::visible(&crate::letters::composed(name));
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text in one line.
pub(crate) fn one_line(text: &str) -> String {
    text.split(is_line_end).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" / ")
}

/// Whether two spellings are of one name: capitals, spaces, Unicode forms, and how an apostrophe or a hyphen is typed make
/// no difference.
pub fn is_same(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

/// Whether a text is a Korean name by its syllables: a given name of two, or a whole name.
pub(crate) fn looks_like_a_name(text: &str) -> bool {
    words::looks_like_a_name(&Folded::of(text).letters)
}

/// What the spellings of one name have in common.
pub(crate) fn folded(text: &str) -> Vec<char> {
    Folded::of(text).letters.into_iter().map(|letter| if letter == '\n' { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests;
