//! Pixels for providers that are told width and height, and not a ratio and the name of a size.

use std::{collections::BTreeMap, fmt};

use serde::Deserialize;
use toonmill_domain::AspectRatio;

/// What a model allows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pixels {
    /// The most that a picture of each image size has.
    pub by_size: BTreeMap<String, u64>,
    /// Bounds of width × height, whatever the size.
    pub min: u64,
    pub max: u64,
    #[serde(default)]
    pub max_side: Option<u32>,
    /// Both sides are multiples of it.
    pub multiple_of: u32,
}

/// Width and height. Shown as providers want it: `2048x2048`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    pub width: u32,
    pub height: u32,
}

impl Pixels {
    /// The largest frame of exactly this ratio within the budget of the size; none if the bounds leave none.
    ///
    /// For Seedream's 2K this gives its own table of suggested sizes: 2560x1440 for 16:9, 3024x1296 for 21:9.
    pub fn frame(&self, ratio: AspectRatio, size: &str) -> Option<Frame> {
        let (width, height) = (u64::from(ratio.width()), u64::from(ratio.height()));
        let shared = common_divisor(width, height);
        let (width, height) = (width / shared, height / shared);
        let budget = self.by_size.get(size)?.min(&self.max);
        let step = u64::from(self.multiple_of).max(1);
        let mut unit = (budget / (width * height)).isqrt();
        if let Some(max_side) = self.max_side {
            unit = unit.min(u64::from(max_side) / width.max(height));
        }
        unit -= unit % step;
        let (width, height) = (width * unit, height * unit);
        let fits = unit > 0 && width * height >= self.min;
        let frame = Frame { width: u32::try_from(width).ok()?, height: u32::try_from(height).ok()? };
        fits.then_some(frame)
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a.max(1) } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use crate::Catalogue;

    fn frame(model: &str, ratio: &str, size: &str) -> Option<String> {
        let catalogue = Catalogue::built_in().unwrap();
        let model = catalogue.image_model(model).unwrap().model;
        model.frame(ratio.parse().unwrap(), Some(size)).map(|frame| frame.to_string())
    }

    #[test]
    fn seedreams_frames_are_those_that_its_documentation_suggests() {
        // novita.ai/docs/api-reference/model-apis-seedream-4.5, a mirror of the official table.
        for (ratio, size) in [
            ("1:1", "2048x2048"),
            ("4:3", "2304x1728"),
            ("3:4", "1728x2304"),
            ("3:2", "2496x1664"),
            ("2:3", "1664x2496"),
            ("21:9", "3024x1296"),
            ("16:9", "2560x1440"),
        ] {
            assert_eq!(frame("seedream-4-5-251128", ratio, "2K").as_deref(), Some(size), "{ratio}");
        }
        assert_eq!(frame("seedream-4-5-251128", "16:9", "4K").as_deref(), Some("5376x3024"));
        assert_eq!(frame("seedream-5-0-260128", "16:9", "3K").as_deref(), Some("4096x2304"));
        assert_eq!(frame("seedream-4-5-251128", "1:1", "1K"), None);
    }

    #[test]
    fn openais_frames_stay_within_its_bounds() {
        assert_eq!(frame("gpt-image-2", "1:1", "1K").as_deref(), Some("1024x1024"));
        assert_eq!(frame("gpt-image-2", "16:9", "1K").as_deref(), Some("1280x720"));
        assert_eq!(frame("gpt-image-2", "21:9", "1K").as_deref(), Some("1456x624"));
        assert_eq!(frame("gpt-image-2", "2:3", "1K").as_deref(), Some("832x1248"));
    }

    #[test]
    fn a_side_that_is_too_long_shrinks_the_whole() {
        let pixels: super::Pixels = serde_json::from_str(
            r#"{"bySize": {"4K": 8294400}, "min": 655360, "max": 8294400, "maxSide": 3840, "multipleOf": 16}"#,
        )
        .unwrap();
        let frame = |ratio: &str| pixels.frame(ratio.parse().unwrap(), "4K").map(|frame| frame.to_string());
        assert_eq!(frame("16:9").as_deref(), Some("3840x2160"));
        assert_eq!(frame("9:16").as_deref(), Some("2160x3840"));
        assert_eq!(frame("3:1").as_deref(), Some("3840x1280"));
        assert_eq!(frame("99:1"), None);
    }
}
