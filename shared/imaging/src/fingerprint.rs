//! What a picture looks like in 64 bits: pictures that look alike differ in few of them.

use std::fmt;

use toonmill_webp::Planes;

const COLUMNS: usize = 9;
const ROWS: usize = 8;

/// A difference hash: the picture in nine by eight cells, and for each whether its right neighbour is darker. It
/// survives scaling, encoding and small retouching. Sixteen hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    pub(crate) fn of(planes: &Planes) -> Self {
        let width = usize::try_from(planes.width()).unwrap_or(usize::MAX);
        let height = usize::try_from(planes.height()).unwrap_or(usize::MAX);
        let mut bits = 0;
        for row in 0..ROWS {
            let lines = cell(row, ROWS, height);
            let mut sums = [0_u64; COLUMNS];
            for line in planes.luma().chunks_exact(width).skip(lines.start).take(lines.len()) {
                for (column, sum) in sums.iter_mut().enumerate() {
                    let values = line.get(cell(column, COLUMNS, width)).unwrap_or_default();
                    *sum += values.iter().map(|value| u64::from(*value)).sum::<u64>();
                }
            }
            // Cells of one row differ by a pixel's width at most, so sums are compared as means are: a/n > b/m.
            let areas = std::array::from_fn::<_, COLUMNS, _>(|column| cell(column, COLUMNS, width).len() as u64);
            for ((left, of_left), (right, of_right)) in sums.iter().zip(areas).zip(sums.iter().zip(areas).skip(1)) {
                bits = bits << 1 | u64::from(left * of_right > right * of_left);
            }
        }
        Self(bits)
    }

    /// In how many bits two pictures differ: up to about ten they look alike.
    pub const fn distance(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }
}

/// The pixels of one of `cells` along a side. Of a side with fewer pixels than cells, some share one.
const fn cell(index: usize, cells: usize, side: usize) -> std::ops::Range<usize> {
    let start = index * side / cells;
    let end = (index + 1) * side / cells;
    start..if end > start { end } else { start + 1 }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(width: u32, height: u32, luma: impl Fn(u32, u32) -> u8) -> Fingerprint {
        let pixels: Vec<u8> =
            (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| [luma(x, y); 3]).collect();
        let mut planes = Planes::new(width, height).unwrap();
        planes.put_rgb(0, &pixels).unwrap();
        Fingerprint::of(&planes)
    }

    #[test]
    fn bits_say_where_it_grows_darker_to_the_right() {
        assert_eq!(of(90, 80, |x, _| u8::try_from(x * 2).unwrap()), Fingerprint(0));
        assert_eq!(of(90, 80, |x, _| u8::try_from(200 - x * 2).unwrap()), Fingerprint(u64::MAX));
        // Dark to the left in the upper half, to the right in the lower.
        let halves = of(90, 80, |x, y| u8::try_from(if y < 40 { x * 2 } else { 200 - x * 2 }).unwrap());
        assert_eq!(halves.to_string(), "00000000ffffffff");
    }

    #[test]
    fn it_survives_scaling_and_noise_and_not_another_picture() {
        let waves = |side: u32| move |x: u32, y: u32| ((x * 700 / side) ^ (y * 500 / side)).to_le_bytes()[0];
        let small = of(96, 96, waves(96));
        let large = of(480, 480, waves(480));
        let noisy = of(96, 96, |x, y| waves(96)(x, y) ^ u8::from((x + y) % 3 == 0));
        let mirrored = of(96, 96, |x, y| waves(96)(95 - x, y));
        assert!(small.distance(large) <= 6, "{}", small.distance(large));
        assert!(small.distance(noisy) <= 4, "{}", small.distance(noisy));
        assert!(small.distance(mirrored) > 16, "{}", small.distance(mirrored));
        assert_eq!(of(1, 1, |_, _| 9), Fingerprint(0));
    }
}
