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
        None if text.chars().any(is_hangul) => "Korean",
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

/// Syllables and letters: <https://www.unicode.org/charts/PDF/UAC00.pdf>, <https://www.unicode.org/charts/PDF/U3130.pdf>.
fn is_hangul(letter: char) -> bool {
    matches!(letter, '가'..='힣' | '\u{3131}'..='\u{318e}')
}

#[cfg(test)]
mod tests {
    use super::*;

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
