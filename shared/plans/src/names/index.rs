//! Known names by their letters, in every way in which a text may write them.

use std::collections::HashMap;

use super::{
    fold::{Folded, is_syllable},
    words::{TITLES, Word, given_name, is_family_name},
};

/// The known names as a tree of letters, so that a text is read once however many names there are.
#[derive(Debug, Default)]
pub(super) struct Index {
    steps: HashMap<(usize, char), usize>,
    /// By nodes; the first is the root.
    ends: Vec<Option<Spelling>>,
}

/// A way to write a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spelling {
    /// Whose it is, by the place of the name; none if it fits several.
    pub(super) owner: Option<usize>,
    pub(super) word: Word,
    rank: Rank,
}

/// How close a spelling is to the name itself. Closer ones win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Whole,
    /// With or without a space, a hyphen, an apostrophe.
    Respelt,
    /// The given name, or one word of a Latin name.
    Part,
}

impl Index {
    pub(super) fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut index = Self { steps: HashMap::new(), ends: vec![None] };
        let mut owners = HashMap::new();
        for (place, name) in names.into_iter().enumerate() {
            let letters = Folded::of(name).letters;
            // Names that differ by capitals alone are one, the first, and share no part with each other.
            let owner = *owners.entry(letters.clone()).or_insert(place);
            for (spelling, rank) in spellings(&letters) {
                index.add(&spelling, owner, rank);
            }
        }
        index
    }

    fn add(&mut self, letters: &[char], owner: usize, rank: Rank) {
        if letters.is_empty() {
            return;
        }
        let mut node = 0;
        for letter in letters {
            let next = *self.steps.entry((node, *letter)).or_insert(self.ends.len());
            if next == self.ends.len() {
                self.ends.push(None);
            }
            node = next;
        }
        let Some(end) = self.ends.get_mut(node) else { return };
        match end {
            Some(known) if known.rank < rank || known.rank == Rank::Whole => {}
            Some(known) if known.rank == rank => {
                known.owner = known.owner.filter(|known| *known == owner);
            }
            _ => *end = Some(Spelling { owner: Some(owner), word: Word::of(letters), rank }),
        }
    }

    /// The node behind this one by a letter; 0 is the root.
    pub(super) fn step(&self, node: usize, letter: char) -> Option<usize> {
        self.steps.get(&(node, letter)).copied()
    }

    /// Whether letters begin with a name of two letters or more.
    pub(super) fn begins(&self, letters: &[char]) -> bool {
        let mut node = 0;
        for (at, letter) in letters.iter().enumerate() {
            let Some(next) = self.step(node, *letter) else { return false };
            node = next;
            if at > 0 && self.end(node).is_some_and(|end| end.word == Word::Name) {
                return true;
            }
        }
        false
    }

    /// The spelling that ends at a node.
    pub(super) fn end(&self, node: usize) -> Option<Spelling> {
        self.ends.get(node).copied().flatten()
    }
}

/// Every way in which a name may be written.
fn spellings(name: &[char]) -> Vec<(Vec<char>, Rank)> {
    let mut all = vec![(name.to_vec(), Rank::Whole)];
    let words: Vec<&[char]> = name.split(|letter| is_gap(*letter)).filter(|word| !word.is_empty()).collect();
    let mut add = |letters: Vec<char>, rank| all.push((letters, rank));
    if words.len() > 1 {
        for gap in [None, Some(' '), Some('-')] {
            add(joined(&words, gap), Rank::Respelt);
        }
    }
    let plain: Vec<char> = name.iter().copied().filter(|letter| !matches!(letter, '\'' | '.')).collect();
    if plain.len() > 1 && plain.len() < name.len() {
        add(plain, Rank::Respelt);
    }
    match words.as_slice() {
        [word] if word.iter().all(|letter| is_syllable(*letter)) => {
            // 남궁민 has a family name of two syllables, and a given name that is too short to be found.
            let family = given_name(word).or_else(|| (word.len() == 3 && is_family_name(word.get(..2)?)).then_some(2));
            if let Some((family, given)) = family.and_then(|len| word.split_at_checked(len)) {
                add(joined(&[family, given], Some(' ')), Rank::Respelt);
                if given.len() > 1 {
                    add(given.to_vec(), Rank::Part);
                }
            }
        }
        [family, given] if is_family_name(family) && given.iter().all(|c| is_syllable(*c)) => {
            add(given.to_vec(), Rank::Part);
        }
        [_, ..] if words.len() > 1 => {
            // Min-ji of Kim Min-ji is one part, and Jean-Luc has two.
            let by_spaces: Vec<&[char]> = name.split(|letter| *letter == ' ').collect();
            let parts = if by_spaces.len() > 1 { by_spaces } else { words };
            for part in parts {
                let syllables: Vec<&[char]> = part.split(|letter| *letter == '-').collect();
                if syllables.iter().all(|word| is_part(word)) {
                    for gap in [None, Some(' '), Some('-')] {
                        add(joined(&syllables, gap), Rank::Part);
                    }
                }
            }
        }
        _ => {}
    }
    all
}

/// Whether a word of a Latin name is a name by itself.
fn is_part(word: &[char]) -> bool {
    let text: String = word.iter().collect();
    let is_latin = |letter: &char| letter.is_alphabetic() && !is_syllable(*letter) || *letter == '\'';
    word.len() > 1 && word.iter().all(is_latin) && !TITLES.contains(&text.as_str())
}

const fn is_gap(letter: char) -> bool {
    matches!(letter, ' ' | '\n' | '-' | '·' | '・')
}

fn joined(words: &[&[char]], gap: Option<char>) -> Vec<char> {
    let mut letters = Vec::new();
    for (at, word) in words.iter().enumerate() {
        letters.extend(gap.filter(|_| at > 0));
        letters.extend_from_slice(word);
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whose a spelling is: `nobody` knows it, or it fits `several`.
    fn owner(names: &[&str], spelling: &str) -> String {
        let index = Index::of(names.iter().copied());
        let mut letters = Folded::of(spelling).letters.into_iter();
        let end = letters.try_fold(0, |node, letter| index.step(node, letter)).and_then(|node| index.end(node));
        let owner = end.map(|end| end.owner.map_or("several", |owner| names[owner]));
        owner.unwrap_or("nobody").to_owned()
    }

    #[test]
    fn a_part_of_a_name_is_one_of_its_spellings_as_long_as_it_fits_nobody_else() {
        let names = ["한서윤", "김 도윤", "김서윤", "Ann Lee", "Bo Lee", "도윤", "남궁민"];
        for (spelling, expected) in [
            ("한서윤", "한서윤"),
            ("한 서윤", "한서윤"),
            ("서윤", "several"),
            ("김도윤", "김 도윤"),
            ("도윤", "도윤"),
            ("ann-lee", "Ann Lee"),
            ("ANN", "Ann Lee"),
            ("lee", "several"),
            ("남궁 민", "남궁민"),
            ("윤", "nobody"),
            ("민", "nobody"),
        ] {
            assert_eq!(owner(&names, spelling), expected, "{spelling}");
        }
    }
}
