//! Whether a picture shows anything.

/// Whether all pixels are practically the same: no channel varies by a grey level or more
/// (standard deviation). A line drawing on white varies by several; a JPEG's noise on a plain
/// ground by less. `pixels` are of `N` bytes each.
pub(crate) fn is_blank<const N: usize>(pixels: &[u8]) -> bool {
    let (pixels, _) = pixels.as_chunks::<N>();
    // Nearly every picture shows something in a sample already. All its pixels would cost a
    // quarter of what encoding costs.
    is_plain(pixels.iter().step_by(SAMPLE)) && is_plain(pixels.iter())
}

/// A prime, so that no pattern of the picture's keeps step with it.
const SAMPLE: usize = 61;

fn is_plain<'a, const N: usize>(pixels: impl Iterator<Item = &'a [u8; N]>) -> bool {
    let mut count = 0_u128;
    let mut sums = [0_u64; N];
    let mut squares = [0_u64; N];
    for pixel in pixels {
        count += 1;
        for ((value, sum), square) in visible(*pixel).into_iter().zip(&mut sums).zip(&mut squares) {
            *sum += u64::from(value);
            *square += u64::from(value) * u64::from(value);
        }
    }
    // n·Σx² − (Σx)² is n² times the variance.
    sums.into_iter()
        .zip(squares)
        .all(|(sum, square)| count * u128::from(square) - u128::from(sum) * u128::from(sum) < (count * count).max(1))
}

/// The pixel as it looks: a colour that is fully transparent is no colour.
fn visible<const N: usize>(mut pixel: [u8; N]) -> [u8; N] {
    if let [colours @ .., alpha] = pixel.as_mut_slice()
        && N == 4
        && *alpha == 0
    {
        colours.fill(0);
    }
    pixel
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
        assert!(is_blank::<3>(&white));
        white.iter_mut().take(3 * 10).for_each(|value| *value = 0);
        assert!(!is_blank::<3>(&white));
    }

    #[test]
    fn what_is_behind_full_transparency_does_not_count() {
        let hidden: Vec<u8> = (0..=255_u8).flat_map(|at| [at, 9, at / 2, 0]).collect();
        assert!(is_blank::<4>(&hidden));
        let shape: Vec<u8> = (0..=255_u8).flat_map(|at| [0, 0, 0, if at < 99 { 255 } else { 0 }]).collect();
        assert!(!is_blank::<4>(&shape));
    }
}
