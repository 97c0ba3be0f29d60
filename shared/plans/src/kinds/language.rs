//! The language that an endpoint writes in.

use crate::reader::Fields;

/// The language that is asked for, or that of the text it is about.
pub(super) fn read_language(fields: &Fields<'_>, text: &str) -> &'static str {
    let given = fields.text("language");
    match given.value {
        Some("ko") => "Korean",
        Some("en") => "English",
        Some(_) => {
            fields.problem(&given.pointer, "must be ko or en");
            "English"
        }
        None if text.chars().any(is_hangul) => "Korean",
        None => "English",
    }
}

/// Syllables and letters: <https://www.unicode.org/charts/PDF/UAC00.pdf>, <https://www.unicode.org/charts/PDF/U3130.pdf>.
fn is_hangul(letter: char) -> bool {
    matches!(letter, '가'..='힣' | '\u{3131}'..='\u{318e}')
}
