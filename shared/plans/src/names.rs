//! Names in a text, Korean or English: who is spoken of, whatever particles hang on a name.

use std::cmp::Reverse;

use icu_normalizer::ComposingNormalizerBorrowed;

/// What may stand between a name and the end of its word, and after which sounds. Particles hang on each other
/// (`에게` + `는`), and on a form of address (`씨` + `가`).
const ENDINGS: &[(&str, After)] = &[
    // Who does it, whom it is done to, with whom, whose.
    ("이", After::Closed),
    ("가", After::Open),
    ("은", After::Closed),
    ("는", After::Open),
    ("을", After::Closed),
    ("를", After::Open),
    ("과", After::Closed),
    ("와", After::Open),
    ("이랑", After::Closed),
    ("랑", After::Open),
    ("하고", After::Any),
    ("의", After::Any),
    ("께", After::Any),
    ("께서", After::Any),
    ("에게", After::Any),
    ("에게서", After::Any),
    ("에게로", After::Any),
    ("한테", After::Any),
    ("한테서", After::Any),
    ("더러", After::Any),
    ("보고", After::Any),
    ("에", After::Any),
    ("로", After::OpenOrRieul),
    ("으로", After::ClosedNotRieul),
    // Also, only, from, to, like, than, but for, even.
    ("도", After::Any),
    ("만", After::Any),
    ("부터", After::Any),
    ("까지", After::Any),
    ("처럼", After::Any),
    ("같이", After::Any),
    ("만큼", After::Any),
    ("보다", After::Any),
    ("밖에", After::Any),
    ("뿐", After::Any),
    ("조차", After::Any),
    ("마저", After::Any),
    ("대로", After::Any),
    ("마다", After::Any),
    ("이나", After::Closed),
    ("나", After::Open),
    ("이든", After::Closed),
    ("든", After::Open),
    ("이며", After::Closed),
    ("며", After::Open),
    // Called, and told who somebody is.
    ("아", After::Closed),
    ("야", After::Open),
    ("이여", After::Closed),
    ("여", After::Open),
    ("이야", After::Closed),
    ("이다", After::Closed),
    ("다", After::Open),
    ("이라", After::Closed),
    ("라", After::Open),
    ("이란", After::Closed),
    ("란", After::Open),
    ("이라고", After::Closed),
    ("라고", After::Open),
    ("이라는", After::Closed),
    ("라는", After::Open),
    ("이에요", After::Closed),
    ("예요", After::Open),
    ("이요", After::Closed),
    ("요", After::Open),
    ("입니다", After::Any),
    ("인", After::Any),
    // Forms of address, and a name's people.
    ("씨", After::Any),
    ("님", After::Any),
    ("군", After::Any),
    ("양", After::Any),
    ("형", After::Any),
    ("누나", After::Any),
    ("오빠", After::Any),
    ("언니", After::Any),
    ("네", After::Any),
    ("들", After::Any),
];

/// The most endings that hang on one name: `수진 + 이 + 네 + 까지 + 도`.
const MOST_ENDINGS: u32 = 4;

/// After what sound an ending can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Any,
    /// A final consonant.
    Closed,
    ClosedNotRieul,
    /// A vowel.
    Open,
    OpenOrRieul,
}

/// How a syllable ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sound {
    Open,
    Rieul,
    Closed,
    /// No Hangul: how it is read aloud, its letters do not say.
    Unknown,
}

impl Sound {
    /// By the order of the syllables, in which the final consonant changes fastest (Unicode, 3.12).
    fn of(letter: char) -> Self {
        match (letter, (u32::from(letter).wrapping_sub(0xac00)) % 28) {
            ('가'..='힣', 0) => Self::Open,
            ('가'..='힣', 8) => Self::Rieul,
            ('가'..='힣', _) => Self::Closed,
            _ => Self::Unknown,
        }
    }
}

impl After {
    fn takes(self, sound: Sound) -> bool {
        match self {
            _ if sound == Sound::Unknown => true,
            Self::Any => true,
            Self::Closed => matches!(sound, Sound::Closed | Sound::Rieul),
            Self::ClosedNotRieul => sound == Sound::Closed,
            Self::Open => sound == Sound::Open,
            Self::OpenOrRieul => matches!(sound, Sound::Open | Sound::Rieul),
        }
    }
}

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

/// The name that is left of a name with endings on it, if it is one of these with at least two letters.
pub(crate) fn without_endings<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let letters = folded(name);
    known.into_iter().find(|other| {
        let other = folded(other);
        other.len() >= 2 && stands_first(&letters, &other) && !letters.iter().any(|letter| letter.is_whitespace())
    })
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
    after.get(..word).is_some_and(|rest| are_endings(rest, *last, MOST_ENDINGS))
}

fn are_endings(rest: &[char], before: char, most: u32) -> bool {
    if rest.is_empty() {
        return true;
    }
    let Some(most) = most.checked_sub(1) else { return false };
    ENDINGS.iter().filter(|(_, after)| after.takes(Sound::of(before))).any(|(ending, _)| {
        let letters: Vec<_> = ending.chars().collect();
        let last = letters.last().copied().unwrap_or(before);
        rest.strip_prefix(letters.as_slice()).is_some_and(|rest| are_endings(rest, last, most))
    })
}

/// What two spellings of one text have in common: composed, in small letters, with single spaces.
fn folded(text: &str) -> Vec<char> {
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
