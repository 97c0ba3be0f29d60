//! The artist's capitals, figures and signs, and the marks that go over and under letters.
//! Small letters are the same shapes drawn smaller, as comic lettering has them.

use std::{collections::HashMap, sync::LazyLock};

use crate::glyph::{CAP, Glyph};

/// How tall a small letter is beside a capital.
const SMALL: f32 = 0.84;

/// Every shape drawn by hand. The form of a drawing is that of [`Glyph::parse`].
const DRAWINGS: &[(char, &str)] = &[
    ('A', "0,20 7.6,0 15,20; 2.8,13.2 12.6,12.6"),
    ('B', "0,0 0.4,20; ~0,0.2 7.5,0.6 10.5,4.6 7.5,9 0.4,9.6; ~0.4,9.6 8.8,10.2 12.4,14.6 8.8,19.2 0.4,20"),
    ('C', "~13.6,3.6 9,0.2 3.6,2.6 0.2,10 3.4,17.4 8.8,20 13.8,17"),
    ('D', "0,0 0.4,20; ~0,0.2 8,1.4 13.6,9.4 8.8,18 0.4,20"),
    ('E', "10.8,0 0,0.3 0.3,20 11.4,19.7; 0.2,9.8 9,9.4"),
    ('F', "10.8,0 0,0.3 0.3,20; 0.2,10 8.8,9.6"),
    ('G', "~13.8,3.4 9,0.2 3.6,2.6 0.2,10 3.4,17.4 8.8,20 14,17.4; 14,17.4 14.2,11.6 8.6,11.8"),
    ('H', "0,0 0.3,20; 12.8,0 12.6,20; 0.2,10.2 12.6,9.6"),
    ('I', "0.6,0 0.8,20"),
    ('J', "~9.4,0 9.6,13.6 7.4,18.6 3.6,19.6 0,16.4"),
    ('K', "0,0 0.3,20; 11.6,0.2 0.4,11.8; 4.2,8.6 12.6,20"),
    ('L', "0,0 0.3,19.8 10.8,19.8"),
    ('M', "0,20 1.8,0 8.6,14 15.4,0 17.2,20"),
    ('N', "0,20 0.4,0 12.4,20 12.8,0"),
    ('O', "~8,0 2.2,2.8 0,10 2.4,17.4 8,20 13.6,17.4 16,10 13.6,2.6 8,0"),
    ('P', "0,0 0.4,20; ~0,0.2 8,0.8 11.6,5.6 8,10.4 0.4,11.2"),
    ('Q', "~8,0 2.2,2.8 0,10 2.4,17.4 8,20 13.6,17.4 16,10 13.6,2.6 8,0; 9.6,14.6 16.4,22"),
    ('R', "0,0 0.4,20; ~0,0.2 8,0.8 11.2,5.4 8,10 0.4,10.8; 5,10.8 12.8,20"),
    ('S', "~11.4,3 7.8,0.2 3,0.8 0.8,4.6 3.2,8.4 8.8,11 11.8,15 9,19.2 4,20 0,17"),
    ('T', "0,0.2 13.8,0; 7,0.2 6.8,20"),
    ('U', "~0,0 0.2,13 2.6,18.4 6.4,20 10.4,18.4 12.6,13 12.8,0"),
    ('V', "0,0 6.8,20 13.8,0"),
    ('W', "0,0 5,20 9.6,4.4 14.2,20 19,0"),
    ('X', "0.4,0 13,20; 12.6,0 0,20"),
    ('Y', "0,0 6.8,10.2 13.6,0; 6.8,10.2 6.4,20"),
    ('Z', "0.4,0.2 12.4,0 0,20 12.8,19.8"),
    ('0', "~6.4,0 1.6,3 0,10 1.6,17 6.4,20 11.2,17 12.8,10 11.2,3 6.4,0"),
    ('1', "0,4.4 4.8,0 5,20"),
    ('2', "~0.4,4.6 3,0.8 7.4,0.2 10.8,4 9,9.4 0,20; 0,20 12.2,19.6"),
    ('3', "~0.4,2 5,0 9.8,1.6 9.8,7 4.6,9.4; ~4.6,9.4 10.8,11.4 11.2,16.4 6,20 0,17.6"),
    ('4', "9.2,20 9,0 0,13.6 12.8,13.4"),
    ('5', "10.8,0 1.6,0.2 1,8.6; ~1,8.6 6.4,7.2 11.2,10.6 10.8,16.4 6,20 0,17.8"),
    ('6', "~9.8,0.4 3.6,5 0.2,12 1.6,18 6.4,20 11,17 11.2,12.2 7,9.6 1,13.6"),
    ('7', "0,0.2 12,0 4.4,20"),
    ('8', "~6,9.2 1.6,6.4 1.6,2 6,0 10.4,2 10.4,6.4 6,9.2 0.6,13 0.6,17.6 6,20 11.4,17.6 11.4,13 6,9.2"),
    ('9', "~10.8,6.8 6,10.4 1,7.6 0.8,3 5.4,0 10.2,2.4 10.8,6.8; ~10.8,6.8 10.2,14 6,20"),
    ('.', "0.6,19.2 1,19.8"),
    (',', "1.8,18.4 0.2,23"),
    (':', "0.8,7.4 1.2,8; 0.8,18.4 1.2,19"),
    (';', "1.4,7.4 1.8,8; 1.8,18 0.2,22.4"),
    ('!', "1.4,0 1.2,13.4; 1,19.2 1.4,19.8"),
    ('?', "~0,4 3,0.2 8,1 9.4,5 5,9.4 4.6,13.4; 4.4,19.2 4.8,19.8"),
    ('\'', "1,0 0.6,5.4"),
    ('"', "1,0 0.6,5.4; 5.2,0 4.8,5.4"),
    ('-', "0,11.4 7,11"),
    ('–', "0,11.4 11,11"),
    ('—', "0,11.4 17,11"),
    ('_', "0,22 13,22"),
    ('(', "~5,-2 1,4 0,10 1,17 5,23"),
    (')', "~0,-2 4,4 5,10 4,17 0,23"),
    ('[', "5,-1.6 0,-1.6 0,22.4 5,22.4"),
    (']', "0,-1.6 5,-1.6 5,22.4 0,22.4"),
    ('{', "~6,-2 2.6,0 3,8 0,10.4 3,13 2.6,21 6,23"),
    ('}', "~0,-2 3.4,0 3,8 6,10.4 3,13 3.4,21 0,23"),
    ('/', "9,-1 0,22"),
    ('\\', "0,-1 9,22"),
    ('|', "0.6,-2 0.6,23"),
    ('+', "0,11 11,11; 5.5,5.5 5.5,16.5"),
    ('=', "0,8.4 11,8; 0,14.4 11,14"),
    ('*', "4.4,3 4.4,13; 0,5.6 8.8,10.6; 8.8,5.6 0,10.6"),
    ('#', "5,1 2.4,19; 11.4,1 8.8,19; 0.8,7 13.4,6.8; 0,13.2 12.6,13"),
    ('%', "~3.4,0 0.4,3.4 3.4,7 6.4,3.6 3.4,0; 14.4,0.4 2.4,19.6; ~13,13 10,16.4 13,20 16,16.6 13,13"),
    ('&', "~14,19.8 4,6.4 4.2,1.4 7.4,0 9.8,3.4 7.6,7.4 1.4,12 0.4,16.4 4.4,20 9.4,18.4 13.6,11"),
    ('@', "~11.6,7 7.6,5.4 5,10.4 7.4,14.4 11,11.4 12,6 12,13 15,13.4 17,8 12.4,1.4 5.6,2 0.4,9.4 3,17.4 9.4,20 15,18"),
    ('<', "9,4.4 0,10.8 9,17"),
    ('>', "0,4.4 9,10.8 0,17"),
    ('^', "0,6 4.4,0 8.8,6"),
    ('~', "~0,12 3,9.4 7,12.4 10.4,9.6"),
    ('$', "~11,4.6 7.6,2 3,2.6 1,5.6 3.4,9 8.6,11 11,14.4 8.4,17.8 4,18.2 0,15.8; 6,-1 6,21.4"),
    ('€', "~12.4,3.4 8.6,0.4 4.6,3 2.6,10 4.4,17 8.6,19.8 12.6,17; 0,8 9,7.6; 0,12.4 8.4,12"),
    ('£', "~10.6,3.4 7.4,0.2 4,3 4.4,11 3.4,17 0.4,20; 0.4,20 11.6,19.4; 0.8,10.6 8.6,10.2"),
    ('₩', "0,0 5,20 9.6,4.4 14.2,20 19,0; -0.6,8 19.6,7.6; 0,12.4 19,12"),
    ('…', "0.6,19.2 1,19.8; 6.6,19.2 7,19.8; 12.6,19.2 13,19.8"),
    ('×', "0.6,6.6 9.4,15.6; 9,6.4 0.4,15.8"),
    ('·', "1,10.6 1.4,11.2"),
    ('•', "~1.6,9.4 0.6,10.8 1.8,12 3,10.8 1.6,9.4; 1.6,10.6 2,11"),
    ('→', "0,11 14.4,10.8; 9.4,6 14.6,10.8 9.6,16"),
    ('←', "14.6,11 0.2,10.8; 5.2,6 0,10.8 5,16"),
    ('°', "~3,0 0.2,2.8 3,5.8 5.8,3 3,0"),
    ('✓', "0,12 4.4,18.4 13,3"),
    ('ß', "~0,21 0.4,5 4,0.2 9,2.4 8,7.4 5,9.6 11,13.4 9.6,18.8 4.4,19.8"),
    ('Ø', "~8,0 2.2,2.8 0,10 2.4,17.4 8,20 13.6,17.4 16,10 13.6,2.6 8,0; 14.6,-0.6 1.4,20.6"),
    ('Æ', "0,20 9.4,0 19,0; 9.4,0 10.6,20 19.6,20; 3.4,13 10,12.8; 10,9.8 17.4,9.6"),
    ('¿', "~9.4,16 6.4,19.8 1.4,19 0,15 4.4,10.6 4.8,6.6; 5,0.2 4.6,0.8"),
    ('¡', "1.4,20 1.6,6.6; 1.8,0.2 1.4,0.8"),
];

/// Marks, drawn round x = 0 and placed over or under the middle of a letter.
const ACCENTS: &[(&str, &str, &str)] = &[
    ("ÀÈÌÒÙàèìòù", "AEIOUaeiou", "-3,-6.5 1.5,-3"),
    ("ÁÉÍÓÚÝáéíóúý", "AEIOUYaeiouy", "3,-6.5 -1.5,-3"),
    ("ÂÊÎÔÛâêîôû", "AEIOUaeiou", "-4,-3 0,-6.5 4,-3"),
    ("ÄËÏÖÜŸäëïöüÿ", "AEIOUYaeiouy", "-3,-4.6 -2.7,-4; 3,-4.6 3.3,-4"),
    ("ÃÑÕãñõ", "ANOano", "~-4.4,-3.4 -1.6,-5.6 1.6,-3.6 4.4,-5.8"),
    ("ĀĒĪŌŪāēīōū", "AEIOUaeiou", "-4,-4.4 4,-4.6"),
    ("ČŠŽĚŘčšžěř", "CSZERcszer", "-4,-6.5 0,-3 4,-6.5"),
    ("Åå", "Aa", "~0,-7.4 -2.4,-5 0,-2.6 2.4,-5 0,-7.4"),
    ("Çç", "Cc", "~0,20 2,22 0,24 -2.4,23.4"),
];

/// Typographers' quotes and spaces, drawn as their plain relatives.
const ALIASES: &[(&str, char)] = &[("‘’‚′`´", '\''), ("“”„″«»", '"'), ("‐‑−", '-'), ("、，", ','), ("。．", '.')];

static GLYPHS: LazyLock<HashMap<char, Glyph>> =
    LazyLock::new(|| DRAWINGS.iter().map(|(character, drawing)| (*character, Glyph::parse(drawing))).collect());

/// The glyph of a Latin letter, figure or sign, or `None` for any other character.
pub(crate) fn glyph(character: char) -> Option<Glyph> {
    if let Some(glyph) = GLYPHS.get(&character) {
        return Some(glyph.clone());
    }
    if character.is_ascii_lowercase() || matches!(character, 'ø' | 'æ') {
        let capital = character.to_uppercase().next()?;
        return GLYPHS.get(&capital).map(small);
    }
    if let Some((_, plain)) = ALIASES.iter().find(|(group, _)| group.contains(character)) {
        return GLYPHS.get(plain).cloned();
    }
    ACCENTS.iter().find_map(|(accented, plain, mark)| {
        let place = accented.chars().position(|candidate| candidate == character)?;
        let letter = plain.chars().nth(place)?;
        Some(with_mark(glyph(letter)?, letter, mark))
    })
}

fn small(capital: &Glyph) -> Glyph {
    let mut glyph = capital.clone();
    glyph.width *= SMALL;
    for point in glyph.strokes.iter_mut().flat_map(|stroke| &mut stroke.points) {
        point.x *= SMALL;
        point.y = CAP - (CAP - point.y) * SMALL;
    }
    glyph
}

fn with_mark(mut glyph: Glyph, letter: char, mark: &str) -> Glyph {
    let below = mark.contains("24");
    let lower = if letter.is_lowercase() && !below { CAP * (1.0 - SMALL) } else { 0.0 };
    let middle = glyph.width / 2.0;
    let mut mark = Glyph::parse(mark);
    for point in mark.strokes.iter_mut().flat_map(|stroke| &mut stroke.points) {
        point.x += middle;
        point.y += lower;
    }
    glyph.strokes.append(&mut mark.strokes);
    glyph
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_drawing_is_strokes_of_at_least_two_points() {
        let marks = ACCENTS.iter().map(|(_, _, mark)| *mark);
        for drawing in DRAWINGS.iter().map(|(_, drawing)| *drawing).chain(marks) {
            let pairs = drawing.matches(',').count();
            let glyph = Glyph::parse(drawing);
            let points: usize = glyph.strokes.iter().map(|stroke| stroke.points.len()).sum();
            assert_eq!(points, pairs, "{drawing}");
            assert!(glyph.strokes.iter().all(|stroke| stroke.points.len() > 1), "{drawing}");
        }
    }

    #[test]
    fn all_of_printable_ascii_can_be_written() {
        for character in ('!'..='~').filter(|character| *character != '`') {
            assert!(glyph(character).is_some(), "{character}");
        }
    }

    #[test]
    fn an_accent_keeps_the_width_of_its_letter() {
        let (plain, accented) = (glyph('e').unwrap(), glyph('é').unwrap());
        assert!((plain.width - accented.width).abs() < f32::EPSILON);
        assert!(accented.strokes.len() > plain.strokes.len());
    }
}
