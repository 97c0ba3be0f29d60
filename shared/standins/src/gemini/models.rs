//! The models: which are alive, what they draw, and how large their pictures are.

use super::error::ApiError;

/// A model that answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) id: &'static str,
    pub(super) kind: Kind,
}

/// What a model can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Draws in the ten common ratios and thinks aloud before it does.
    Pro,
    /// Draws in these and four extreme ratios.
    Flash,
    /// Only writes.
    Text,
}

const MODELS: &[Model] = &[
    Model { id: "gemini-3-pro-image", kind: Kind::Pro },
    Model { id: "gemini-nano-banana-2.1", kind: Kind::Flash },
    Model { id: "gemini-3.1-flash-lite-image", kind: Kind::Flash },
    Model { id: "gemini-3.8-flash", kind: Kind::Text },
    Model { id: "gemini-3.5-flash", kind: Kind::Text },
    Model { id: "gemini-3.1-pro-preview", kind: Kind::Text },
];

/// Models that were shut down, by how their ids begin.
const RETIRED: &[&str] = &["gemini-1.", "gemini-2.", "gemini-3-pro-", "gemini-3.1-flash-image", "imagen-"];

/// The ratios and the pixels of a picture of size 1K.
const COMMON: &[(&str, (u32, u32))] = &[
    ("1:1", (1024, 1024)),
    ("2:3", (848, 1264)),
    ("3:2", (1264, 848)),
    ("3:4", (896, 1200)),
    ("4:3", (1200, 896)),
    ("4:5", (928, 1152)),
    ("5:4", (1152, 928)),
    ("9:16", (768, 1376)),
    ("16:9", (1376, 768)),
    ("21:9", (1584, 672)),
];
const EXTREME: &[(&str, (u32, u32))] =
    &[("1:4", (512, 2048)), ("4:1", (2048, 512)), ("1:8", (352, 2928)), ("8:1", (2928, 352))];

/// Finds a model by the id in the path.
pub(super) fn find(id: &str, version: &str) -> Result<&'static Model, ApiError> {
    if let Some(model) = MODELS.iter().find(|model| model.id == id) {
        return Ok(model);
    }
    if RETIRED.iter().any(|retired| id.starts_with(retired)) {
        return Err(ApiError::retired_model(id));
    }
    Err(ApiError::unknown_model(id, version))
}

impl Model {
    /// Width and height of a 1K picture of this ratio, if the model has the ratio.
    pub(super) fn ratio(&self, ratio: &str) -> Option<(u32, u32)> {
        self.ratios().find(|(name, _)| *name == ratio).map(|(_, pixels)| *pixels)
    }

    /// The ratio nearest to that of a picture, for requests that leave it to the pictures in them.
    pub(super) fn ratio_like(&self, width: u32, height: u32) -> (u32, u32) {
        let wanted = f64::from(width.max(1)) / f64::from(height.max(1));
        let distance = |(width, height): (u32, u32)| (f64::from(width) / f64::from(height) / wanted).ln().abs();
        self.ratios()
            .map(|(_, pixels)| *pixels)
            .min_by(|one, other| distance(*one).total_cmp(&distance(*other)))
            .unwrap_or((1024, 1024))
    }

    /// By how much a picture of this size is larger than one of 1K, as a number and a divisor.
    pub(super) fn size(&self, size: &str) -> Option<(u32, u32)> {
        match size {
            "512" if self.id == "gemini-3.1-flash-lite-image" => Some((1, 2)),
            "1K" => Some((1, 1)),
            "2K" => Some((2, 1)),
            "4K" => Some((4, 1)),
            _ => None,
        }
    }

    fn ratios(&self) -> impl Iterator<Item = &'static (&'static str, (u32, u32))> {
        let extreme = if self.kind == Kind::Flash { EXTREME } else { &[] };
        COMMON.iter().chain(extreme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_have_about_a_million_pixels_and_about_their_ratio() {
        for (name, (width, height)) in COMMON.iter().chain(EXTREME) {
            let pixels = width * height;
            assert!((1_000_000..1_100_000).contains(&pixels), "{name}: {pixels}");
            let (w, h) = name.split_once(':').unwrap();
            let wanted = w.parse::<f64>().unwrap() / h.parse::<f64>().unwrap();
            let found = f64::from(*width) / f64::from(*height);
            assert!((found / wanted).ln().abs() < 0.05, "{name}: {found}");
        }
    }

    #[test]
    fn the_retired_are_told_from_the_unknown() {
        let gone = find("gemini-3-pro-image-preview", "v1").unwrap_err();
        let never = find("gemini-x", "v1").unwrap_err();
        assert_eq!((gone.code(), never.code()), (404, 404));
        assert!(format!("{gone:?}").contains("no longer available"));
        assert!(format!("{never:?}").contains("is not found for API version v1"));
    }

    #[test]
    fn only_the_flash_family_has_extreme_ratios() {
        let pro = find("gemini-3-pro-image", "v1").unwrap();
        let flash = find("gemini-nano-banana-2.1", "v1").unwrap();
        assert_eq!((pro.ratio("1:8"), flash.ratio("1:8")), (None, Some((352, 2928))));
        assert_eq!(pro.ratio_like(1920, 1080), (1376, 768));
        assert_eq!(pro.ratio_like(100, 3000), (768, 1376));
    }
}
