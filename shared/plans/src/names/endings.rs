//! What hangs on a name in Korean: particles, forms of address, and which of them can follow which sound.

/// What may stand between a name and the end of its word, and after which sounds. Particles hang on each other
/// (`에게` + `는`), and on a form of address (`씨` + `가`).
const ENDINGS: &[(&str, After)] = &[
    // Who does it, whom it is done to, with whom, whose.
    ("이", After::Closed),
    ("가", After::Open),
    ("은", After::Closed),
    ("는", After::Open),
    ("을", After::Closed),
    ("를", After::Open),
    ("과", After::Closed),
    ("와", After::Open),
    ("이랑", After::Closed),
    ("랑", After::Open),
    ("하고", After::Any),
    ("의", After::Any),
    ("께", After::Any),
    ("께서", After::Any),
    ("에게", After::Any),
    ("에게서", After::Any),
    ("에게로", After::Any),
    ("한테", After::Any),
    ("한테서", After::Any),
    ("더러", After::Any),
    ("보고", After::Any),
    ("에", After::Any),
    ("로", After::OpenOrRieul),
    ("으로", After::ClosedNotRieul),
    // Also, only, from, to, like, than, but for, even.
    ("도", After::Any),
    ("만", After::Any),
    ("부터", After::Any),
    ("까지", After::Any),
    ("처럼", After::Any),
    ("같이", After::Any),
    ("만큼", After::Any),
    ("보다", After::Any),
    ("밖에", After::Any),
    ("뿐", After::Any),
    ("조차", After::Any),
    ("마저", After::Any),
    ("대로", After::Any),
    ("마다", After::Any),
    ("이나", After::Closed),
    ("나", After::Open),
    ("이든", After::Closed),
    ("든", After::Open),
    ("이며", After::Closed),
    ("며", After::Open),
    // Called, and told who somebody is.
    ("아", After::Closed),
    ("야", After::Open),
    ("이여", After::Closed),
    ("여", After::Open),
    ("이야", After::Closed),
    ("이다", After::Closed),
    ("다", After::Open),
    ("이라", After::Closed),
    ("라", After::Open),
    ("이란", After::Closed),
    ("란", After::Open),
    ("이라고", After::Closed),
    ("라고", After::Open),
    ("이라는", After::Closed),
    ("라는", After::Open),
    ("이에요", After::Closed),
    ("예요", After::Open),
    ("이요", After::Closed),
    ("요", After::Open),
    ("입니다", After::Any),
    ("인", After::Any),
    // Forms of address, and a name's people.
    ("씨", After::Any),
    ("님", After::Any),
    ("군", After::Any),
    ("양", After::Any),
    ("형", After::Any),
    ("누나", After::Any),
    ("오빠", After::Any),
    ("언니", After::Any),
    ("네", After::Any),
    ("들", After::Any),
];

/// The most endings that hang on one name: `수진 + 이 + 네 + 까지 + 도`.
const MOST_ENDINGS: u32 = 4;

/// The letters of so many endings, at most.
pub(super) const LONGEST_ENDINGS: usize = 12;

/// After what sound an ending can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Any,
    /// A final consonant.
    Closed,
    ClosedNotRieul,
    /// A vowel.
    Open,
    OpenOrRieul,
}

/// How a syllable ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sound {
    Open,
    Rieul,
    Closed,
    /// No Hangul: how it is read aloud, its letters do not say.
    Unknown,
}

impl Sound {
    /// By the order of the syllables, in which the final consonant changes fastest (Unicode, 3.12).
    fn of(letter: char) -> Self {
        match (letter, (u32::from(letter).wrapping_sub(0xac00)) % 28) {
            ('가'..='힣', 0) => Self::Open,
            ('가'..='힣', 8) => Self::Rieul,
            ('가'..='힣', _) => Self::Closed,
            _ => Self::Unknown,
        }
    }
}

impl After {
    fn takes(self, sound: Sound) -> bool {
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

/// Whether the rest of a word is endings that can follow a letter and each other. No letters are none.
pub(super) fn are_endings(rest: &[char], before: char) -> bool {
    at_most(rest, before, MOST_ENDINGS)
}

fn at_most(rest: &[char], before: char, most: u32) -> bool {
    if rest.is_empty() {
        return true;
    }
    let Some(most) = most.checked_sub(1) else { return false };
    ENDINGS.iter().filter(|(_, after)| after.takes(Sound::of(before))).any(|(ending, _)| {
        let letters: Vec<_> = ending.chars().collect();
        let last = letters.last().copied().unwrap_or(before);
        rest.strip_prefix(letters.as_slice()).is_some_and(|rest| at_most(rest, last, most))
    })
}
