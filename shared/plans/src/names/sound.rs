//! How Korean syllables end, which decides what can follow them.

/// How a syllable ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sound {
    /// In a vowel.
    Open,
    /// In ㄹ.
    Rieul,
    /// In another consonant.
    Closed,
    /// It is not Hangul, and its letters do not say how they are read.
    Unknown,
}

/// After what sound an ending can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    Any,
    /// A final consonant.
    Closed,
    ClosedNotRieul,
    /// A vowel.
    Open,
    OpenOrRieul,
}

/// Final consonants by their place in Unicode's order of syllables.
pub(super) const NIEUN: u32 = 4;
pub(super) const RIEUL: u32 = 8;
pub(super) const MIEUM: u32 = 16;
pub(super) const BIEUP: u32 = 17;
pub(super) const SIOT: u32 = 19;
pub(super) const IEUNG: u32 = 21;
pub(super) const KIYEOK: u32 = 1;

const FIRST: u32 = 0xac00;
/// Vowels, and endings (27 final consonants, or none).
const VOWELS: u32 = 21;
const FINALS: u32 = 28;

impl Sound {
    pub(super) fn of(letter: char) -> Self {
        match final_of(letter) {
            Some(0) => Self::Open,
            Some(RIEUL) => Self::Rieul,
            Some(_) => Self::Closed,
            None => Self::Unknown,
        }
    }
}

impl After {
    pub(super) fn takes(self, sound: Sound) -> bool {
        match self {
            _ if sound == Sound::Unknown => true,
            Self::Any => true,
            Self::Closed => matches!(sound, Sound::Closed | Sound::Rieul),
            Self::ClosedNotRieul => sound == Sound::Closed,
            Self::Open => sound == Sound::Open,
            Self::OpenOrRieul => matches!(sound, Sound::Open | Sound::Rieul),
        }
    }
}

/// The final consonant of a syllable, which changes fastest in Unicode's order (section 3.12), 0 for none.
pub(super) fn final_of(letter: char) -> Option<u32> {
    matches!(letter, '가'..='힣').then(|| u32::from(letter).wrapping_sub(FIRST) % FINALS)
}

/// The syllable without its final consonant.
pub(super) fn opened(letter: char) -> Option<char> {
    char::from_u32(u32::from(letter).checked_sub(final_of(letter)?)?)
}

/// The vowel of a syllable alone, as a cry has it: `우` of `수`.
pub(super) fn vowel_of(letter: char) -> Option<char> {
    final_of(letter)?;
    let vowel = u32::from(letter).wrapping_sub(FIRST) / FINALS % VOWELS;
    // 아 is the first syllable with the silent consonant, the twelfth of nineteen.
    char::from_u32(FIRST + (11 * VOWELS + vowel) * FINALS)
}

pub(super) const fn closes(sound: Sound) -> bool {
    matches!(sound, Sound::Closed | Sound::Rieul)
}

/// Whether a cry can be drawn out with a syllable: a vowel, open or cut off (`아`, `앙`, `악`, `앗`, `우`).
pub(super) fn is_drawn(letter: char) -> bool {
    vowel_of(letter) == opened(letter) && matches!(final_of(letter), Some(0 | KIYEOK | MIEUM | SIOT | IEUNG))
}

/// Whether a syllable draws out the vowel of the one before it, or the second half of that: `운` behind `주`, `언` behind `워`,
/// `엉` behind `혀`.
pub(super) fn echoes(before: char, echo: char) -> bool {
    let (Some(vowel), Some(echo)) = (vowel_of(before), opened(echo)) else { return false };
    let half = match vowel {
        '야' | '와' => '아',
        '얘' | '왜' => '애',
        '여' | '워' => '어',
        '예' | '웨' | '외' => '에',
        '요' => '오',
        '유' => '우',
        '위' | '의' => '이',
        whole => whole,
    };
    echo == vowel || echo == half
}

/// The syllable with the final consonant of another one.
pub(super) fn closed_as(open: char, other: char) -> Option<char> {
    if final_of(open)? == 0 { char::from_u32(u32::from(open).checked_add(final_of(other)?)?) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syllable_says_how_it_ends() {
        let sounds = ["수", "늘", "진", "a"].map(|text| Sound::of(text.chars().next().unwrap()));
        assert_eq!(sounds, [Sound::Open, Sound::Rieul, Sound::Closed, Sound::Unknown]);
        assert_eq!((opened('순'), opened('수'), opened('a')), (Some('수'), Some('수'), None));
        assert_eq!((final_of('순'), final_of('술'), final_of('숩')), (Some(NIEUN), Some(RIEUL), Some(BIEUP)));
        assert_eq!(
            (vowel_of('수'), vowel_of('호'), vowel_of('진'), vowel_of('x')),
            (Some('우'), Some('오'), Some('이'), None)
        );
    }

    #[test]
    fn a_syllable_may_be_drawn_out_over_several() {
        for (before, echo, expected) in
            [('수', '우', true), ('주', '운', true), ('워', '언', true), ('혀', '엉', true), ('수', '은', false)]
        {
            assert_eq!(echoes(before, echo), expected, "{before}{echo}");
        }
        assert_eq!(
            (closed_as('주', '운'), closed_as('수', '우'), closed_as('준', '운')),
            (Some('준'), Some('수'), None)
        );
        assert_eq!(['아', '앙', '앗', '안', '가', 'a'].map(is_drawn), [true, true, true, false, false, false]);
    }
}
