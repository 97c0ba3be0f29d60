//! Aspect ratios as the API and the providers write them: `16:9`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Width to height, in small whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AspectRatio {
    width: u16,
    height: u16,
}

/// Text that is not a ratio of two numbers from 1 to 99.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an aspect ratio such as 16:9")]
pub struct InvalidAspectRatio;

impl AspectRatio {
    /// What a stage draws that names no ratio.
    pub const WIDE: Self = Self { width: 16, height: 9 };

    pub const fn width(self) -> u16 {
        self.width
    }

    pub const fn height(self) -> u16 {
        self.height
    }

    /// Whether a picture of this many pixels has this ratio, within `percent` of either side.
    /// Providers round to multiples of 16 and more, so the ratio is never met exactly.
    pub fn fits(self, width_px: u32, height_px: u32, percent: u32) -> bool {
        let across = u64::from(width_px).saturating_mul(u64::from(self.height));
        let down = u64::from(height_px).saturating_mul(u64::from(self.width));
        let off = across.abs_diff(down).saturating_mul(100);
        across > 0 && down > 0 && off <= across.max(down).saturating_mul(u64::from(percent))
    }
}

/// The one of these ratios that is nearest to a picture of this many pixels; the first of several. None of none.
pub fn nearest(ratios: &[AspectRatio], width_px: u32, height_px: u32) -> Option<AspectRatio> {
    // How far a ratio is off, as a fraction of at least one: 16:9 is as far from 1:1 as 9:16 is.
    let off = |ratio: &AspectRatio| {
        let across = u128::from(width_px).saturating_mul(u128::from(ratio.height));
        let down = u128::from(height_px).saturating_mul(u128::from(ratio.width));
        (across.max(down), across.min(down))
    };
    let less = |(large, small): (u128, u128), (other_large, other_small): (u128, u128)| {
        large.saturating_mul(other_small).cmp(&other_large.saturating_mul(small))
    };
    ratios.iter().min_by(|one, other| less(off(one), off(other))).copied()
}

impl fmt::Display for AspectRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.width, self.height)
    }
}

impl FromStr for AspectRatio {
    type Err = InvalidAspectRatio;

    fn from_str(text: &str) -> Result<Self, InvalidAspectRatio> {
        let side = |text: &str| match text.as_bytes() {
            [b'1'..=b'9'] | [b'1'..=b'9', b'0'..=b'9'] => text.parse().ok(),
            _ => None,
        };
        text.split_once(':')
            .and_then(|(width, height)| Some(Self { width: side(width)?, height: side(height)? }))
            .ok_or(InvalidAspectRatio)
    }
}

impl TryFrom<String> for AspectRatio {
    type Error = InvalidAspectRatio;

    fn try_from(text: String) -> Result<Self, InvalidAspectRatio> {
        text.parse()
    }
}

impl From<AspectRatio> for String {
    fn from(ratio: AspectRatio) -> Self {
        ratio.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_small_numbers_are_a_ratio() {
        assert_eq!("16:9".parse::<AspectRatio>(), Ok(AspectRatio::WIDE));
        for bad in ["", "16", "16:", ":9", "0:1", "16:09", "1:100", "16:9:1", "+1:1", "a:b"] {
            assert_eq!(bad.parse::<AspectRatio>(), Err(InvalidAspectRatio), "{bad:?}");
        }
    }

    #[test]
    fn a_picture_is_snapped_to_the_nearest_ratio_whichever_side_is_longer() {
        let ratios = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"].map(|ratio| ratio.parse::<AspectRatio>().unwrap());
        let snapped = |width, height| nearest(&ratios, width, height).map(|ratio| ratio.to_string()).unwrap();
        for (width, height, ratio) in [
            (4_000, 3_000, "4:3"),
            (3_024, 4_032, "3:4"),
            (1_080, 1_920, "9:16"),
            (800, 12_000, "9:16"),
            (1_001, 1_000, "1:1"),
            (3_440, 1_440, "21:9"),
            (1_155, 1_000, "4:3"),
            (1_154, 1_000, "1:1"),
        ] {
            assert_eq!(snapped(width, height), ratio, "{width}x{height}");
        }
        assert_eq!(nearest(&[], 1, 1), None);
    }

    #[test]
    fn a_picture_fits_within_the_tolerance_only() {
        assert!(AspectRatio::WIDE.fits(1376, 768, 3));
        assert!(!AspectRatio::WIDE.fits(1024, 1024, 3));
        assert!(!AspectRatio::WIDE.fits(0, 0, 3));
    }
}
