//! Hangul syllables, built as they are written: an initial consonant, a vowel and perhaps a final
//! consonant, each given its part of the square. Eleven thousand glyphs from forty drawings.

use crate::glyph::{Glyph, Stroke};

/// Side of the square of a syllable in grid units: a little more than a capital's height.
const SQUARE: f32 = 21.0;
const TOP: f32 = -0.5;

type Box4 = (f32, f32, f32, f32);

/// The drawings of the fourteen plain consonants in the unit square.
fn plain_consonant(letter: char) -> &'static str {
    match letter {
        'ㄱ' => "0.05,0.08 0.92,0.08 0.8,1",
        'ㄴ' => "0.08,0 0.08,0.92 1,0.9",
        'ㄷ' => "0.95,0.06 0.06,0.08 0.06,0.92 1,0.9",
        'ㄹ' => "0.05,0.05 0.92,0.05 0.9,0.48 0.07,0.5 0.07,0.97 1,0.95",
        'ㅁ' => "0.08,0.06 0.08,0.94 0.92,0.94 0.92,0.06 0.06,0.06",
        'ㅂ' => "0.08,0 0.08,0.97 0.92,0.97 0.92,0; 0.08,0.5 0.92,0.5",
        'ㅅ' => "~0.52,0 0.4,0.5 0,1; 0.44,0.42 1,1",
        'ㅇ' => "~0.5,0.02 0.08,0.2 0.02,0.6 0.3,0.96 0.7,0.96 0.98,0.6 0.92,0.2 0.5,0.02",
        'ㅈ' => "0.06,0.08 0.94,0.08; ~0.54,0.08 0.4,0.55 0,1; 0.46,0.46 1,1",
        'ㅊ' => "0.36,-0.06 0.66,-0.04; 0.06,0.22 0.94,0.22; ~0.54,0.22 0.4,0.62 0,1; 0.46,0.54 1,1",
        'ㅋ' => "0.05,0.06 0.92,0.06 0.8,1; 0.08,0.5 0.86,0.48",
        'ㅌ' => "0.95,0.04 0.06,0.06 0.06,0.94 1,0.92; 0.06,0.5 0.9,0.48",
        'ㅍ' => "0.02,0.08 0.98,0.08; 0.3,0.08 0.34,0.92; 0.7,0.08 0.66,0.92; 0,0.94 1,0.92",
        'ㅎ' => {
            "0.34,-0.04 0.66,-0.02; 0.04,0.24 0.96,0.24; ~0.5,0.42 0.18,0.58 0.2,0.88 0.5,1 0.8,0.88 0.82,0.58 0.5,0.42"
        }
        _ => "",
    }
}

const INITIALS: [&str; 19] = [
    "ㄱ", "ㄱㄱ", "ㄴ", "ㄷ", "ㄷㄷ", "ㄹ", "ㅁ", "ㅂ", "ㅂㅂ", "ㅅ", "ㅅㅅ", "ㅇ", "ㅈ", "ㅈㅈ", "ㅊ", "ㅋ", "ㅌ",
    "ㅍ", "ㅎ",
];

const FINALS: [&str; 28] = [
    "", "ㄱ", "ㄱㄱ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ", "ㄹㅎ",
    "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅅㅅ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
];

/// A vowel's part under the consonant and its part to the right of it; either may be absent.
struct Vowel {
    under: &'static str,
    right: &'static str,
}

const A: &str = "0.3,0 0.3,1; 0.3,0.48 0.95,0.46";
const AE: &str = "0.15,0.04 0.15,0.92; 0.8,0 0.8,1; 0.15,0.48 0.8,0.46";
const YA: &str = "0.3,0 0.3,1; 0.3,0.34 0.95,0.32; 0.3,0.62 0.95,0.6";
const YAE: &str = "0.15,0.04 0.15,0.92; 0.8,0 0.8,1; 0.15,0.36 0.8,0.34; 0.15,0.62 0.8,0.6";
const EO: &str = "0.75,0 0.75,1; 0.05,0.48 0.75,0.46";
const E: &str = "0.45,0.04 0.45,0.92; 0.95,0 0.95,1; -0.1,0.48 0.45,0.46";
const YEO: &str = "0.75,0 0.75,1; 0.05,0.34 0.75,0.32; 0.05,0.62 0.75,0.6";
const YE: &str = "0.45,0.04 0.45,0.92; 0.95,0 0.95,1; -0.1,0.36 0.45,0.34; -0.1,0.62 0.45,0.6";
const I: &str = "0.6,0 0.6,1";
const O: &str = "0,0.88 1,0.86; 0.5,0.1 0.5,0.88";
const YO: &str = "0,0.88 1,0.86; 0.34,0.15 0.34,0.88; 0.66,0.15 0.66,0.88";
const U: &str = "0,0.24 1,0.22; 0.52,0.24 0.5,1";
const YU: &str = "0,0.24 1,0.22; 0.34,0.24 0.3,1; 0.66,0.24 0.66,1";
const EU: &str = "0,0.5 1,0.48";

const VOWELS: [Vowel; 21] = [
    vowel("", A),
    vowel("", AE),
    vowel("", YA),
    vowel("", YAE),
    vowel("", EO),
    vowel("", E),
    vowel("", YEO),
    vowel("", YE),
    vowel(O, ""),
    vowel(O, A),
    vowel(O, AE),
    vowel(O, I),
    vowel(YO, ""),
    vowel(U, ""),
    vowel(U, EO),
    vowel(U, E),
    vowel(U, I),
    vowel(YU, ""),
    vowel(EU, ""),
    vowel(EU, I),
    vowel("", I),
];

const fn vowel(under: &'static str, right: &'static str) -> Vowel {
    Vowel { under, right }
}

/// The glyph of a syllable (U+AC00–U+D7A3) or of a letter by itself, such as ㅋ and ㅠ.
pub(crate) fn glyph(character: char) -> Option<Glyph> {
    let strokes = match character {
        '가'..='힣' => syllable(character as usize - '가' as usize)?,
        'ㅏ'..='ㅣ' => lone_vowel(VOWELS.get(character as usize - 'ㅏ' as usize)?),
        'ㄱ'..='ㅎ' => lone_consonant(character)?,
        _ => return None,
    };
    Some(Glyph { width: SQUARE, strokes })
}

fn syllable(index: usize) -> Option<Vec<Stroke>> {
    let initial = INITIALS.get(index / 588)?;
    let vowel = VOWELS.get(index % 588 / 28)?;
    let last = FINALS.get(index % 28)?;
    let open = last.is_empty();
    let (first, under, right) = match (vowel.under.is_empty(), vowel.right.is_empty()) {
        (true, _) if open => ((0.0, 0.12, 0.52, 0.82), NOWHERE, (0.6, 0.0, 1.0, 1.0)),
        (true, _) => ((0.02, 0.02, 0.52, 0.48), NOWHERE, (0.6, -0.02, 1.0, 0.58)),
        (_, true) if open => ((0.16, 0.02, 0.84, 0.48), (0.0, 0.5, 1.0, 1.0), NOWHERE),
        (_, true) => ((0.18, -0.02, 0.82, 0.3), (0.0, 0.34, 1.0, 0.62), NOWHERE),
        _ if open => ((0.04, 0.02, 0.54, 0.46), (0.0, 0.5, 0.62, 0.9), (0.66, 0.0, 1.04, 1.0)),
        _ => ((0.04, -0.02, 0.52, 0.28), (0.0, 0.32, 0.6, 0.58), (0.66, -0.02, 1.04, 0.62)),
    };
    let mut strokes = consonant(initial, first);
    strokes.extend(place(vowel.under, under));
    strokes.extend(place(vowel.right, right));
    strokes.extend(consonant(last, (0.14, 0.68, 0.92, 1.02)));
    Some(strokes)
}

const NOWHERE: Box4 = (0.0, 0.0, 0.0, 0.0);

/// One consonant fills its box; doubles and clusters share it.
fn consonant(letters: &str, (x0, y0, x1, y1): Box4) -> Vec<Stroke> {
    let count = letters.chars().count();
    let step = (x1 - x0) / count.max(1) as f32;
    let gap = if count > 1 { step * 0.14 } else { 0.0 };
    let mut strokes = Vec::new();
    for (index, letter) in letters.chars().enumerate() {
        let left = x0 + index as f32 * step;
        strokes.extend(place(plain_consonant(letter), (left, y0, left + step - gap, y1)));
    }
    strokes
}

fn lone_vowel(vowel: &Vowel) -> Vec<Stroke> {
    let mut strokes = place(vowel.under, (0.0, 0.3, if vowel.right.is_empty() { 1.0 } else { 0.6 }, 0.75));
    strokes.extend(place(vowel.right, (0.4, 0.0, 0.9, 1.0)));
    strokes
}

fn lone_consonant(letter: char) -> Option<Vec<Stroke>> {
    // The compatibility block lists the finals' clusters and the initials' doubles in one order.
    const ORDER: &str = "ㄱㄲㄳㄴㄵㄶㄷㄸㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅃㅄㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
    const PARTS: [&str; 30] = [
        "ㄱ", "ㄱㄱ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄷㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ",
        "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅂ", "ㅂㅅ", "ㅅ", "ㅅㅅ", "ㅇ", "ㅈ", "ㅈㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
    ];
    let index = ORDER.chars().position(|candidate| candidate == letter)?;
    Some(consonant(PARTS.get(index)?, (0.08, 0.08, 0.92, 0.92)))
}

fn place(drawing: &str, (x0, y0, x1, y1): Box4) -> Vec<Stroke> {
    if drawing.is_empty() {
        return Vec::new();
    }
    Glyph::placed(drawing, (x0 * SQUARE, TOP + y0 * SQUARE, x1 * SQUARE, TOP + y1 * SQUARE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_syllable_and_letter_has_strokes_inside_its_square() {
        for character in ('가'..='힣').chain('ㄱ'..='ㅣ') {
            let glyph = glyph(character).unwrap();
            assert!(!glyph.strokes.is_empty(), "{character}");
            for point in glyph.strokes.iter().flat_map(|stroke| &stroke.points) {
                assert!((-2.0..=SQUARE + 2.0).contains(&point.x), "{character}");
                assert!((-3.0..=SQUARE + 2.0).contains(&point.y), "{character}");
            }
        }
    }

    #[test]
    fn a_syllable_is_its_three_letters() {
        let strokes = |character| glyph(character).unwrap().strokes.len();
        assert_eq!(strokes('가'), 1 + 2);
        assert_eq!(strokes('강'), 1 + 2 + 1);
        assert_eq!(strokes('뷁'), 2 + 2 + 3 + 1 + 1);
    }

    #[test]
    fn other_scripts_are_not_ours() {
        assert!(glyph('A').is_none() && glyph('漢').is_none());
    }
}
