//! Text that people write, as it is kept: composed, counted in characters as a reader sees them, and checked for
//! characters that nobody sees.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{
    CodePointSetData,
    props::{DefaultIgnorableCodePoint, ExtendedPictographic},
};
use unicode_segmentation::UnicodeSegmentation;

/// Bytes that a character may take on average in a text whose length is limited. A family of four as one emoji takes
/// 25; without a limit one character could carry megabytes of combining marks.
const MAX_BYTES_PER_CHAR: usize = 32;

/// The text in Unicode Normalization Form C. Some systems (macOS among them) take Hangul syllables and accented letters
/// apart (NFD); the two spellings look the same and must count and compare the same.
pub fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// How many characters a reader sees: extended grapheme clusters of [UAX 29](https://www.unicode.org/reports/tr29/). A
/// syllable in its parts, an emoji of several code points and a line end of two are one each.
pub fn count(text: &str) -> usize {
    if text.is_ascii() && !text.contains('\r') { text.len() } else { text.graphemes(true).count() }
}

/// What is wrong with the length of a text that may have `most` characters, in words for a problem's detail. None if
/// nothing is.
pub fn too_long(text: &str, most: usize) -> Option<String> {
    let most_bytes = most.saturating_mul(MAX_BYTES_PER_CHAR);
    if text.len() > most_bytes {
        return Some(format!("must have at most {most_bytes} bytes of UTF-8, not {}", text.len()));
    }
    // A character has at least one byte.
    if text.len() <= most {
        return None;
    }
    let chars = count(text);
    (chars > most).then(|| format!("must have at most {most} characters, not {chars}"))
}

/// Whether a text shows nothing: it is empty, or has only white space, control characters and characters that are not
/// displayed, such as the zero-width space (U+200B) and the Hangul filler (U+3164).
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_invisible(c) || c == BLANK_BRAILLE)
}

/// Whether a character ends a line or is a control character, so that a text that has it is not one of one line.
pub fn is_line_end_or_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// The text without the characters that are not displayed. Joiners and variation selectors stay where they change what
/// is displayed: in emoji, and between letters of scripts that have joining forms.
pub fn visible(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let before = kept.chars().next_back();
        if !is_invisible(c) || shapes(c, before, rest.peek().copied()) {
            kept.push(c);
        }
    }
    kept
}

/// The Braille pattern without dots: a symbol to Unicode, and nothing to see.
const BLANK_BRAILLE: char = '\u{2800}';

/// Whether a character is not displayed where nothing supports it (Unicode's `Default_Ignorable_Code_Point`).
pub(crate) fn is_invisible(c: char) -> bool {
    !c.is_ascii() && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether an invisible character changes what its neighbours look like.
fn shapes(c: char, before: Option<char>, after: Option<char>) -> bool {
    let is_pictograph = |c: char| CodePointSetData::new::<ExtendedPictographic>().contains(c);
    // Variation selectors, and the modifiers of skin colour, stand between a pictograph and its joiner.
    let is_of_emoji = |c: char| is_pictograph(c) || matches!(c, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
    // Arabic, Syriac, and the scripts of India and of South-East Asia.
    let joins = |c: char| matches!(c, '\u{600}'..='\u{109f}');
    match c {
        '\u{200d}' if before.is_some_and(is_of_emoji) => after.is_some_and(is_pictograph),
        '\u{200c}' | '\u{200d}' => before.is_some_and(joins) && after.is_some_and(joins),
        '\u{fe0e}' | '\u{fe0f}' => before.is_some_and(|c| is_pictograph(c) || matches!(c, '0'..='9' | '#' | '*')),
        // Tags spell the regions of flags, behind a black flag.
        '\u{e0020}'..='\u{e007f}' => before.is_some_and(|c| matches!(c, '\u{1f3f4}' | '\u{e0020}'..='\u{e007f}')),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_counts_as_a_reader_sees_it() {
        for (text, expected) in [
            ("민수", 2),
            ("\u{1106}\u{1175}\u{11ab}\u{1109}\u{116e}", 2),
            ("e\u{301}", 1),
            ("👩‍👩‍👧‍👦", 1),
            ("👍🏽", 1),
            ("🇰🇷", 1),
            ("a\r\nb", 3),
            ("", 0),
            ("Ann", 3),
        ] {
            assert_eq!(count(text), expected, "{text}");
        }
        assert_eq!(count(&composed("\u{1106}\u{1175}\u{11ab}")), 1);
    }

    #[test]
    fn a_length_is_one_of_characters_and_has_an_end_in_bytes() {
        assert_eq!(too_long(&"가".repeat(10), 10), None);
        assert_eq!(too_long(&"👩‍👩‍👧‍👦".repeat(10), 10), None);
        assert_eq!(too_long(&"가".repeat(11), 10).unwrap(), "must have at most 10 characters, not 11");
        assert_eq!(too_long(&"a".repeat(11), 10).unwrap(), "must have at most 10 characters, not 11");
        let marks = format!("a{}", "\u{301}".repeat(1_000));
        assert_eq!(too_long(&marks, 10).unwrap(), "must have at most 320 bytes of UTF-8, not 2001");
    }

    #[test]
    fn what_nobody_sees_is_blank() {
        let unseen = "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{3164}\u{115f}\u{1160}\u{ffa0}\u{34f}\u{180e}\u{fe0f}\u{2800}\u{e0041}\u{a0}\u{3000}\u{0}\n";
        assert!(unseen.chars().all(|c| is_blank(&c.to_string())));
        assert!(is_blank(unseen) && is_blank(""));
        for seen in ["가", "ㅋ", "\u{200b}x", "…", "👩‍🚀", "\u{301}"] {
            assert!(!is_blank(seen), "{seen}");
        }
    }

    #[test]
    fn a_name_loses_what_nobody_sees_and_emoji_keep_their_joiners() {
        for (given, expected) in [
            ("\u{200b}하늘", "하늘"),
            ("지호\u{200d}", "지호"),
            ("민\u{ad}수\u{feff}", "민수"),
            ("ㅤ민수\u{115f}\u{1160}\u{ffa0}", "민수"),
            ("지호\u{fe0f}", "지호"),
        ] {
            assert_eq!(visible(given), expected, "{given:?}");
        }
        for kept in ["👩‍🚀 지호", "❤️ 민수", "🏴‍☠️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🤷🏽‍♀️", "می‌خواهم", "क्‍ष"]
        {
            assert_eq!(visible(kept), kept);
        }
    }
}
