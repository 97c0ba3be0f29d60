//! A text as names are compared in it: compatible forms, capitals, apostrophes, hyphens, white space and invisible
//! characters make no difference.

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::letters::is_invisible;

/// The letters of a text, folded, and which of them were capitals. A line end of any kind is one `\n`, and other white
/// space is single spaces.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Folded {
    pub(super) letters: Vec<char>,
    capitals: Vec<bool>,
}

impl Folded {
    pub(super) fn of(text: &str) -> Self {
        let mut folded = Self::default();
        let mut gap = None;
        for letter in compatible(text).chars() {
            if is_line_end(letter) {
                gap = Some('\n');
            } else if letter.is_whitespace() {
                gap = gap.or(Some(' '));
            } else if !is_invisible(letter) {
                if let Some(gap) = gap.take().filter(|_| !folded.letters.is_empty()) {
                    folded.push(gap, false);
                }
                let is_capital = letter.is_uppercase();
                for small in punctuation(letter).to_lowercase() {
                    folded.push(small, is_capital);
                }
            }
        }
        folded
    }

    fn push(&mut self, letter: char, is_capital: bool) {
        self.letters.push(letter);
        self.capitals.push(is_capital);
    }

    pub(super) fn get(&self, at: usize) -> Option<char> {
        self.letters.get(at).copied()
    }

    /// The letter before a place, if it is not the first.
    pub(super) fn before(&self, at: usize) -> Option<char> {
        self.get(at.checked_sub(1)?)
    }

    pub(super) fn is_capital(&self, at: usize) -> bool {
        self.capitals.get(at).copied().unwrap_or(false)
    }

    pub(super) fn from(&self, at: usize) -> &[char] {
        self.letters.get(at..).unwrap_or_default()
    }

    pub(super) fn range(&self, from: usize, to: usize) -> &[char] {
        self.letters.get(from..to).unwrap_or_default()
    }
}

/// What ends a line, by [UAX 14](https://www.unicode.org/reports/tr14/) (BK, CR, LF, NL).
pub(crate) const fn is_line_end(letter: char) -> bool {
    matches!(letter, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Compatibility jamo such as `ㅋ`: they stand for laughter, tears and stammers, and are no part of a word.
pub(super) const fn is_lone_jamo(letter: char) -> bool {
    matches!(letter, '\u{3131}'..='\u{318e}' | '\u{1100}'..='\u{11ff}')
}

/// Whether a letter is part of a word.
pub(super) fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() && !is_lone_jamo(letter)
}

pub(super) const fn is_syllable(letter: char) -> bool {
    matches!(letter, '가'..='힣')
}

/// Whether a script is written without spaces, so that a name may stand anywhere in a row of its letters.
pub(super) const fn is_unspaced(letter: char) -> bool {
    matches!(letter, '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{9fff}')
}

/// The text in Normalization Form KC, in which full-width letters are usual ones. Compatibility jamo are left as they
/// are: NFKC would put them into the syllable before them (`수지ㄳ`).
fn compatible(text: &str) -> String {
    let normalizer = ComposingNormalizerBorrowed::new_nfkc();
    let mut all = String::with_capacity(text.len());
    // To NFKC, an acute accent that stands alone is one on a space.
    let text = text.replace('\u{b4}', "'");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let is_jamo = |letter: char| matches!(letter, '\u{3131}'..='\u{318e}');
        let end = rest.find(is_jamo).unwrap_or(rest.len());
        let (plain, after) = rest.split_at(end);
        all.push_str(&normalizer.normalize(plain));
        let end = after.find(|letter| !is_jamo(letter)).unwrap_or(after.len());
        let (jamo, after) = after.split_at(end);
        all.push_str(jamo);
        rest = after;
    }
    all
}

/// One apostrophe and one hyphen for all that are typed or set for them.
const fn punctuation(letter: char) -> char {
    match letter {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bb}' | '\u{2bc}' | '\u{2032}' | '`' => '\'',
        '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{ad}' => '-',
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        Folded::of(text).letters.into_iter().collect()
    }

    #[test]
    fn spellings_of_one_text_are_one() {
        for (one, other) in [
            ("O’Neil", "o'neil"),
            ("O´Neil", "o'neil"),
            ("OʼNEIL", "o'neil"),
            ("Jean‑Luc", "jean-luc"),
            ("JEAN–LUC", "jean-luc"),
            ("Ａｎｄｙ", "andy"),
            ("김\u{3000} 도윤", "김 도윤"),
            ("\u{1106}\u{1175}\u{11ab}\u{1109}\u{116e}", "민수"),
            ("민\u{200b}수\u{feff}", "민수"),
            ("민수：", "민수:"),
        ] {
            assert_eq!(folded(one), folded(other), "{one}");
        }
        assert_eq!(folded("수지ㄳ ㅋㅋ"), "수지ㄳ ㅋㅋ");
        for end in ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}", "\u{b}", "\u{c}", " \n\t\n"] {
            assert_eq!(folded(&format!(" a{end} b ")), "a\nb", "{end:?}");
        }
    }
}
