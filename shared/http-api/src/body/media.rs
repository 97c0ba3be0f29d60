//! What a body says that it is in its headers, and what its first bytes say.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{Problem, ProblemKind};

/// Names of UTF-8 and of its subset US-ASCII, in lower case: IANA's with their aliases
/// (<https://www.iana.org/assignments/character-sets>), WHATWG's labels (<https://encoding.spec.whatwg.org/#names-and-labels>)
/// and Python's `utf_8`.
const UTF_8: [&str; 17] = [
    "utf-8",
    "utf8",
    "utf_8",
    "csutf8",
    "unicode-1-1-utf-8",
    "us-ascii",
    "ascii",
    "us",
    "csascii",
    "iso646-us",
    "iso_646.irv:1991",
    "iso-ir-6",
    "ansi_x3.4-1968",
    "ansi_x3.4-1986",
    "ibm367",
    "cp367",
    "iso_646.irv:1983",
];

/// Refuses a body by its headers, unless it is JSON in UTF-8 and not compressed.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Problem> {
    check_encoding(headers)?;
    let mut types = values(headers, &header::CONTENT_TYPE, ',').peekable();
    if types.peek().is_none() {
        return Err(unsupported("Send Content-Type: application/json."));
    }
    types.try_for_each(|value| check_type(&value))
}

/// `Content-Encoding`: only `identity`, which changes nothing. RFC 9110, 15.5.16 has the answer name what is taken instead.
fn check_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    let coded = values(headers, &header::CONTENT_ENCODING, ',').find(|coding| coding != "identity");
    coded.map_or(Ok(()), |coding| Err(compressed(&coding)))
}

fn compressed(coding: &str) -> Problem {
    let detail = format!("The body is compressed ({}). Send it as it is.", shown(coding));
    unsupported(detail).header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"))
}

fn check_type(value: &str) -> Result<(), Problem> {
    let mut parts = unquoted_parts(value, ';');
    let essence = parts.next().unwrap_or_default();
    // What WHATWG calls a JSON MIME type, of the trees that hold documents: <https://mimesniff.spec.whatwg.org/#json-mime-type>.
    let is_json = matches!(essence.as_str(), "application/json" | "text/json")
        || essence.strip_prefix("application/").is_some_and(|subtype| subtype.len() > 5 && subtype.ends_with("+json"));
    if !is_json {
        return Err(unsupported(format!("Send Content-Type: application/json, not {}.", shown(&essence))));
    }
    let charsets = parts.filter_map(|part| {
        let (name, value) = part.split_once('=')?;
        (name.trim_end() == "charset").then(|| bare(value))
    });
    for charset in charsets {
        if !charset.is_empty() && !UTF_8.contains(&charset.as_str()) {
            return Err(unsupported(format!("Send JSON in UTF-8, not in {}.", shown(&charset))));
        }
    }
    Ok(())
}

fn unsupported(detail: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::UnsupportedMediaType, detail)
}

/// The values of all header lines of a name, in lower case. Bytes that are not ASCII make none of the known values.
fn values(headers: &HeaderMap, name: &HeaderName, separator: char) -> impl Iterator<Item = String> {
    let lines: Vec<_> = headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    lines.into_iter().flat_map(move |line| unquoted_parts(&line, separator).collect::<Vec<_>>())
}

/// The parts between separators that stand in no quoted string: trimmed, in lower case, and without the empty ones.
fn unquoted_parts(text: &str, separator: char) -> impl Iterator<Item = String> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let parts = text.split(move |c| {
        let was_escaped = std::mem::replace(&mut is_escaped, false);
        match c {
            '\\' if is_quoted && !was_escaped => is_escaped = true,
            '"' if !was_escaped => is_quoted = !is_quoted,
            _ => {}
        }
        c == separator && !is_quoted
    });
    parts.map(|part| part.trim().to_ascii_lowercase()).filter(|part| !part.is_empty())
}

/// A parameter's value without its quotes (single ones are no syntax, but sent) and escapes.
fn bare(value: &str) -> String {
    value.replace('\\', "").trim_matches([' ', '\t', '"', '\'']).to_owned()
}

/// What a caller sent, short and printable enough to be repeated to him.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).take(60).collect()
}

/// A body's text, without a byte order mark.
pub(super) fn text_of(bytes: &[u8]) -> Result<&str, Problem> {
    let malformed = |detail: String| Problem::new(ProblemKind::MalformedJson, detail);
    match bytes {
        [0x1f, 0x8b, ..] => return Err(compressed("gzip")),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => return Err(compressed("zstd")),
        // JSON begins with an ASCII character, so a zero among its first two bytes, or another's mark, is another encoding.
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, ..] | [_, 0, ..] => {
            return Err(malformed("The body is in UTF-16 or UTF-32. Send JSON in UTF-8.".to_owned()));
        }
        _ => {}
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        malformed(format!("The body is not UTF-8: byte {at} (from 0) begins no character. Send JSON in UTF-8."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_lines(lines: &[(HeaderName, &str)]) -> Result<(), Problem> {
        check(&lines.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect())
    }

    fn check_type_line(value: &str) -> Result<(), Problem> {
        check_lines(&[(header::CONTENT_TYPE, value)])
    }

    #[test]
    fn json_is_known_by_its_media_type_in_any_case_and_with_parameters() {
        for good in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/problem+json",
            "application/vnd.api+json; profile=\"a; charset=euc-kr\"",
            "application/json;",
            "application/json; charset=",
            "application/json; version=1",
            "text/json",
            "application/json, application/json",
        ] {
            assert_eq!(check_type_line(good), Ok(()), "{good}");
        }
        for bad in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=application/json",
            "application/json-seq",
            "application/+json",
            "image/svg+json",
            "json",
            "application/json, text/plain",
            "",
        ] {
            assert!(check_type_line(bad).is_err(), "{bad}");
        }
        assert!(check_lines(&[]).is_err());
        let twice = [(header::CONTENT_TYPE, "application/json"), (header::CONTENT_TYPE, "text/plain")];
        assert!(check_lines(&twice).is_err());
    }

    #[test]
    fn a_charset_is_utf_8_in_every_spelling_or_named_in_the_refusal() {
        for good in [
            "utf-8",
            "UTF8",
            "\"utf-8\"",
            "\"UTF-8\"",
            "'utf-8'",
            "us-ascii",
            "ascii",
            "ANSI_X3.4-1968",
            "\"utf\\-8\"",
            " utf-8",
        ] {
            assert_eq!(check_type_line(&format!("application/json; charset={good}")), Ok(()), "{good}");
        }
        for bad in ["euc-kr", "CP949", "utf-16", "utf-16le", "iso-8859-1", "utf-7", "utf-8, utf-16"] {
            assert!(check_type_line(&format!("application/json; charset={bad}")).is_err(), "{bad}");
        }
        let refused = format!("{:?}", check_type_line("application/json; charset=\"EUC-KR\"").unwrap_err());
        assert!(refused.contains("not in euc-kr"), "{refused}");
    }

    #[test]
    fn a_coded_body_is_refused_and_identity_is_no_coding() {
        let with =
            |coding| check_lines(&[(header::CONTENT_TYPE, "application/json"), (header::CONTENT_ENCODING, coding)]);
        for good in ["identity", "Identity", "", "identity, identity"] {
            assert_eq!(with(good), Ok(()), "{good}");
        }
        for bad in ["gzip", "GZIP", "br", "deflate", "zstd", "x-gzip", "identity, gzip", "aes128gcm"] {
            let refused = with(bad).unwrap_err();
            assert_eq!(refused.kind(), ProblemKind::UnsupportedMediaType, "{bad}");
        }
    }

    #[test]
    fn a_body_is_utf_8_with_or_without_its_mark() {
        assert_eq!(text_of(b"\xef\xbb\xbf{}").as_deref(), Ok("{}"));
        assert_eq!(text_of("{\"가\": 1}".as_bytes()).as_deref(), Ok("{\"가\": 1}"));
        assert_eq!(text_of(b"").as_deref(), Ok(""));
        for (bytes, word) in [
            (&b"\xff\xfe{\0}\0"[..], "UTF-16"),
            (b"\xfe\xff\0{\0}", "UTF-16"),
            (b"{\0}\0", "UTF-16"),
            (b"\0{\0}", "UTF-16"),
            (b"\0\0\0{", "UTF-32"),
            (b"{\"a\": \"\xb0\xa1\"}", "byte 7"),
            (b"\x1f\x8b\x08\0", "gzip"),
            (b"\x28\xb5\x2f\xfd\0", "zstd"),
        ] {
            let refused = format!("{:?}", text_of(bytes).unwrap_err());
            assert!(refused.contains(word), "{bytes:?} {refused}");
        }
    }
}
