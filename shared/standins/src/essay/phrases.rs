//! The words, in two languages.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Korean,
}

impl Language {
    /// Korean if there is any Hangul in it.
    pub(super) fn of(text: &str) -> Self {
        let hangul = |c: char| matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{3131}'..='\u{318e}');
        if text.chars().any(hangul) { Self::Korean } else { Self::English }
    }

    /// Sentences that fit any picture.
    pub(super) const fn scene(self) -> &'static [&'static str] {
        match self {
            Self::English => &[
                "A wide, quiet panel opens the scene.",
                "Cold light falls from the left, and long shadows point at what is coming.",
                "In the foreground a figure stops in mid-step, one hand raised.",
                "Dust hangs in the air; far behind, something large turns its head.",
                "Thick outlines, muted blues, and one accent of red.",
                "Nobody speaks until the last panel.",
            ],
            Self::Korean => &[
                "넓고 조용한 컷으로 장면이 시작된다.",
                "왼쪽에서 차가운 빛이 들고 긴 그림자가 다가올 것을 가리킨다.",
                "앞쪽의 인물이 한 손을 든 채 걸음을 멈춘다.",
                "먼지가 떠 있고, 멀리서 커다란 무언가가 고개를 돌린다.",
                "굵은 윤곽선, 가라앉은 푸른색, 그리고 붉은 점 하나.",
                "마지막 컷까지 아무도 말하지 않는다.",
            ],
        }
    }

    /// Phrases for a property of this name.
    pub(super) fn of_property(self, name: &str) -> &'static [&'static str] {
        let name = name.to_ascii_lowercase();
        let is = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match self {
            _ if is(&["description", "prompt", "summary", "action"]) => self.scene(),
            Self::English if is(&["character", "name", "speaker", "hero"]) => &["Jiwoo", "Haneul", "Doyun", "Serin"],
            Self::Korean if is(&["character", "name", "speaker", "hero"]) => &["지우", "하늘", "도윤", "세린"],
            Self::English if is(&["title", "heading"]) => {
                &["Before the gate", "The first crack", "Rain on the roof", "Nobody answers"]
            }
            Self::Korean if is(&["title", "heading"]) => &["문 앞에서", "첫 번째 균열", "지붕 위의 비", "대답 없는 밤"],
            Self::English if is(&["background", "place", "setting", "location"]) => {
                &["A ruined subway station at night", "A rooftop in the rain", "A classroom at dusk", "A dark forest"]
            }
            Self::Korean if is(&["background", "place", "setting", "location"]) => {
                &["밤의 무너진 지하철역", "비 내리는 옥상", "해 질 녘의 교실", "어두운 숲"]
            }
            Self::English if is(&["dialogue", "dialog", "line", "speech"]) => {
                &["You came after all.", "Do not open it.", "Did you hear that?", "Run!"]
            }
            Self::Korean if is(&["dialogue", "dialog", "line", "speech"]) => {
                &["결국 왔구나.", "열지 마.", "방금 들었어?", "뛰어!"]
            }
            Self::English => &["a stone gate", "a red scarf", "a broken watch", "an empty street"],
            Self::Korean => &["돌로 된 문", "붉은 목도리", "부서진 시계", "텅 빈 거리"],
        }
    }
}
