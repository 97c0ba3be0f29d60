//! Names in a text, Korean or English: who is spoken of, whatever particles hang on a name.

mod endings;

use std::cmp::Reverse;

use icu_normalizer::ComposingNormalizerBorrowed;

use endings::{LONGEST_ENDINGS, are_endings};

/// Those of these names that stand in a text, in the order in which it first has them. A name begins where a word does,
/// and what is left of its word are endings: `민수` is in `민수에게는`, and not in `민수진`. Of two names the longer one is meant.
/// Names that differ by capitals alone are one, the first.
pub fn mentioned<'n>(text: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let mut known: Vec<_> = names.into_iter().map(|name| (folded(name), name)).collect();
    known.retain(|(letters, _)| !letters.is_empty());
    known.sort_by_key(|(letters, _)| Reverse(letters.len()));
    let text = folded(text);
    let (mut rest, mut begins_word, mut found) = (text.as_slice(), true, Vec::new());
    while let Some((letter, after)) = rest.split_first() {
        let here = known.iter().find(|(letters, _)| begins_word && stands_first(rest, letters));
        let Some((letters, name)) = here else {
            begins_word = !letter.is_alphanumeric();
            rest = after;
            continue;
        };
        if !found.contains(name) {
            found.push(*name);
        }
        begins_word = false;
        rest = rest.get(letters.len()..).unwrap_or_default();
    }
    found
}

/// The shortest beginning of a name, of at least two letters, that is a name by itself and has nothing but endings behind
/// it.
pub(crate) fn without_endings(letters: &[char], is_name: impl Fn(&[char]) -> bool) -> Option<&[char]> {
    let shortest = letters.len().saturating_sub(LONGEST_ENDINGS).max(2);
    let mut beginnings = (shortest..letters.len()).filter_map(|length| letters.split_at_checked(length));
    let (name, _) =
        beginnings.find(|(name, rest)| name.last().is_some_and(|last| are_endings(rest, *last)) && is_name(name))?;
    Some(name)
}

/// A name as it is written when its white space and its Unicode form are the usual ones.
pub(crate) fn tidy(name: &str) -> String {
    composed(name).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text in one line.
pub(crate) fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" / ")
}

/// Whether two spellings are of one name: capitals, spaces and Unicode forms make no difference.
pub fn is_same(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

fn stands_first(text: &[char], name: &[char]) -> bool {
    let Some((last, after)) = name.last().zip(text.strip_prefix(name)) else { return false };
    let word = after.iter().position(|letter| !letter.is_alphanumeric()).unwrap_or(after.len());
    after.get(..word).is_some_and(|rest| are_endings(rest, *last))
}

/// What two spellings of one text have in common: composed, in small letters, with single spaces.
pub(crate) fn folded(text: &str) -> Vec<char> {
    tidy(text).to_lowercase().chars().collect()
}

/// Some systems take syllables apart into letters (NFD) that look the same.
fn composed(text: &str) -> std::borrow::Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAST: [&str; 6] = ["민수", "수진", "민수진", "하늘", "Ann", "김 도윤"];

    fn found(text: &str) -> Vec<&'static str> {
        mentioned(text, CAST)
    }

    #[test]
    fn a_name_is_found_with_every_particle_that_can_follow_it() {
        for text in [
            "민수",
            "민수가",
            "민수는",
            "민수를",
            "민수와",
            "민수랑",
            "민수에게",
            "민수한테",
            "민수께서",
            "민수의",
            "민수도",
            "민수만",
            "민수부터",
            "민수까지",
            "민수처럼",
            "민수로",
            "민수야",
            "민수예요",
            "민수에게는",
            "민수한테도",
            "민수씨가",
            "민수네",
            "민수라고",
            "민수: 왔어?",
            "\"민수!\"",
            "(민수)",
            "…민수…",
        ] {
            assert_eq!(found(text), ["민수"], "{text}");
        }
        for text in [
            "수진",
            "수진이",
            "수진은",
            "수진을",
            "수진과",
            "수진이랑",
            "수진에게",
            "수진한테",
            "수진께서",
            "수진의",
            "수진도",
            "수진만",
            "수진부터",
            "수진까지",
            "수진처럼",
            "수진으로",
            "수진아",
            "수진이에요",
            "수진이가",
            "수진이는",
            "수진이한테까지",
            "수진님은",
        ] {
            assert_eq!(found(text), ["수진"], "{text}");
        }
        assert_eq!((found("하늘로"), found("하늘으로")), (vec!["하늘"], vec![]));
    }

    #[test]
    fn a_particle_that_cannot_follow_makes_another_word() {
        for text in [
            "민수은",
            "민수을",
            "민수과",
            "민수으로",
            "수진가",
            "수진는",
            "수진를",
            "수진와",
            "수진야",
            "민수학",
            "민수야구",
            "박민수",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_longer_name_is_meant_and_not_the_one_that_it_begins_with() {
        assert_eq!(found("민수진이 웃는다"), ["민수진"]);
        assert_eq!(found("민수진과 민수가 웃는다"), ["민수진", "민수"]);
        assert_eq!(mentioned("수진이가 왔다", ["수진", "수진이"]), ["수진이"]);
        assert_eq!(mentioned("민수진이 웃는다", ["민수"]), [""; 0]);
    }

    #[test]
    fn names_come_in_the_order_of_the_text_and_once() {
        assert_eq!(found("수진: 민수야! 하늘 좀 봐.\n민수: 수진아, Ann은?"), ["수진", "민수", "하늘", "Ann"]);
        assert_eq!(mentioned("", CAST), [""; 0]);
        assert_eq!(mentioned("민수", [" ", ""]), [""; 0]);
    }

    #[test]
    fn an_english_name_is_a_word_of_its_own_and_may_have_korean_particles() {
        for text in ["ann smiles", "ANN!", "It is Ann's.", "Ann이", "Ann가", "with Ann."] {
            assert_eq!(found(text), ["Ann"], "{text}");
        }
        assert_eq!((found("Anna"), found("Joann"), found("channel")), (vec![], vec![], vec![]));
    }

    #[test]
    fn spaces_and_unicode_forms_make_no_difference() {
        assert_eq!(found("김  도윤은"), ["김 도윤"]);
        let taken_apart = "\u{1106}\u{1175}\u{11ab}\u{1109}\u{116e}가";
        assert_ne!(taken_apart, "민수가");
        assert_eq!(found(taken_apart), ["민수"]);
    }

    #[test]
    fn a_text_of_nothing_but_endings_is_read_in_no_time() {
        let long = format!("민수{}x", "이랑".repeat(5_000));
        assert_eq!(found(&long), [""; 0]);
    }
}
