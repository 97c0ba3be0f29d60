//! The endings themselves, by what may follow them.

use super::Role;
use crate::names::sound::After::{self, Any, Closed, ClosedNotRieul, Open, OpenOrRieul};

/// What may follow an ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The end of the word.
    End,
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

macro_rules! address {
    ($($kind:ident: $($text:literal)*;)*) => { &[$($(($text, Address::$kind),)*)*] };
}

macro_rules! linked {
    ($($next:ident: $($text:literal)*;)*) => { &[$($(($text, Next::$next),)*)*] };
}

pub(super) const PARTICLES: &[Ending] = endings! {
    Subject End { Closed: "이" "은"; Open: "가" "는"; }
    Owner End { Any: "의"; }
    Noun End { Closed: "을"; Open: "를"; Any: "에"; }
    Vocative End { Closed: "아" "이여"; Open: "야" "여" "시여"; }
    Noun Anything { Closed: "은커녕"; Open: "는커녕"; Any: "커녕"; }
    Joined Josa { Closed: "과" "이랑" "이며"; Open: "와" "랑" "며"; Any: "하고" "하구" "하곤" "허고" "허구"; }
    Person Anything { Any: "에게" "한테" "께서" "께선" "에겐" "한텐"; }
    Person Josa { Any: "께" "더러"; }
    Noun Anything {
        Any: "부터" "까지" "까진" "처럼" "만큼" "보다" "보단" "밖에" "밖엔" "조차" "마저" "마다" "치고" "말고" "빼고" "마냥"
             "에다" "에서" "대로" "로부터" "으로부터" "뿐만" "고말고" "에대해" "에대한";
        Closed: "이야말로" "이라도" "이든" "이나마";
        Open: "야말로" "라도" "나마";
    }
    Noun Josa {
        Any: "도" "두" "만" "뿐" "보고" "같이" "쯤" "따라" "씩" "서껀" "깨나";
        OpenOrRieul: "로" "로서" "로써" "로선";
        ClosedNotRieul: "으로" "으로서" "으로써" "으로선";
        Closed: "이나" "이건" "이든지" "이든가";
        Open: "나" "든" "건" "든지" "든가";
    }
};

/// The endings of 이다, without its 이 where that falls behind a vowel.
pub(super) const COPULA: &[Ending] = endings! {
    Called Anything { Open: "라고" "라구" "라규" "라는" "라던" "라며" "란" "라불" "라부르"; }
    Copula Anything {
        Open: "였" "었" "라니" "라면" "라서" "라도" "라더" "라네" "라잖" "라지" "라죠" "라나" "라곤" "라길" "라기" "라굽"
              "라야" "라든" "라거" "라해" "라하" "라한" "랍" "랬" "래" "랄" "더라" "더군" "더냐" "더니" "던데" "던가" "던걸" "다니"
              "다운" "다워" "답" "잖" "거든" "거늘" "구나" "구만" "구먼" "군요" "구려" "로구" "로세" "니까" "니깐" "니만" "네요"
              "냐고" "냐는" "냐며" "냐구" "냐면" "냐니" "냐더" "지요" "지만" "지롱" "지않" "지뭐" "겠" "여야" "여서" "여도" "예요" "에요" "예여" "에여"
              "올시다" "옵니" "시죠" "시지" "시군" "시네" "시잖" "시다" "시라" "시면" "시니" "신가" "신데" "신지" "신걸"
              "십니" "십시" "셨" "세요" "셔" "건만" "고말" "스럽" "스러";
        Any: "입니" "입디" "인데" "인지" "인가" "인걸" "인줄" "인들" "인즉" "인척" "인양" "일까" "일걸" "일거" "일겁" "일지" "일텐"
             "일수" "일리" "일뿐" "임을" "임이" "임에" "임은" "임다" "임니" "일세" "이어야" "이어서" "이어도" "이어라" "이에여" "이에요" "이었" "이셨" "이므로" "이기때" "이긴하" "이긴한";
    }
    Copula End {
        Open: "다" "지" "죠" "쥬" "냐" "니" "네" "고" "구" "군" "나" "든" "랴" "야" "요" "며" "당" "닷" "댜"
              "얌" "욤" "여" "면" "고요" "구요" "다만" "면서" "던" "라";
        Any: "인" "일" "이긴" "이자" "이오" "이소";
    }
    Copula Josa { Any: "임" "이기"; }
};

/// Forms of address, of kin and of office, that stand behind a name.
pub(super) const ADDRESS: &[(&str, Address)] = address! {
    OfPersons: "씨" "님" "군" "양" "옹" "선배" "후배" "쌤" "샘" "아저씨" "아줌마" "아주머니" "삼촌" "이모" "고모" "숙모"
               "형" "형아" "누나" "누님" "오빠" "오라버니" "언니" "할머니" "할아버지" "할멈" "할배" "할매" "어머니" "아버지"
               "엄마" "아빠" "어머님" "아버님" "어멈" "아범" "동생" "녀석" "놈" "년" "자식" "새끼" "시키" "쉐키" "짱" "쨩" "쓰" "찌"
               "찡" "쿤" "상" "사마" "센세" "센빠이" "여사" "마마" "전하" "폐하" "대감" "낭자" "도령" "아씨" "아가씨" "공자"
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
              "공작" "남작" "후작" "자작" "황제" "황후" "황자" "황녀" "대왕" "학생" "친구";
};

/// Nouns and verbs that are often written in one word with a name.
pub(super) const LINKED: &[(&str, Next)] = linked! {
    Anything: "때문" "땜" "덕분" "덕에" "덕이" "탓에" "탓이" "대신" "없이" "없" "있" "같은" "같아" "같네" "같다" "같지"
              "맞지" "맞아" "맞네" "아니" "왔" "갔" "어디" "언제" "누구";
    Josa: "네" "들" "쪽" "측" "편" "집" "방" "옆" "앞" "뒤" "거" "꺼" "것" "얼굴" "목소리" "생일";
    End: "건" "걸" "게" "껄" "탓" "덕" "말" "왈";
};

/// What verbs begin with that are often written in one word with what should end before them: `민수가왔다`.
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
    "싫",
    "좋",
];
