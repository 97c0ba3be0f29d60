//! `Prefer: wait=N` (RFC 7240): the caller would rather wait than ask again.

use std::time::Duration;

use http::HeaderMap;

/// The longest that an answer is held: API Gateway gives up after 30 s.
pub const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// The time that the caller would wait, at most what is allowed. A preference that cannot be read is none.
pub fn wait(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let preferences = lines.flat_map(|line| split_unquoted(line, ','));
    // The first of its name counts (RFC 7240, section 2).
    let first = preferences.filter_map(|preference| {
        let (name, value) = split_unquoted(preference, ';').next()?.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"').to_owned())
    });
    let seconds: u64 = first.into_iter().next()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_found_among_other_preferences_and_capped() {
        let seconds = |lines: &[&str]| {
            let headers = lines.iter().map(|line| ("prefer".parse().unwrap(), line.parse().unwrap()));
            wait(&headers.collect()).map(|wait| wait.as_secs())
        };
        assert_eq!(seconds(&["wait=10"]), Some(10));
        assert_eq!(seconds(&["respond-async, Wait = \"7\"; x=1"]), Some(7));
        assert_eq!(seconds(&["foo=\"a, wait=3\", wait=4"]), Some(4));
        assert_eq!(seconds(&["respond-async", "wait=90, wait=1"]), Some(25));
        for none in ["", "wait", "wait=", "wait=-1", "wait=soon", "waiting=3"] {
            assert_eq!(seconds(&[none]), None, "{none}");
        }
    }
}
