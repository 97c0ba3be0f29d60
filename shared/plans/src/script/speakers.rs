//! Who speaks in a script: the names in labels such as `민수:`, `[민수]` and `수진 NA:`.

use super::headings::{HEADINGS, NUMBERED, TAGS};
use crate::names::{self, is_line_end};

/// Names that a model is reminded of.
const MOST_SPEAKERS: usize = 40;
const LONGEST_SPEAKER: usize = 20;
/// Words of a name.
const MOST_WORDS: usize = 3;

/// Somebody who is given words to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Speaker {
    /// `수진` of `수진 NA (속으로)`.
    pub(crate) name: String,
    /// The name with what is written behind it: `수진 NA`. It may be a name by itself (`하나E`).
    pub(crate) label: String,
}

/// Who is given words to say, in the order of the script: the names before colons and in brackets.
pub(crate) fn speakers(script: &str) -> Vec<Speaker> {
    let mut speakers: Vec<Speaker> = Vec::new();
    for speaker in script.split(is_line_end).flat_map(of_line) {
        if speakers.len() < MOST_SPEAKERS && !speakers.iter().any(|known| names::is_same(&known.name, &speaker.name)) {
            speakers.push(speaker);
        }
    }
    speakers
}

/// A label, and what shows that it is one.
struct Label<'l> {
    text: &'l str,
    /// Or it is in brackets alone, as directions are too.
    has_colon: bool,
    bracket: Option<char>,
}

fn of_line(line: &str) -> Vec<Speaker> {
    let Some(label) = label(line) else { return Vec::new() };
    let parts = label.text.split([',', '/', '&', '+', '·', '、', '，']);
    let found: Vec<_> = parts.map(|part| speaker(part, &label)).collect();
    // Of several all are names, or it is no list of speakers.
    found.into_iter().collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// What a line has before its words, if it has something there.
fn label(line: &str) -> Option<Label<'_>> {
    let line =
        line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '*' | '•' | '>' | '#' | '–' | '—'));
    if let Some(bracket) = line.chars().next()
        && let Some(close) = closing(bracket)
        && let Some((text, rest)) =
            line.split_at_checked(bracket.len_utf8()).and_then(|(_, rest)| rest.split_once(close))
    {
        let rest = rest.trim_start();
        let has_colon = rest.starts_with(COLONS);
        return (!rest.is_empty()).then_some(Label { text, has_colon, bracket: Some(bracket) });
    }
    let (text, rest) = line.split_once(COLONS)?;
    let digits = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
    // https://…, and 16:9 or 3:00.
    let is_other = rest.starts_with("//") || digits(text.chars().next_back()) && digits(rest.chars().next());
    (!is_other).then_some(Label { text, has_colon: true, bracket: None })
}

const COLONS: [char; 4] = [':', '：', '︰', '∶'];

const fn closing(bracket: char) -> Option<char> {
    Some(match bracket {
        '[' => ']',
        '<' => '>',
        '(' => ')',
        '{' => '}',
        '（' => '）',
        '［' => '］',
        '＜' => '＞',
        '「' => '」',
        '『' => '』',
        '【' => '】',
        '〔' => '〕',
        '〈' => '〉',
        '《' => '》',
        '〖' => '〗',
        _ => return None,
    })
}

/// The name in one label such as `민수 (속으로)`, if it is one.
fn speaker(part: &str, of: &Label<'_>) -> Option<Speaker> {
    let outer = part.split(['(', '（', '[', '［', '<', '＜', '【', '「']).next()?;
    let label = names::tidy(outer.trim_matches(|letter: char| !letter.is_alphanumeric()));
    let name = without_tags(&label);
    let is_plain = name.chars().all(|letter| {
        letter.is_alphanumeric() || matches!(letter, ' ' | '.' | '-' | '‐' | '‑' | '\'' | '’' | 'ʼ' | '·')
    });
    let words: Vec<_> = name.split(' ').collect();
    let fits = (1..=LONGEST_SPEAKER).contains(&crate::letters::count(&name))
        && words.len() <= MOST_WORDS
        && name.chars().any(char::is_alphabetic);
    // 이렇게 말했다: what follows is said, and the label is a sentence.
    let is_sentence =
        words.len() > 1 && words.last().is_some_and(|word| word.ends_with(['다', '며', '고', '서', '는', '을', '를']));
    // Brackets by themselves have directions, and words that are said, more often than names.
    let is_sure = of.has_colon
        || matches!(of.bracket, Some('[' | '<' | '［' | '＜' | '【' | '〔' | '〖'))
        || names::looks_like_a_name(&name);
    (is_plain && fits && is_sure && !is_sentence && !is_heading(&name)).then_some(Speaker { name, label })
}

/// Whether a label is of a part of the script and not of a person.
fn is_heading(name: &str) -> bool {
    let small = name.to_lowercase();
    let runs: Vec<_> = small.split(|letter: char| !letter.is_alphabetic()).filter(|run| !run.is_empty()).collect();
    let is_numbered =
        small.contains(|letter: char| letter.is_numeric()) && runs.iter().any(|run| NUMBERED.contains(run));
    is_numbered || runs.first().is_some_and(|first| HEADINGS.contains(first))
}

/// The name before what scripts write behind it: 민수E, 수진 NA, ANN (V.O.).
fn without_tags(label: &str) -> String {
    let mut words: Vec<&str> = label.split(' ').collect();
    let is_tag = |word: &str| TAGS.contains(&word.to_lowercase().trim_end_matches('.'));
    while words.len() > 1 && words.last().is_some_and(|word| is_tag(word)) {
        words.pop();
    }
    let mut name = words.join(" ");
    // Behind a syllable, Latin letters begin something new.
    let latin = name.len() - name.trim_end_matches(|letter: char| letter.is_ascii_alphabetic() || letter == '.').len();
    if let Some((before, tag)) = name.split_at_checked(name.len() - latin)
        && before.ends_with(|letter: char| matches!(letter, '가'..='힣'))
        && is_tag(tag)
    {
        name = before.to_owned();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(script: &str) -> Vec<String> {
        speakers(script).into_iter().map(|speaker| speaker.name).collect()
    }

    #[test]
    fn speakers_are_those_who_are_given_words() {
        let script = "장면 3: 옥상\nS#4: 복도\n민수: 왔어?\n수진 (속으로): …\n  ANN： Yes.\nAnn: No.\n시간: 밤\n김 도윤 [V.O.]: 들려?\n\
                      그는 이렇게 말했다고 한다 정말로: 아니라고.\nhttp://x\n그림, 글: 누구";
        assert_eq!(names(script), ["민수", "수진", "ANN", "김 도윤"]);
    }

    #[test]
    fn a_speaker_may_stand_in_brackets_of_every_kind_and_have_a_tag() {
        for (line, expected) in [
            ("[민수] 왔어?", "민수"),
            ("[민수]: 왔어?", "민수"),
            ("<수진>: 응.", "수진"),
            ("<수진> 응.", "수진"),
            ("【지호】 가자", "지호"),
            ("「지호」: 가자", "지호"),
            ("『지호』 가자", "지호"),
            ("（지호） 가자", "지호"),
            ("(지호): 가자", "지호"),
            ("〈지호〉 가자", "지호"),
            ("《지호》: 가자", "지호"),
            ("［루시퍼］ 무릎 꿇어라", "루시퍼"),
            ("민수E: 여보세요", "민수"),
            ("민수(E): 여보세요", "민수"),
            ("수진 NA: 그날이었다.", "수진"),
            ("수진 N. : 그날이었다.", "수진"),
            ("지호 V.O.: 들려?", "지호"),
            ("지호 (V.O.): 들려?", "지호"),
            ("ANN O.S.: Hello?", "ANN"),
            ("ANN (CONT'D): Hello?", "ANN"),
            ("- 민수: 응", "민수"),
            ("> 민수: 응", "민수"),
            ("**민수**: 응", "민수"),
            ("O’Neil: hi", "O’Neil"),
            ("민수∶ 응", "민수"),
        ] {
            assert_eq!(names(line), [expected], "{line}");
        }
        assert_eq!(names("민수, 수진: 하나, 둘!\n지호/하나: 셋!"), ["민수", "수진", "지호", "하나"]);
    }

    #[test]
    fn headings_cues_times_and_links_are_nobody() {
        for line in [
            "S#.1 옥상 (낮/밖)",
            "S#1: 옥상",
            "장면 1: 옥상",
            "3컷: 옥상",
            "제2화: 재회",
            "INT. ROOF - NIGHT: rain",
            "EXT: roof",
            "FADE OUT:",
            "CUT TO:",
            "SMASH CUT TO:",
            "BGM: 슬픈 노래",
            "SE: 쾅",
            "효과음: 쾅",
            "음악: 잔잔하게",
            "오후 3:00",
            "오후 3:00에 만나",
            "16:9",
            "비율 16:9",
            "https://studio.example/x",
            "링크: https://studio.example",
            "연출: 클로즈업",
            "지문: 민수가 뛴다",
            "자막: 3년 후",
            "[효과음] 쾅",
            "[옥상] 비가 온다.",
            "(웃으며) 그래.",
            "(속으로) 왜지?",
            "「왔어?」 하고 물었다.",
            "그가 이렇게 말했다: 가자.",
            "He said: go.",
            "2026년 11월 30일: 맑음",
            "",
            ":",
            "[]",
        ] {
            assert_eq!(names(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn every_line_end_ends_a_line() {
        for end in ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}", "\u{b}", "\u{c}"] {
            assert_eq!(names(&format!("민수: 왔어?{end}수진: 응.")), ["민수", "수진"], "{end:?}");
        }
    }
}
