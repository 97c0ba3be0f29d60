//! Media types and bytes as clients write them in JSON.

use std::borrow::Cow;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use percent_encoding::percent_decode_str;

/// Old names of types, and what they are called now.
const ALIASES: [(&str, &str); 6] = [
    ("image/jpg", "image/jpeg"),
    ("image/pjpeg", "image/jpeg"),
    ("image/x-jpeg", "image/jpeg"),
    ("image/x-png", "image/png"),
    ("image/apng", "image/png"),
    ("image/x-webp", "image/webp"),
];

/// With or without padding: it says nothing that the length does not say.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A media type in small letters, without its parameters (RFC 9110, section 8.3.1), and by its present name.
pub fn media_type(given: &str) -> String {
    let plain = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    ALIASES.iter().find(|(alias, _)| *alias == plain).map_or(plain, |(_, name)| (*name).to_owned())
}

/// Whether this is a data URL (RFC 2397).
pub(crate) fn is_data_url(text: &str) -> bool {
    text.trim_start().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
}

/// The bytes that are written in base64, as a data URL or as they are. Either alphabet will do (RFC 4648, sections 4 and
/// 5), lines may be broken anywhere, and padding may be left out.
pub(crate) fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digits = if is_data_url(text) { digits_of_url(text)? } else { Cow::Borrowed(text) };
    let is_plain = |byte: u8| !byte.is_ascii_whitespace() && !matches!(byte, b'-' | b'_');
    // What needs no cleaning is not copied: a picture has megabytes.
    let cleaned: Cow<'_, [u8]> = if digits.bytes().all(is_plain) {
        Cow::Borrowed(digits.as_bytes())
    } else {
        let digits = digits.bytes().filter(|byte| !byte.is_ascii_whitespace());
        Cow::Owned(
            digits
                .map(|byte| match byte {
                    b'-' => b'+',
                    b'_' => b'/',
                    other => other,
                })
                .collect(),
        )
    };
    BASE64.decode(cleaned).ok().filter(|bytes| !bytes.is_empty())
}

/// What follows the comma of a data URL that says that it is base64; its digits may be escaped, as in any URL.
fn digits_of_url(url: &str) -> Option<Cow<'_, str>> {
    let (head, data) = url.split_once(',')?;
    let is_base64 = head.rsplit(';').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("base64"));
    is_base64.then(|| percent_decode_str(data).decode_utf8().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_by_any_spelling() {
        for (given, known) in [
            ("image/png", "image/png"),
            ("IMAGE/PNG", "image/png"),
            (" image/png ; charset=utf-8", "image/png"),
            ("image/png;", "image/png"),
            ("image/jpg", "image/jpeg"),
            ("Image/PJPEG; q=1", "image/jpeg"),
            ("image/x-png", "image/png"),
            ("image/gif", "image/gif"),
            ("", ""),
        ] {
            assert_eq!(media_type(given), known, "{given:?}");
        }
    }

    #[test]
    fn bytes_are_read_as_every_encoder_writes_them() {
        let bytes: Vec<u8> = (0..=255).chain(250..=255).collect();
        let digits = BASE64.encode(&bytes);
        let lines = |end: &str| {
            let lines: Vec<_> = digits.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
            lines.join(end) + end
        };
        let url = digits.replace('+', "-").replace('/', "_");
        let escaped = digits.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        assert!(digits.ends_with('=') && digits.contains('+') && digits.contains('/'));
        for text in [
            digits.clone(),
            lines("\n"),
            lines("\r\n"),
            lines("\n "),
            format!("\t{digits}  "),
            digits.trim_end_matches('=').to_owned(),
            url.clone(),
            url.trim_end_matches('=').to_owned(),
            format!("data:image/png;base64,{digits}"),
            format!("DATA:IMAGE/PNG;BASE64,{digits}"),
            format!("data:image/png;charset=utf-8;base64,{digits}"),
            format!("data:image/png;name=a b.png; base64 , {digits}"),
            format!(" data:;base64,{digits}"),
            format!("data:image/png;base64,{}", lines("\n")),
            format!("data:image/png;base64,{escaped}"),
        ] {
            assert_eq!(bytes_of(&text), Some(bytes.clone()), "{text}");
        }
    }

    #[test]
    fn what_is_no_base64_is_nothing() {
        for text in [
            "",
            " ",
            "=",
            "a",
            "not base64!",
            "aGk=aGk=",
            "data:",
            "data:image/png;base64",
            "data:image/png;base64,",
            "data:image/png,aGk=",
            "data:image/png;base64,%ff%fe",
            "https://example.com/a.png",
            "가나다라",
        ] {
            assert_eq!(bytes_of(text), None, "{text:?}");
        }
    }
}
