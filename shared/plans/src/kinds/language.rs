//! The language that an endpoint writes in.

use crate::reader::Fields;

/// The language that is asked for, or that of the text it is about.
pub(super) fn read_language(fields: &Fields<'_>, text: &str) -> &'static str {
    let given = fields.choice("language");
    match given.value.map(primary) {
        Some(Some("ko" | "kor")) => "Korean",
        Some(Some("en" | "eng")) => "English",
        Some(_) => {
            fields.problem(&given.pointer, "must be Korean or English, as a language tag such as ko, en or ko-KR");
            "English"
        }
        None if is_mostly_korean(text) => "Korean",
        None => "English",
    }
}

/// The primary language of a tag such as `ko`, `ko-KR` or `zh-Hant` (BCP 47, read without case), in lower case. Underscores
/// for hyphens, and what follows a dot or an at sign, are the spelling of POSIX locales (`ko_KR.UTF-8`).
fn primary(tag: &str) -> Option<&'static str> {
    let tag = tag.trim().split(['.', '@']).next().unwrap_or_default();
    let is_subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !tag.split(['-', '_']).all(is_subtag) {
        return None;
    }
    let first = tag.split(['-', '_']).next()?;
    ["ko", "kor", "en", "eng"].into_iter().find(|known| first.eq_ignore_ascii_case(known))
}

/// Whether at least half of a text's letters are Korean. A syllable is as much of a word as two or three Latin letters
/// are, so that it counts as two.
fn is_mostly_korean(text: &str) -> bool {
    let (mut korean, mut others) = (0_usize, 0_usize);
    for letter in text.chars().filter(|letter| letter.is_alphabetic()) {
        match letter {
            '가'..='힣' => korean += 2,
            _ if is_jamo(letter) => korean += 1,
            _ => others += 1,
        }
    }
    korean > 0 && korean >= others
}

/// Korean letters that are not composed to a syllable: <https://www.unicode.org/charts/PDF/U1100.pdf>, and likewise
/// U3130, UA960, UD7B0 and UFF00.
const fn is_jamo(letter: char) -> bool {
    matches!(
        letter,
        '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{a960}'..='\u{a97c}' | '\u{d7b0}'..='\u{d7fb}' | '\u{ffa1}'..='\u{ffdc}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_korean_if_most_of_its_letters_are() {
        for korean in [
            "문어",
            "\u{1106}\u{116e}\u{11ab}\u{110b}\u{1165}",
            "ㅋㅋㅋ",
            "\u{ffb1}\u{ffd5}\u{ffa4}",
            "OK, 민수야 가자!",
            "INT. 옥상 - NIGHT\n민수: 왔어?\n수진: 응, 방금 왔어.",
        ] {
            assert!(is_mostly_korean(korean), "{korean}");
        }
        for other in [
            "an octopus in the subway",
            "An octopus called 문어 that lives in the subway.",
            "",
            "!?",
            "地下鉄のタコ",
            "Minsu (민수): Where are you? Sujin (수진): On the roof, waiting.",
        ] {
            assert!(!is_mostly_korean(other), "{other}");
        }
    }

    #[test]
    fn a_language_is_known_by_its_tag_with_region_and_script() {
        for tag in ["ko", "KO", "ko-KR", "ko_KR", "ko-Kore-KR", "ko_KR.UTF-8", "ko_KR@euro", " ko ", "kor"] {
            assert!(matches!(primary(tag), Some("ko" | "kor")), "{tag}");
        }
        for tag in ["en", "en-GB", "EN_us", "en-Latn-US-x-studio", "eng", "en-US-posix"] {
            assert!(matches!(primary(tag), Some("en" | "eng")), "{tag}");
        }
        for tag in [
            "zh-Hant",
            "ja-JP",
            "kok",
            "ko-",
            "-ko",
            "ko--KR",
            "korean",
            "한국어",
            "ko KR",
            "ko-KR,en;q=0.5",
            "x-ko",
            "*",
        ] {
            assert_eq!(primary(tag), None, "{tag}");
        }
    }
}
