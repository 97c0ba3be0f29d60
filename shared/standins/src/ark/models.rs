//! The models: which are alive, and how many pixels their pictures may have.

/// A model that answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) id: &'static str,
    /// The sizes that have a name, as the side of a square.
    sizes: &'static [(&'static str, u32)],
    min_pixels: u64,
    max_pixels: u64,
    /// Whether the format may be asked for.
    pub(super) formats: bool,
}

const MODELS: &[Model] = &[
    Model {
        id: "seedream-4-0-250828",
        sizes: &[("1K", 1024), ("2K", 2048), ("4K", 4096)],
        min_pixels: 921_600,
        max_pixels: 16_777_216,
        formats: false,
    },
    Model {
        id: "seedream-4-5-251128",
        sizes: &[("2K", 2048), ("4K", 4096)],
        min_pixels: 3_686_400,
        max_pixels: 16_777_216,
        formats: false,
    },
    Model {
        id: "seedream-5-0-260128",
        sizes: &[("2K", 2048), ("3K", 3072)],
        min_pixels: 3_686_400,
        max_pixels: 10_404_496,
        formats: true,
    },
];

pub(super) fn find(id: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.id == id)
}

impl Model {
    /// Width and height of a size by name or in pixels, or why there are none.
    pub(super) fn pixels(&self, size: &str) -> Result<(u32, u32), String> {
        // With a name the ratio is read from the prompt; here it is always a square.
        if let Some((_, side)) = self.sizes.iter().find(|(name, _)| *name == size) {
            return Ok((*side, *side));
        }
        let sides = size.split_once('x').and_then(|(width, height)| Some((number(width)?, number(height)?)));
        let Some((width, height)) = sides else {
            return Err(format!("`{size}` is no size of this model"));
        };
        let pixels = u64::from(width) * u64::from(height);
        if pixels < self.min_pixels {
            return Err(format!("image size must be at least {} pixels", self.min_pixels));
        }
        if pixels > self.max_pixels {
            return Err(format!("image size must be at most {} pixels", self.max_pixels));
        }
        if width > height.saturating_mul(16) || height > width.saturating_mul(16) {
            return Err("the aspect ratio must be between 1/16 and 16".to_owned());
        }
        Ok((width, height))
    }
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| (1..=16_384).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_have_a_least_and_a_most() {
        let model = find("seedream-4-5-251128").unwrap();
        assert_eq!(model.pixels("2560x1440"), Ok((2560, 1440)));
        assert_eq!(model.pixels("4K"), Ok((4096, 4096)));
        assert_eq!(model.pixels("1024x1024").unwrap_err(), "image size must be at least 3686400 pixels");
        for size in ["3K", "1K", "", "2048", "2048x", "0x0", "8000x450", "4097x4096", "99999x99999", "2048X2048"] {
            assert!(model.pixels(size).is_err(), "{size}");
        }
    }
}
