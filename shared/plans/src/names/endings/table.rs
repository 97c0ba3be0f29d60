//! The endings themselves, by what may follow them.

use super::Role;
use crate::names::sound::After::{self, Any, Closed, ClosedNotRieul, Open, OpenOrRieul};

/// What may follow an ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The end of the word.
    End,
    /// More particles.
    Particles,
    /// More particles, or the copula.
    Josa,
    /// Anything: no other word begins so, and who types fast leaves out the space behind it.
    Anything,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Ending {
    pub(super) text: &'static str,
    pub(super) after: After,
    pub(super) role: Role,
    pub(super) next: Next,
}

/// Whether a form of address is of persons alone, or may be a common noun behind another noun (`수영 선수`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address {
    OfPersons,
    OfOffice,
}

macro_rules! endings {
    ($($role:ident $next:ident { $($after:ident: $($text:literal)*;)* })*) => {
        &[$($($(Ending { text: $text, after: $after, role: Role::$role, next: Next::$next },)*)*)*]
    };
}

pub(super) use endings;

macro_rules! address {
    ($($kind:ident: $($text:literal)*;)*) => { &[$($(($text, Address::$kind),)*)*] };
}

macro_rules! linked {
    ($($next:ident: $($text:literal)*;)*) => { &[$($(($text, Next::$next),)*)*] };
}

pub(super) const PARTICLES: &[Ending] = endings! {
    Subject End { Closed: "이" "은"; Open: "가" "는"; }
    Owner End { Any: "의"; }
    Noun End { Closed: "을" "이나" "이건" "이든"; Open: "를" "나" "건" "든"; Any: "도" "두" "엔" "대론"; OpenOrRieul: "론"; ClosedNotRieul: "으론"; }
    Joined End { Open: "완"; }
    Person End { Any: "껜" "더런"; }
    Vocative End { Closed: "아" "이여"; Open: "야" "여" "시여"; }
    Noun Anything { Closed: "은커녕"; Open: "는커녕"; Any: "커녕"; }
    Joined Particles { Closed: "과" "이랑"; Open: "와" "랑"; Any: "하고" "하구" "허고" "허구" "하며"; }
    Joined End { Closed: "이며"; Open: "며"; Any: "하곤"; }
    Person Anything { Any: "에게" "한테" "헌테" "께서" "께옵서" "께선" "에겐" "한텐"; Open: "겐"; }
    Person Particles { Any: "께" "더러"; }
    Noun Anything {
        Any: "부터" "부턴" "까지" "까진" "처럼" "만큼" "보다" "보단" "밖에" "밖엔" "조차" "마저" "마다" "치고" "치곤" "말고" "말곤"
             "빼고" "빼곤" "마냥" "에다" "에서" "에선" "로부터" "으로부터" "뿐만" "고말고" "에대해" "에대한" "만한" "만하" "만치" "마따나" "못지않" "일랑";
        Closed: "이야말로" "이라도" "이나마";
        Open: "야말로" "라도" "나마";
    }
    Noun Josa { Any: "만" "뿐" "쯤" "씩" "대로" "끼리" "서껀" "깨나"; }
    Noun Particles {
        Any: "에" "보고" "보구" "같이" "따라";
        OpenOrRieul: "로" "로서" "로써" "로선" "로썬";
        ClosedNotRieul: "으로" "으로서" "으로써" "으로선" "으로썬";
        Closed: "이든지" "이든가";
        Open: "든지" "든가";
    }
};

/// Particles that stand right behind a noun alone: 만두 and 과보고 are other words.
pub(super) const BEHIND_NOUNS: &[&str] = &["두", "에", "보고", "보구", "같이", "따라"];

/// Particles of the subject and the object, which stand behind no other case: 서로를 is another word.
pub(super) const CASES: &[&str] = &["이", "가", "을", "를"];

/// Words that begin with a form of address and are none: 양말 of 민수양말.
pub(super) const NO_ADDRESS: &[&str] = &["양말", "군인", "상인", "형제"];

/// Forms of address, of kin and of office, that stand behind a name.
pub(super) const ADDRESS: &[(&str, Address)] = address! {
    OfPersons: "씨" "님" "군" "양" "옹" "선배" "후배" "쌤" "샘" "아저씨" "아줌마" "아주머니" "삼촌" "이모" "고모" "숙모"
               "형" "형아" "누나" "누님" "오빠" "오라버니" "언니" "할머니" "할아버지" "할멈" "할배" "할매" "어머니" "아버지"
               "엄마" "아빠" "어머님" "아버님" "어멈" "아범" "동생" "녀석" "놈" "년" "자식" "새끼" "짱" "쟝" "쨩" "쓰" "찌"
               "찡" "쿤" "상" "사마" "센세" "쒸" "리더" "센빠이" "여사" "마마" "전하" "폐하" "대감" "낭자" "도령" "아씨" "아가씨" "공자"
               "사형" "사매" "사저" "사제" "어르신" "동지" "동무" "대리" "과장" "팀장" "부장" "차장" "사장" "실장" "반장"
               "주임" "여왕" "왕자" "공주" "도련님" "나리" "서방" "영감" "마누라" "부인" "매형" "매부" "매제" "형수" "제수"
               "올케" "처남" "처제" "처형" "사돈" "장모" "사위" "며느리" "조카" "손자" "손녀" "아들" "애비" "애미" "이모부"
               "고모부" "큰아버지" "작은아버지" "아재" "아지매" "옵빠" "오라비" "언냐" "행님" "성님" "꼬마" "아기" "애기"
               "어린이" "막내" "바보" "멍청이" "돼지" "상무" "전무" "부사장" "부회장" "이사장" "총장" "학장" "조교" "인턴"
               "선임" "후임" "수석" "두목" "보스" "캡틴" "세자" "대군" "옹주" "상궁" "소대장" "중대장" "대대장" "분대장";
    OfOffice: "선생" "회장" "이사" "본부장" "대표" "원장" "소장" "교장" "교감" "교수" "박사" "감독" "코치" "선수" "기자"
              "작가" "변호사" "판사" "검사" "형사" "경위" "경감" "경장" "경사" "순경" "의사" "간호사" "장군" "대장" "병장"
              "상병" "일병" "이병" "소위" "중위" "대위" "소령" "중령" "대령" "하사" "중사" "상사" "원사" "스승" "사부"
              "도사" "스님" "신부" "수녀" "목사" "집사" "매니저" "피디" "사원" "알바" "점장" "국장" "요원" "기사" "사범" "관장" "단장" "선장" "함장" "기장" "조장" "환자" "손님" "고객" "장관" "서장" "백작"
              "공작" "남작" "후작" "자작" "황제" "황후" "황자" "황녀" "대왕" "학생" "친구" "소년" "소녀" "청년" "노인";
};

/// Forms of address that everyday speech contracts: 오빤, 언닐.
pub(super) const KIN: &[&str] = &[
    "오빠",
    "언니",
    "누나",
    "이모",
    "고모",
    "엄마",
    "아빠",
    "할머니",
    "할아버지",
    "아저씨",
    "아줌마",
    "어머니",
    "아버지",
    "선배",
];

/// Nouns and verbs that are often written in one word with a name.
pub(super) const LINKED: &[(&str, Next)] = linked! {
    Anything: "때문" "땜" "덕분" "덕에" "덕이" "탓에" "탓이" "대신" "없이" "없" "있" "같은" "같애" "같아" "같네" "같다" "같지"
              "맞지" "맞아" "맞네" "아니" "왔" "갔" "어디" "언제" "누구" "역시" "또한" "외에" "이외에" "특유";
    Josa: "네" "들" "쪽" "측" "편" "집" "방" "옆" "앞" "뒤" "거" "꺼" "것" "말" "얼굴" "목소리" "생일" "몫" "뻘" "또래" "맘" "팀" "팬";
    End: "건" "걸" "게" "껄" "시키" "탓" "덕" "왈";
};

/// What verbs and adverbs begin with that are often written in one word with what should end before them: `민수가왔다`.
pub(super) const VERBS: &[&str] = &[
    "왔",
    "갔",
    "했",
    "있",
    "없",
    "봤",
    "그랬",
    "아니",
    "말했",
    "웃",
    "울었",
    "말이야",
    "말야",
    "말인데",
    "어디",
    "제일",
    "진짜",
    "정말",
    "너무",
    "왜",
    "원래",
    "아직",
    "벌써",
    "지금",
    "오늘",
    "절대",
    "혼자",
    "먼저",
    "뭐",
    "누구",
    "싫",
    "좋",
];
