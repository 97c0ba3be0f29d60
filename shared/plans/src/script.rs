//! A script on its way to a storyboard: cut into parts that one call can take, and who speaks in it.

use crate::names;

/// Names that a model is reminded of.
const MOST_SPEAKERS: usize = 40;
const LONGEST_SPEAKER: usize = 20;

/// What stands before a colon and is nobody's name.
const HEADINGS: [&str; 34] = [
    "scene",
    "s",
    "int",
    "ext",
    "cut",
    "page",
    "panel",
    "time",
    "place",
    "location",
    "note",
    "title",
    "narration",
    "narrator",
    "caption",
    "sfx",
    "fx",
    "장면",
    "씬",
    "신",
    "컷",
    "페이지",
    "시간",
    "장소",
    "배경",
    "지문",
    "해설",
    "나레이션",
    "내레이션",
    "자막",
    "효과음",
    "제목",
    "등장인물",
    "인물",
];

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
    let found = behind(&["\n\n", "\n\r\n"])
        .or_else(|| behind(&["\n"]))
        .or_else(|| behind(&[". ", "! ", "? ", "… ", "。", "」", "” "]))
        .or_else(|| behind(&[" ", "\t", "\u{3000}"]));
    found.map_or(window.len(), |at| half + at)
}

/// Who is given words to say, in the order of the script: the names before colons.
pub(crate) fn speakers(script: &str) -> Vec<String> {
    let mut speakers: Vec<String> = Vec::new();
    let labels = script.lines().filter_map(|line| Some(line.split_once([':', '：'])?.0));
    for name in labels.filter_map(speaker) {
        if speakers.len() < MOST_SPEAKERS && !speakers.iter().any(|known| names::is_same(known, &name)) {
            speakers.push(name);
        }
    }
    speakers
}

/// The name in a label such as `민수 (속으로)`, if it is one.
fn speaker(label: &str) -> Option<String> {
    let name = label.split(['(', '（', '[', '<']).next()?;
    let name = names::tidy(name.trim_matches(|letter: char| !letter.is_alphanumeric()));
    let is_plain =
        name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '.' | '-' | '\'' | '·'));
    let first = name.split(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default().to_lowercase();
    let fits = (1..=LONGEST_SPEAKER).contains(&name.chars().count())
        && name.split(' ').count() <= 3
        && name.chars().any(char::is_alphabetic);
    (is_plain && fits && !HEADINGS.contains(&first.as_str())).then_some(name)
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

    #[test]
    fn speakers_are_those_who_are_given_words() {
        let script = "장면 3: 옥상\nS#4: 복도\n민수: 왔어?\n수진 (속으로): …\n  ANN： Yes.\nAnn: No.\n시간: 밤\n김 도윤 [V.O.]: 들려?\n\
                      그는 이렇게 말했다고 한다 정말로: 아니라고.\nhttp://x\n그림, 글: 누구";
        assert_eq!(speakers(script), ["민수", "수진", "ANN", "김 도윤", "http"]);
    }
}
