//! Names that are common words too, and what Korean names are made of.

mod ambiguous;

pub(super) use ambiguous::COMPOUNDS;
use ambiguous::{ENGLISH, MODIFIERS, NOUNS, STEMS};

/// What else a name may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Nothing: wherever it stands, it names somebody.
    Name,
    /// A common noun: what stands around it decides.
    Noun,
    /// The stem of a verb or an adjective: the same, but that no copula follows one.
    Stem,
    /// A verb or an adjective before its noun (`새로 지은 집`): particles show that it is a name.
    Modifier,
    /// An English word, which names somebody where it has a capital that its sentence does not give it.
    English,
}

impl Word {
    /// `letters` are folded.
    pub(super) fn of(letters: &[char]) -> Self {
        let text: String = letters.iter().collect();
        let is_syllables = letters.iter().all(|letter| matches!(letter, '가'..='힣'));
        if is_syllables && (letters.len() == 1 || NOUNS.contains(&text.as_str())) {
            Self::Noun
        } else if MODIFIERS.contains(&text.as_str()) {
            Self::Modifier
        } else if STEMS.contains(&text.as_str()) {
            Self::Stem
        } else if text.is_ascii() && ENGLISH.contains(&text.as_str()) {
            Self::English
        } else {
            Self::Name
        }
    }
}

/// What stands before or between the parts of a Latin name and is no name of its own.
pub(super) const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "professor",
    "sir",
    "lady",
    "lord",
    "the",
    "of",
    "de",
    "da",
    "di",
    "la",
    "le",
    "van",
    "von",
    "der",
    "den",
    "and",
    "an",
    "jr",
    "sr",
    "st",
    "saint",
    "captain",
    "agent",
    "officer",
    "detective",
    "king",
    "queen",
    "prince",
    "princess",
    "old",
    "young",
    "little",
    "big",
    "uncle",
    "aunt",
    "auntie",
    "grandma",
    "grandpa",
    "ii",
    "iii",
    "iv",
];

/// Family names of one syllable, by the census of 2015, and some that are rare.
const FAMILY: &str = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진나지엄변채원천방공현함여염추도소석선설마길연위표명기반라왕금옥육인맹제모탁국어은편용예봉경사부가복태목형피두감음빈동온호범팽승간상시갈단견당";

/// Family names of two syllables.
const FAMILY_OF_TWO: &[&str] =
    &["남궁", "황보", "제갈", "사공", "선우", "서문", "독고", "동방", "어금", "망절", "무본", "황목", "강전", "소봉"];

/// Syllables of which given names are made.
const GIVEN: &str = "늘래름롬별새솔가강건결겸경고관광교구국권규근금기길나난남녀노다단담대덕도동두라란람래량려련령로록론루류륜률리린림마만명모목무묵문미민바박반배백범벽별병보복본봉비빈빛산삼상새샘샛서석선설섭성세소솔송수숙순술슬승시식신심아안애양어언엄여연열염엽영예오옥온완요용우욱운울웅원월위유윤율은을음의이익인일임자장재전정제조존종주준중지진질찬창채천철첨청초총최추춘충치칠쾌탁태택평표풍필하학한해햇향허헌혁현형혜호홍화환황회효후훈휘휴흔흠흥희";

/// Pairs of such syllables that are common words, and so no given name behind a family name: 전학생, 여주인, 고양이.
const NOT_GIVEN: &[&str] = &[
    "주인", "양이", "인공", "군주", "기사", "형사", "의사", "교수", "박사", "남자", "여자", "사자", "용사", "무사",
    "도사", "기자", "감자", "제자", "장수", "선수", "교장", "원장", "소장", "대장", "반장", "회장", "시장", "국장",
    "조원", "요원", "회원", "공원", "병원", "학원", "직원", "대원", "단원", "소년", "소녀", "마녀", "여신", "노인",
    "시인", "상인", "하인", "주민", "시민", "국민", "서민", "아이", "아기", "자기", "여기", "이기", "경기", "무기",
    "고기", "기기", "아지", "단지", "가지", "산지", "리지", "하지", "주리", "나리", "다리", "소리", "자리", "우리",
    "유리", "거리", "신하", "전하", "폐하", "부인", "연인", "애인", "여인", "미인", "성인", "죄인", "장인", "이모",
    "고모", "숙모", "유모", "정신", "귀신", "산신", "화신", "신령", "유령", "요정", "인어", "상어", "문어", "인형",
    "선배", "후배", "도둑", "제왕", "대왕", "여왕", "마왕", "용왕", "황제", "형제", "자매",
];

/// The given name in a Korean name that has both, if it shows where one ends: its first letter's place.
pub(super) fn given_name(letters: &[char]) -> Option<usize> {
    let (family, len) = match letters {
        [first, _, _] => (FAMILY.contains(*first), 1),
        [first, second, _, _] => (FAMILY_OF_TWO.iter().any(|two| two.chars().eq([*first, *second])), 2),
        _ => return None,
    };
    let given = letters.get(len..)?;
    let text: String = given.iter().collect();
    let is_given = given.iter().all(|letter| GIVEN.contains(*letter)) && !NOT_GIVEN.contains(&text.as_str());
    (family && is_given).then_some(len)
}

/// Whether these letters are a family name.
pub(super) fn is_family_name(letters: &[char]) -> bool {
    match letters {
        [one] => FAMILY.contains(*one),
        [one, two] => FAMILY_OF_TWO.iter().any(|family| family.chars().eq([*one, *two])),
        _ => false,
    }
}

/// Whether these letters look like a Korean given name of two syllables, or like a whole name of three.
pub(super) fn looks_like_a_name(letters: &[char]) -> bool {
    let all_of_names = letters.iter().all(|letter| GIVEN.contains(*letter));
    match letters.len() {
        2 => {
            let text: String = letters.iter().collect();
            all_of_names && Word::of(letters) == Word::Name && !NOT_GIVEN.contains(&text.as_str())
        }
        3 => given_name(letters).is_some_and(|at| letters.get(at..).is_some_and(looks_like_a_name)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(name: &str) -> Option<String> {
        let letters: Vec<_> = name.chars().collect();
        given_name(&letters).map(|at| letters[at..].iter().collect())
    }

    #[test]
    fn a_given_name_is_what_stands_behind_a_family_name() {
        for (name, expected) in [("한서윤", "서윤"), ("박하늘", "하늘"), ("남궁민수", "민수")] {
            assert_eq!(given(name).as_deref(), Some(expected), "{name}");
        }
        for other in ["전학생", "여주인", "고양이", "강아지", "남동생", "마법사", "민수", "아무개", "남궁민", "편의점"]
        {
            assert_eq!(given(other), None, "{other}");
        }
    }
}
