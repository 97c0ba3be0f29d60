//! Names that are common words too, and what Korean names are made of.

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

/// Korean nouns of which names are made, or that sound like one.
const NOUNS: &[&str] = &[
    // Nature and seasons.
    "하늘",
    "가을",
    "여름",
    "겨울",
    "바다",
    "나무",
    "구름",
    "노을",
    "이슬",
    "단비",
    "바람",
    "햇살",
    "햇님",
    "달님",
    "별님",
    "새벽",
    "아침",
    "은하",
    "우주",
    "태양",
    "나리",
    "소라",
    "진주",
    "수정",
    "호수",
    "바위",
    "샛별",
    "한별",
    "은별",
    "무지개",
    "이끼",
    "나비",
    "백합",
    "장미",
    "민들레",
    "초롱",
    "도라지",
    "마루",
    "누리",
    "가람",
    "미르",
    "온새",
    "보리",
    "매화",
    "동백",
    "모란",
    "국화",
    "연꽃",
    "사슴",
    "토끼",
    "여우",
    "호랑",
    "봄비",
    "안개",
    "파도",
    "태풍",
    "번개",
    "천둥",
    "단풍",
    "제비",
    "참새",
    "잔디",
    "여울",
    "별빛",
    "달빛",
    "은빛",
    "초원",
    // Feelings and ideas.
    "노래",
    "추억",
    "기억",
    "영웅",
    "이름",
    "우정",
    "청춘",
    "운명",
    "인연",
    "순수",
    "이상",
    "수상",
    "승리",
    "사랑",
    "소망",
    "희망",
    "믿음",
    "기쁨",
    "보람",
    "슬기",
    "지혜",
    "은혜",
    "은총",
    "미소",
    "평화",
    "정의",
    "자유",
    "진리",
    "진실",
    "미래",
    "현재",
    "기적",
    "행복",
    "축복",
    "온유",
    "다정",
    "인내",
    "용기",
    "정도",
    "사이",
    "이유",
    "문제",
    "정신",
    "인정",
    "정성",
    "정수",
    "정원",
    "공주",
    "왕자",
    // Things, counts and everyday words.
    "유리",
    "하나",
    "두리",
    "보라",
    "나라",
    "우리",
    "한강",
    "소리",
    "소식",
    "소원",
    "보석",
    "보배",
    "마음",
    "인형",
    "가지",
    "마리",
    "하루",
    "이제",
    "언제",
    "주인",
    "세상",
    "미라",
    "미리",
    "모두",
    "주리",
    "수리",
    "도리",
    "오리",
    "자리",
    "거리",
    "고리",
    "부리",
    "가루",
    "라면",
    "지도",
    "지구",
    "지하",
    "기린",
    "사자",
    "사진",
    "시간",
    "시선",
    "시민",
    "시인",
    "기사",
    "도사",
    "마녀",
    "천사",
    "악마",
    "소년",
    "소녀",
    "여신",
    "남자",
    "여자",
    "아이",
    "아기",
    "노인",
    "대장",
    "반장",
    "회장",
    "의사",
    "형사",
    "교수",
    "선생",
    // Nouns that 하다 makes verbs of.
    "수영",
    "지원",
    "연주",
    "인수",
    "지연",
    "시작",
    "이해",
    "이동",
    "조사",
    "주문",
    "주장",
    "인사",
    "정리",
    "정지",
    "고민",
    "상상",
    "기도",
    "도전",
    "도움",
    "미안",
    "시원",
    "유지",
    "유도",
    "방지",
    "금지",
    "의지",
    "수고",
    "고정",
    "조정",
    "지정",
    "인정",
    "수용",
    "사용",
    "이용",
];

/// Korean verbs and adjectives in the form before a noun, and adverbs, that are names too.
const MODIFIERS: &[&str] = &["고은", "나은", "다른", "은은", "지은", "이은", "보은", "주은", "고운", "가는", "대한"];

/// Stems of Korean verbs and adjectives, and adverbs, that sound like a name.
const STEMS: &[&str] = &[
    "지우", "사라", "지나", "다니", "바라", "가라", "나가", "다가", "모아", "보아", "이루", "소이", "도도", "새로",
    "이리", "그리", "저리", "우아", "가리", "누비", "나누", "미루", "고르", "서두", "거기", "여기", "저기", "이든",
];

/// Words that are a name and an ending by their letters, and something else.
pub(super) const COMPOUNDS: &[&str] = &["하나님", "한결같", "아름다"];

/// English words that are names too.
const ENGLISH: &[&str] = &[
    "will", "may", "mark", "bill", "jack", "frank", "art", "gene", "grant", "pat", "rob", "sue", "bob", "dawn", "rose",
    "grace", "hope", "joy", "faith", "summer", "autumn", "winter", "spring", "april", "june", "august", "iris", "ivy",
    "lily", "ruby", "amber", "crystal", "pearl", "jade", "hunter", "mason", "page", "king", "queen", "prince",
    "princess", "knight", "young", "old", "long", "park", "song", "moon", "sun", "sky", "star", "rain", "snow",
    "storm", "river", "brook", "forest", "wood", "woods", "stone", "rock", "cliff", "hill", "glen", "dale", "heath",
    "reed", "ray", "drew", "chase", "chance", "pierce", "trip", "rich", "max", "miles", "nick", "peg", "penny", "pip",
    "rusty", "sandy", "sunny", "bunny", "honey", "candy", "cherry", "ginger", "pepper", "olive", "basil", "rosemary",
    "daisy", "violet", "hazel", "holly", "heather", "jasmine", "poppy", "fern", "dark", "black", "white", "red",
    "blue", "green", "gray", "grey", "brown", "gold", "golden", "silver", "big", "little", "small", "tall", "fat",
    "man", "woman", "boy", "girl", "lady", "lord", "captain", "doctor", "nurse", "teacher", "master", "miss", "baby",
    "mother", "father", "brother", "sister", "grandma", "grandpa", "cook", "baker", "butcher", "smith", "taylor",
    "carter", "fisher", "gardener", "guard", "soldier", "student", "ghost", "dragon", "wolf", "fox", "bear", "cat",
    "dog", "bird", "robin", "crow", "raven", "eagle", "hawk", "swan", "dove", "lion", "tiger", "angel", "devil",
    "demon", "witch", "wizard", "hero", "angry", "happy", "sad", "bad", "good", "noble", "wise", "strong", "swift",
    "bright", "love", "harmony", "melody", "liberty", "justice", "victory", "trinity", "charity", "mercy", "patience",
    "prudence", "serenity", "destiny", "in", "on", "so", "an", "do", "he", "her", "his", "me", "my", "no", "us", "we",
    "to", "be", "by", "go", "if", "is", "it", "of", "or", "up", "you", "she", "sin", "son", "sung", "min", "can",
    "kit", "van", "don", "ty", "ace", "ash", "clay", "cole", "dean", "duke", "earl", "flint",
];

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
