//! The models: which are alive, and what their pictures may be.

/// A model that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) id: &'static str,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Three frames and no others.
    One,
    /// Any frame within bounds.
    Two,
    /// The same, with more qualities and a transparent background.
    Later,
}

/// As of November 2026; those of the first kind are switched off on 2026-12-01.
const MODELS: &[Model] = &[
    Model { id: "gpt-image-2", kind: Kind::Two },
    Model { id: "gpt-image-2.5-sunburst", kind: Kind::Later },
    Model { id: "gpt-image-2.5-flare", kind: Kind::Later },
    Model { id: "gpt-image-2.6-sunburst", kind: Kind::Later },
    Model { id: "gpt-image-2.6-flare", kind: Kind::Later },
    Model { id: "gpt-image-1.5", kind: Kind::One },
    Model { id: "gpt-image-1-mini", kind: Kind::One },
];

const FRAMES: &[(&str, (u32, u32))] =
    &[("1024x1024", (1024, 1024)), ("1536x1024", (1536, 1024)), ("1024x1536", (1024, 1536))];

pub(super) fn find(id: &str) -> Option<Model> {
    MODELS.iter().find(|model| model.id == id).copied()
}

impl Model {
    /// Width and height, or why there are none.
    pub(super) fn pixels(self, size: &str) -> Result<(u32, u32), &'static str> {
        if size == "auto" {
            return Ok((1024, 1024));
        }
        if let Some((_, pixels)) = FRAMES.iter().find(|(name, _)| *name == size) {
            return Ok(*pixels);
        }
        if self.kind == Kind::One {
            return Err("Supported values are: '1024x1024', '1024x1536', '1536x1024', and 'auto'.");
        }
        let sides = size.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
        let Some((width, height)): Option<(u32, u32)> = sides else { return Err("Expected 'auto' or WxH.") };
        if width % 16 != 0 || height % 16 != 0 {
            return Err("Width and height must both be divisible by 16.");
        }
        if width == 0 || height == 0 || width.max(height) > 3840 {
            return Err("The longest edge must be at most 3840 pixels.");
        }
        if width > 3 * height || height > 3 * width {
            return Err("The aspect ratio must be between 1:3 and 3:1.");
        }
        match width * height {
            655_360..=8_294_400 => Ok((width, height)),
            _ => Err("The image must have from 655360 to 8294400 pixels."),
        }
    }

    pub(super) fn qualities(self) -> &'static [&'static str] {
        match self.kind {
            Kind::One | Kind::Two => &["low", "medium", "high", "auto"],
            Kind::Later => &["low", "medium", "high", "xhigh", "max", "auto"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_held_to_their_bounds() {
        let two = find("gpt-image-2").unwrap();
        for (size, pixels) in [
            ("1280x720", (1280, 720)),
            ("3840x2160", (3840, 2160)),
            ("1536x1024", (1536, 1024)),
            ("auto", (1024, 1024)),
        ] {
            assert_eq!(two.pixels(size), Ok(pixels), "{size}");
        }
        for size in ["1280x721", "4096x2048", "2048x512", "512x512", "0x0", "2K", "", "3840x3840", "99999999999x16"] {
            assert!(two.pixels(size).is_err(), "{size}");
        }
        assert!(find("gpt-image-1.5").unwrap().pixels("1280x720").is_err());
        assert_eq!(find("dall-e-3"), None);
    }
}
