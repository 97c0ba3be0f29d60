//! The copula 이다 behind a name: what its stem can have behind it, put together from pieces as verbs are.
//!
//! The stem is `이`, which falls behind a vowel; `시` may honour it; and then comes an ending. Endings that begin with a
//! consonant without a syllable of its own (`ㄴ데`, `ㄹ까`, `ㅂ니다`) close the syllable before: that of the stem (`인데`), that
//! of `시` (`신데`), or that of the name (`민순데`).

use super::{
    MOST_ENDINGS, Next, Place, Role, chain, strip,
    table::{Ending, endings},
};
use crate::names::sound::{
    After::{Any, Open},
    BIEUP, MIEUM, NIEUN, RIEUL, Sound, closes, final_of, opened,
};

/// Endings with syllables of their own. They stand behind a vowel, the stem's or the name's.
const PIECES: &[Ending] = endings! {
    Called Anything { Any: "라고" "라구" "라규" "라는" "라던" "라며" "란" "라불" "라부르"; }
    Copula Anything {
        Any: "라니" "라면" "라서" "라도" "라더" "라네" "라잖" "라지" "라죠" "라나" "라곤" "라길" "라기" "라굽" "라야" "라든" "라거"
             "라해" "라하" "라한" "라할" "라데" "라대" "라매" "라믄" "라카" "라우" "라오" "라두" "라꼬" "랍니" "랍시" "랍디" "랬" "래" "랄" "람서" "더라" "더군" "더냐"
             "더니" "더구" "더란" "더래" "더만" "던데" "던가" "던걸" "던지" "던들" "던거" "던건" "던게" "다니" "다가" "다마" "다뿐" "다더" "다며" "단다"
             "단말" "잖" "거든" "거늘" "거니" "거나" "걸랑" "구나" "구만" "구먼" "구마" "군요" "군그" "구려" "로구" "로군" "로세"
             "로다" "로되" "로소" "니까" "니깐" "니만" "니라" "네요" "냐고" "냐는" "냐며" "냐구" "냐면" "냐니" "냐더" "냐기" "냐네"
             "지요" "지만" "지롱" "지않" "지뭐" "지는" "지마" "질않" "진않" "겠" "여야" "야만" "야지" "야겠" "여서" "여도" "여선" "여라" "여버" "예요"
             "에요" "예여" "에여" "에유" "옵니" "올시다" "외다" "외까" "건만" "건대" "건마" "고말" "고요" "구요" "고뭐" "려나"
             "려고" "려면" "려니" "려는" "려던" "련만" "련마" "렷다" "리라" "리오" "리까" "리니" "리만" "길래" "길바" "므로"
             "면서" "면은" "당께" "당가" "랑께" "데이" "나요" "나봐" "나본" "나보" "셨" "셔" "세요" "였" "었";
    }
    Copula End {
        Any: "다" "지" "죠" "쥬" "쥐" "냐" "니" "네" "고" "구" "군" "나" "든" "랴" "야" "며" "당" "닷" "댜" "얌" "여" "면" "다만"
             "던" "라" "가요";
    }
};

/// What needs the stem's 이 to be told from other words: `이기에`, and not `민수기`.
const BEHIND_STEM: &[Ending] = endings! {
    Copula Anything { Any: "어야" "어서" "어도" "어라" "어선" "에여" "에요" "기때" "긴하" "긴한" "길" "기에" "대요" "듯" "도록" "지도" "진" "고도" "고서" "고는" "다기" "되" "데" "든지" "든가" "건" "어요" "어용" "자마" "려거"; }
    Copula End { Any: "욧" "욥" "욤" "염" "엽" "람" "긴" "자" "오" "소" "요"; }
    Copula Josa { Any: "기"; }
};

/// What stands behind a name however it ends, and without a stem.
const WITHOUT_STEM: &[Ending] = endings! {
    Copula Anything { Any: "스럽" "스러" "스런" "스레" "틱하" "틱한" "답" "다운" "다워" "다웠"; }
    Copula End { Any: "요"; Open: "욧" "욥" "욤" "염" "엽"; }
};

/// What a syllable that is closed by ㄴ, ㄹ, ㅁ or ㅂ can have behind it: first what is clear behind a name too.
const BEHIND_NIEUN: [&[&str]; 2] = [
    &["데", "가", "지", "걸", "줄", "척"],
    &["들", "즉", "양", "바", "체", "듯", "만큼", "셈", "거", "건", "것", "게", "디", "진"],
];
const BEHIND_RIEUL: [&[&str]; 2] = [
    &["까", "걸", "껄", "지", "거야", "거예", "거라", "겁", "텐", "줄", "듯", "수도", "수록", "뿐", "지도"],
    &[
        "거", "게", "꺼", "테", "수", "리", "망정", "진대", "때", "법", "터", "만", "는지", "라고", "세", "진", "는진",
        "라",
    ],
];
const BEHIND_BIEUP: &[&str] = &["니", "디", "시다"];
const BEHIND_MIEUM: &[&str] = &["다", "니", "까", "에"];

/// The copula with all that is behind it. `sound` is how the word before it ends.
pub(super) fn copula(rest: &[char], sound: Sound, most: u32) -> Option<Role> {
    let bare = any_of(WITHOUT_STEM, rest, sound, most);
    let fallen = if closes(sound) { None } else { behind_stem(rest, false, most) };
    let stem = rest.split_first().filter(|(first, _)| opened(**first) == Some('이'));
    let whole = stem.and_then(|(first, after)| match final_of(*first)? {
        0 if after.is_empty() => None,
        0 => behind_stem(after, true, most).max(any_of(BEHIND_STEM, after, Sound::Open, most)),
        _ if after.is_empty() => matches!(final_of(*first)?, NIEUN | RIEUL | MIEUM).then_some(Role::Copula),
        MIEUM => closed(*first, after).or_else(|| {
            // 임 makes a noun of it, which has particles.
            chain(after, Sound::Closed, Place::Josa, most).map(|_| Role::Copula)
        }),
        _ => closed(*first, after),
    });
    bare.max(fallen).max(whole)
}

/// What is closed by a consonant that belongs to the copula: the name's own last syllable.
pub(in crate::names) fn contracted(syllable: char, rest: &[char]) -> Option<Role> {
    match final_of(syllable)? {
        NIEUN if rest.is_empty() => Some(Role::Subject),
        RIEUL if rest.is_empty() => Some(Role::Noun),
        NIEUN if matches!(rest, ['요'] | ['커', '녕']) => Some(Role::Subject),
        NIEUN => begins(rest, BEHIND_NIEUN.first()?),
        RIEUL => begins(rest, BEHIND_RIEUL.first()?),
        BIEUP => begins(rest, BEHIND_BIEUP),
        _ => None,
    }
}

/// What is behind the stem, which may have fallen: then fewer endings are clear.
fn behind_stem(rest: &[char], is_whole: bool, most: u32) -> Option<Role> {
    let honoured = rest.split_first().filter(|(first, _)| opened(**first) == Some('시'));
    let honoured = honoured.and_then(|(first, after)| match final_of(*first)? {
        0 if is_whole => any_of(PIECES, after, Sound::Open, most).max(any_of(BEHIND_STEM, after, Sound::Open, most)),
        0 => any_of(PIECES, after, Sound::Open, most),
        NIEUN | RIEUL | MIEUM if is_whole && after.is_empty() => Some(Role::Copula),
        _ => closed(*first, after),
    });
    any_of(PIECES, rest, Sound::Open, most).max(honoured)
}

fn closed(syllable: char, rest: &[char]) -> Option<Role> {
    match final_of(syllable)? {
        NIEUN => BEHIND_NIEUN.iter().find_map(|all| begins(rest, all)),
        RIEUL => BEHIND_RIEUL.iter().find_map(|all| begins(rest, all)),
        BIEUP => begins(rest, BEHIND_BIEUP),
        MIEUM => begins(rest, BEHIND_MIEUM),
        _ => None,
    }
}

fn begins(rest: &[char], all: &[&str]) -> Option<Role> {
    all.iter().any(|piece| strip(rest, piece).is_some()).then_some(Role::Copula)
}

fn any_of(endings: &[Ending], rest: &[char], sound: Sound, most: u32) -> Option<Role> {
    let ways = endings.iter().filter_map(|ending| {
        let (after, last) = ending.strip(rest, sound)?;
        let place = match ending.next {
            Next::Anything => return Some(ending.role),
            Next::End => Place::End,
            Next::Particles => Place::Particles,
            Next::Josa => Place::Josa,
        };
        chain(after, Sound::of(last), place, most.min(MOST_ENDINGS)).map(|_| ending.role)
    });
    ways.max()
}
