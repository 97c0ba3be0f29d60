//! A script on its way to a storyboard: cut into parts that one call can take, and who speaks in it.

mod headings;
mod speakers;

use unicode_segmentation::UnicodeSegmentation;

use crate::names::is_line_end;

pub(crate) use speakers::speakers;

/// Cuts a script into parts of at most `most` characters: between scenes if it can, else between lines, sentences or
/// words. Nothing of it is lost but white space at the cuts. A script of white space has no parts.
pub(crate) fn split(script: &str, most: usize) -> Vec<String> {
    let (mut parts, mut rest) = (Vec::new(), script.trim());
    while let Some((end, _)) = rest.char_indices().nth(most) {
        let (window, _) = rest.split_at(end);
        let (part, after) = rest.split_at(cut(window, most));
        parts.push(part.trim().to_owned());
        rest = after.trim();
    }
    if !rest.is_empty() {
        parts.push(rest.to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Where to end a part that cannot hold more than this window: in its later half, so that no part is small.
fn cut(window: &str, most: usize) -> usize {
    let half = window.char_indices().nth(most / 2).map_or(0, |(at, _)| at);
    let later = window.get(half..).unwrap_or_default();
    let behind = |ends: &[&str]| ends.iter().filter_map(|end| Some(later.rfind(end)? + end.len())).max();
    let line_end = || later.char_indices().rfind(|(_, letter)| is_line_end(*letter)).map(|(at, c)| at + c.len_utf8());
    let found = behind(&["\n\n", "\n\r\n", "\r\r", "\u{2029}"])
        .or_else(line_end)
        .or_else(|| behind(&[". ", "! ", "? ", "… ", "。", "」", "” "]))
        .or_else(|| behind(&[" ", "\t", "\u{3000}"]));
    // Without any, in front of the last character, so that none is cut in two (an emoji is several letters).
    let last = window.grapheme_indices(true).next_back().map_or(0, |(at, _)| at);
    found.map_or_else(|| if last > half { last } else { window.len() }, |at| half + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> String {
        text.chars().filter(|letter| !letter.is_whitespace()).collect()
    }

    #[test]
    fn nothing_is_lost_and_no_part_is_too_long() {
        let scripts = [
            "장면 1. 옥상.\n민수: 왔어?\n\n".repeat(60),
            "가".repeat(1_001),
            "A sentence that ends. ".repeat(80),
            "one word after another ".repeat(80),
            format!("{}\n\n{}", "가 나 다. ".repeat(30), "x".repeat(300)),
            "\r\n".repeat(400) + "끝",
        ];
        for script in scripts {
            for most in [1, 2, 7, 100, 5_000] {
                let parts = split(&script, most);
                assert_eq!(letters(&parts.concat()), letters(&script), "{most}");
                assert!(parts.iter().all(|part| !part.is_empty() && part.chars().count() <= most), "{most}: {parts:?}");
            }
        }
        assert_eq!(split(" \n ", 10), [""; 0]);
    }

    #[test]
    fn a_script_is_cut_between_scenes_if_it_can_be() {
        let script = format!("{}\n\n{}", "장면 하나. ".repeat(10).trim(), "장면 둘. ".repeat(10).trim());
        let parts = split(&script, 100);
        assert_eq!(parts.len(), 2);
        assert!(parts[0].ends_with("장면 하나.") && parts[1].starts_with("장면 둘."), "{parts:?}");
    }
}
