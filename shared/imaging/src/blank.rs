//! Whether a picture shows anything.

use toonmill_webp::Planes;

/// A prime, so that no pattern of the picture's keeps step with it.
const SAMPLE: usize = 61;

/// Whether all pixels are practically the same: no plane varies by a grey level or more (standard deviation). A line
/// drawing on white varies by several; a JPEG's noise on a plain ground by less.
pub(crate) fn is_blank(planes: &Planes) -> bool {
    // Nearly every picture shows something in a sample already.
    is_plain_every(planes, SAMPLE) && is_plain_every(planes, 1)
}

fn is_plain_every(planes: &Planes, step: usize) -> bool {
    let [u, v] = planes.chroma();
    let Some(alpha) = planes.alpha() else {
        return [planes.luma(), u, v].into_iter().all(|plane| is_plain(plane.iter().step_by(step).copied()));
    };
    // What is fully transparent has no colour.
    let luma = planes.luma().iter().zip(alpha).map(|(luma, alpha)| if *alpha == 0 { 0 } else { *luma });
    let width = usize::try_from(planes.width()).unwrap_or(usize::MAX);
    let chroma = |plane: &[u8]| {
        let rows = plane.chunks(width.div_ceil(2)).zip(alpha.chunks(width * 2));
        let shown = rows.flat_map(|(colours, alpha)| {
            let (upper, lower) = alpha.split_at(width.min(alpha.len()));
            colours.iter().enumerate().map(move |(at, colour)| {
                let seen = |row: &[u8]| row.iter().skip(at * 2).take(2).any(|alpha| *alpha > 0);
                if seen(upper) || seen(lower) { *colour } else { 0 }
            })
        });
        is_plain(shown.step_by(step))
    };
    is_plain(alpha.iter().step_by(step).copied()) && is_plain(luma.step_by(step)) && chroma(u) && chroma(v)
}

fn is_plain(values: impl Iterator<Item = u8>) -> bool {
    let (mut count, mut sum, mut squares) = (0_u64, 0_u64, 0_u64);
    for value in values {
        count += 1;
        sum += u64::from(value);
        squares += u64::from(value) * u64::from(value);
    }
    // n·Σx² − (Σx)² is n² times the variance.
    let (count, sum, squares) = (u128::from(count), u128::from(sum), u128::from(squares));
    count * squares - sum * sum < (count * count).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_ground_with_a_grain_is_blank_and_a_thin_line_is_not() {
        let mut white = vec![255; 100 * 100 * 3];
        for (at, value) in white.iter_mut().enumerate() {
            *value -= u8::from(at % 7 == 0);
        }
        let mut planes = Planes::new(100, 100).unwrap();
        planes.put_rgb(0, &white).unwrap();
        assert!(is_blank(&planes));
        white.iter_mut().take(3 * 10).for_each(|value| *value = 0);
        planes.put_rgb(0, &white).unwrap();
        assert!(!is_blank(&planes));
    }

    #[test]
    fn a_change_of_colour_alone_is_no_blank() {
        // A red and a green of one brightness.
        let pixels: Vec<u8> =
            (0..64 * 64).flat_map(|at| if at % 64 < 32 { [200, 0, 0] } else { [0, 102, 0] }).collect();
        let mut planes = Planes::new(64, 64).unwrap();
        planes.put_rgb(0, &pixels).unwrap();
        assert!(!is_blank(&planes));
    }

    #[test]
    fn what_is_behind_full_transparency_does_not_count() {
        for (width, height) in [(16, 16), (15, 17)] {
            let count = width * height;
            let hidden: Vec<u8> = (0..count).flat_map(|at: u32| [at.to_le_bytes()[0], 9, 77, 0]).collect();
            let mut planes = Planes::new(width, height).unwrap();
            planes.put_rgba(0, &hidden).unwrap();
            assert!(is_blank(&planes));
            let shape: Vec<u8> = (0..count).flat_map(|at| [0, 0, 0, if at < 99 { 255 } else { 0 }]).collect();
            planes.put_rgba(0, &shape).unwrap();
            assert!(!is_blank(&planes));
        }
    }
}
