//! What a prompt's words mean for a drawing: the place, the distance, the weather, the cast.

use super::{figure::Mood, places::Place, shot::Framing};

/// What was found in a prompt. What was not found is left to chance.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one word that was there or was not")]
pub(super) struct Cues {
    pub(super) places: Vec<Place>,
    pub(super) framing: Option<Framing>,
    pub(super) mood: Option<Mood>,
    pub(super) night: bool,
    pub(super) rain: bool,
    pub(super) snow: bool,
    pub(super) action: bool,
    /// Sitting, kneeling, crouching.
    pub(super) low: bool,
    /// A girl or a woman, a boy or a man; `None` where the words leave it open.
    pub(super) slight: Option<bool>,
    pub(super) armed: bool,
    pub(super) creature: bool,
    /// A sheet that shows one figure from all sides.
    pub(super) turnaround: bool,
    /// Words between quotation marks, for a balloon.
    pub(super) quote: Option<String>,
}

const PLACES: &[(Place, &str)] = &[
    (Place::Gate, "gate portal dungeon cave ruin temple tower throne castle 게이트 던전 동굴 탑 성"),
    (Place::Street, "street alley city market shop traffic crosswalk town village 거리 골목 도시 시장"),
    (Place::Skyline, "skyline seoul building skyscraper neon downtown 빌딩 서울 야경"),
    (Place::Rooftop, "rooftop roof balcony sky cloud wind 옥상 하늘 구름 지붕"),
    (Place::Forest, "forest tree wood jungle park garden 숲 나무 공원 정원"),
    (Place::Mountains, "mountain hill cliff snow valley desert field meadow 산 절벽 눈밭 들판"),
    (Place::Sea, "sea beach ocean ship boat river lake harbor harbour 바다 해변 강 호수 배"),
    (Place::Room, "room house home cafe café office kitchen bed window desk bar 방 집 카페 사무실 창문 교실"),
    (Place::Corridor, "corridor hall school class hospital subway station elevator lab 복도 학교 병원 지하철 역"),
];

const ACTION: &str = "run fight battle attack punch kick leap jump chase charge explo slash strike swing \
    clash dodge 싸우 공격 달리 뛰 추격 폭발 전투 베";
const ARMED: &str = "sword blade knight hunter warrior samurai spear weapon fight battle hero mage staff \
    검 칼 기사 헌터 전사 무기 마법";
const CREATURE: &str = "monster dragon beast creature demon wolf ogre goblin giant boss kaiju serpent \
    괴물 몬스터 용 악마 늑대 야수 괴수";
const TURNAROUND: &str =
    "character sheet turnaround turn-around model sheet reference sheet three views 캐릭터 시트 설정화";

const FEMALE: &str = "girl girls woman women she her lady queen princess mother sister heroine 소녀 여자 그녀 여성";
const MALE: &str = "boy boys man men he his him king prince father brother guy 소년 남자 남성";

const MOODS: &[(Mood, &str)] = &[
    (Mood::Angry, "angry rage furious shout yell fight roar determined 분노 화난 외치"),
    (Mood::Afraid, "afraid fear scared terror shock surpris scream panic 두려 공포 놀라 비명"),
    (Mood::Sad, "sad cry tear lonely grief farewell regret 슬프 눈물 외로 울"),
    (Mood::Glad, "happy smile laugh joy cheerful cute love 행복 웃 기쁨 사랑 미소"),
];

const FRAMINGS: &[(Framing, &str)] = &[
    (Framing::Extreme, "extreme close eyes only 눈 클로즈업"),
    (Framing::Close, "close-up close up closeup portrait face 클로즈업 얼굴"),
    (Framing::Medium, "medium shot waist bust half body 상반신"),
    (Framing::Wide, "full body wide shot long shot 전신"),
    (Framing::Establishing, "establishing aerial panorama landscape bird's eye 전경 풍경"),
    (Framing::OverShoulder, "over the shoulder over-the-shoulder from behind 어깨 너머 뒷모습"),
];

impl Cues {
    pub(super) fn read(prompt: &str) -> Self {
        let text = prompt.to_lowercase();
        let word = |words: &str| words.split_whitespace().any(|word| whole(&text, word));
        let any = |words: &str| words.split_whitespace().any(|word| found(&text, word));
        Self {
            places: PLACES.iter().filter(|(_, words)| any(words)).map(|(place, _)| *place).collect(),
            framing: FRAMINGS.iter().find(|(_, words)| phrase(&text, words)).map(|(framing, _)| *framing),
            mood: MOODS.iter().find(|(_, words)| any(words)).map(|(mood, _)| *mood),
            night: any("night midnight dark moon neon evening 밤 어둠 달빛 야경"),
            rain: any("rain storm wet umbrella 비가 비를 폭우 우산") || text.contains("비 내리"),
            snow: any("snow winter blizzard 눈이 겨울 눈보라"),
            action: any(ACTION),
            low: any("sit sits sitting kneel crouch squat rests 앉 무릎"),
            slight: match (word(FEMALE), word(MALE)) {
                (true, false) => Some(true),
                (false, true) => Some(false),
                _ => None,
            },
            armed: any(ARMED),
            creature: any(CREATURE),
            // A cut may be drawn from a sheet without being one.
            turnaround: phrase(&text, TURNAROUND) && !any("storyboard 콘티"),
            quote: quote(prompt),
        }
    }
}

/// A word stem at the beginning of a word. Korean has no blanks before its particles, so for it
/// the beginning is enough; Latin stems must not begin in the middle of another word.
fn found(text: &str, stem: &str) -> bool {
    text.match_indices(stem)
        .any(|(at, _)| text.get(..at).and_then(|before| before.chars().last()).is_none_or(|last| !last.is_alphabetic()))
}

/// A Latin word from its beginning to its end; a Korean one from its beginning.
fn whole(text: &str, word: &str) -> bool {
    if !word.is_ascii() {
        return found(text, word);
    }
    text.split(|character: char| !character.is_alphabetic()).any(|candidate| candidate == word)
}

/// Any run of two words of the list, or one Korean word of it.
fn phrase(text: &str, words: &str) -> bool {
    let words: Vec<&str> = words.split_whitespace().collect();
    words.iter().any(|word| !word.is_ascii() && found(text, word))
        || words.iter().any(|word| word.contains('-') && found(text, word))
        || words.windows(2).any(|pair| text.contains(&pair.join(" ")))
}

fn quote(prompt: &str) -> Option<String> {
    const MARKS: [char; 6] = ['"', '“', '”', '「', '」', '„'];
    let mut parts = prompt.split(MARKS);
    let _before = parts.next()?;
    let quote = parts.next()?.trim();
    // Without a closing mark it was an inch sign or a slip.
    parts.next()?;
    (2..=60).contains(&quote.chars().count()).then(|| quote.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_choose_the_place_and_the_weather() {
        let cues = Cues::read("A hunter stands before the glowing gate, rain falling on the street");
        assert_eq!(cues.places, [Place::Gate, Place::Street]);
        assert!(cues.rain && cues.armed && !cues.snow && !cues.creature);
    }

    #[test]
    fn a_stem_inside_another_word_means_nothing() {
        let cues = Cues::read("He investigates the brain of a shareholder");
        assert!(cues.places.is_empty() && !cues.rain && !cues.action);
    }

    #[test]
    fn who_is_meant_may_stay_open() {
        assert_eq!(Cues::read("A boy in the forest").slight, Some(false));
        assert_eq!(Cues::read("her sword").slight, Some(true));
        assert_eq!(Cues::read("There are heroes").slight, None);
        assert_eq!(Cues::read("a boy and a girl").slight, None);
    }

    #[test]
    fn korean_is_read_too() {
        let cues = Cues::read("헌터가 비 내리는 게이트 앞에 서 있다");
        assert_eq!(cues.places, [Place::Gate]);
        assert!(cues.rain && cues.armed);
    }

    #[test]
    fn framings_and_sheets_are_phrases() {
        assert_eq!(Cues::read("close-up of her face").framing, Some(Framing::Close));
        assert_eq!(Cues::read("wide shot of a lake").framing, Some(Framing::Wide));
        assert_eq!(Cues::read("she closes the shop").framing, None);
        assert!(Cues::read("character sheet of a knight").turnaround);
    }

    #[test]
    fn only_what_is_quoted_to_its_end_is_said() {
        assert_eq!(Cues::read("He says \"Run!\" and runs").quote.as_deref(), Some("Run!"));
        assert_eq!(Cues::read("a 6\" figure").quote, None);
    }
}
