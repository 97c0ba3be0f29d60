//! multipart/form-data (RFC 7578), taken apart.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// One field of a form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    pub(crate) name: &'a str,
    /// Only files have one.
    pub(crate) file_name: Option<Cow<'a, str>>,
    pub(crate) media_type: Option<&'a str>,
    pub(crate) content: &'a [u8],
}

/// The parts of a body, whose boundary is among the parameters of its content type. `None` if it is no whole form.
pub(crate) fn parts<'a>(parameters: &str, body: &'a [u8]) -> Option<Vec<Part<'a>>> {
    let boundary = parameters.split(';').find_map(|one| one.trim().strip_prefix("boundary="))?.trim_matches('"');
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    let mut rest = body.strip_prefix(delimiter.get(2..)?)?;
    let mut parts = Vec::new();
    loop {
        if rest.strip_prefix(b"--").is_some_and(|end| matches!(end, b"" | b"\r\n")) {
            return Some(parts);
        }
        let part = rest.strip_prefix(b"\r\n")?;
        let end = find(part, &delimiter)?;
        parts.push(read_part(part.get(..end)?)?);
        rest = part.get(end + delimiter.len()..)?;
    }
}

fn read_part(part: &[u8]) -> Option<Part<'_>> {
    let end = find(part, b"\r\n\r\n")?;
    let head = std::str::from_utf8(part.get(..end)?).ok()?;
    let header = |name: &str| {
        let named = |line: &&str| line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        head.split("\r\n").find(named).and_then(|line| line.get(name.len()..)).map(str::trim)
    };
    let disposition = header("content-disposition:")?.strip_prefix("form-data;")?;
    let parameter = |name: &str| {
        let mut parameters = disposition.split(';').map(str::trim);
        parameters.find_map(|one| one.strip_prefix(name)?.strip_prefix("=\"")?.strip_suffix('"'))
    };
    // What is not ASCII may be said in a second spelling (RFC 5987), which then holds.
    let spelt = disposition.split(';').find_map(|one| one.trim().strip_prefix("filename*="));
    let spelt = spelt.and_then(|value| value.split_once("''")).map(|(_, name)| percent_decode_str(name));
    let file_name = spelt.map(|name| Cow::Owned(name.decode_utf8_lossy().into_owned()));
    Some(Part {
        name: parameter("name")?,
        file_name: file_name.or_else(|| parameter("filename").map(Cow::Borrowed)),
        media_type: header("content-type:"),
        content: part.get(end + 4..)?,
    })
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    loop {
        let at = from + bytes.get(from..)?.iter().position(|byte| *byte == first)?;
        if bytes.get(at..)?.starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nline\r\nline\r\n\
         --b\r\ncontent-disposition: form-data; name=\"image[]\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\r\n--\r\n--b--\r\n";

    #[test]
    fn a_form_is_taken_apart() {
        let parts = parts(" boundary=\"b\"", FORM.as_bytes()).unwrap();
        let [prompt, image] = parts.try_into().unwrap();
        assert_eq!(prompt, Part { name: "prompt", file_name: None, media_type: None, content: b"line\r\nline" });
        let file = Part {
            name: "image[]",
            file_name: Some("a.png".into()),
            media_type: Some("image/png"),
            content: b"\r\n--",
        };
        assert_eq!(image, file);
    }

    #[test]
    fn half_a_form_is_none() {
        for end in 0..FORM.len() - 2 {
            assert!(parts("boundary=b", &FORM.as_bytes()[..end]).is_none(), "{end}");
        }
        assert!(parts("charset=utf-8", FORM.as_bytes()).is_none());
    }
}
