//! Planes that somebody else has worked on.

use crate::{
    Planes, WebpError,
    planes::{area, half},
};

/// What a picture's planes are, each row by row without gaps.
#[derive(Clone, PartialEq, Eq)]
pub struct Parts {
    pub width: u32,
    pub height: u32,
    /// A byte a pixel.
    pub luma: Vec<u8>,
    /// U and V: a byte each for every square of two by two pixels.
    pub chroma: [Vec<u8>; 2],
    /// A byte a pixel; none if every pixel is opaque.
    pub alpha: Option<Vec<u8>>,
}

impl Planes {
    pub fn into_parts(self) -> Parts {
        let (width, height) = (self.width(), self.height());
        let alpha = (!self.alpha.is_empty()).then_some(self.alpha);
        Parts { width, height, luma: self.y, chroma: [self.u, self.v], alpha }
    }
}

impl TryFrom<Parts> for Planes {
    type Error = WebpError;

    /// Refuses planes that are not as large as the sides say: libwebp would read beyond them.
    fn try_from(parts: Parts) -> Result<Self, WebpError> {
        let Parts { width, height, luma, chroma: [u, v], alpha } = parts;
        let mut planes = Self::new(width, height)?;
        let (pixels, chroma) = (area(width, height), area(half(width), half(height)));
        for (plane, expected) in [(&luma, pixels), (&u, chroma), (&v, chroma)] {
            if plane.len() != expected {
                return Err(WebpError::Rows { row: 0, bytes: plane.len() });
            }
        }
        if let Some(alpha) = alpha.as_ref().filter(|alpha| alpha.len() != pixels) {
            return Err(WebpError::Rows { row: 0, bytes: alpha.len() });
        }
        (planes.y, planes.u, planes.v, planes.alpha) = (luma, u, v, alpha.unwrap_or_default());
        Ok(planes)
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Parts({}x{})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_of_another_size_are_refused() {
        let parts = || Planes::new(5, 3).unwrap().into_parts();
        assert!(Planes::try_from(parts()).is_ok());
        let mut short = parts();
        short.luma.pop();
        assert_eq!(Planes::try_from(short), Err(WebpError::Rows { row: 0, bytes: 14 }));
        let mut long = parts();
        long.chroma[1].push(0);
        assert_eq!(Planes::try_from(long), Err(WebpError::Rows { row: 0, bytes: 7 }));
        let seen_through = Parts { alpha: Some(vec![0; 16]), ..parts() };
        assert_eq!(Planes::try_from(seen_through), Err(WebpError::Rows { row: 0, bytes: 16 }));
        let none = Parts { width: 0, ..parts() };
        assert_eq!(Planes::try_from(none), Err(WebpError::Size { width: 0, height: 3 }));
        let wide = Parts { width: 65_536, ..parts() };
        assert_eq!(Planes::try_from(wide), Err(WebpError::Size { width: 65_536, height: 3 }));
    }
}
