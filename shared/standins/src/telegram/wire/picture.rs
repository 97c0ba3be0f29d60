//! Photos as Telegram makes them of an upload: JPEGs of several sizes, none of them the file that was sent.

use std::io::Cursor;

use bytes::Bytes;
use image::{ImageReader, RgbImage, imageops};

use super::super::limits::{PHOTO_COPIES_PX, PHOTO_RATIO, PHOTO_SIDES_PX};
use crate::sketch;

/// What is shown of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// As it was sent (pixels).
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// From small to large; at least one.
    pub(crate) prints: Vec<Print>,
}

/// A picture in one size, as a JPEG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Print {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) bytes: Bytes,
}

/// Why no photo can be made of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PictureError {
    #[error("PHOTO_INVALID_DIMENSIONS")]
    Dimensions,
    #[error("IMAGE_PROCESS_FAILED")]
    NoPicture,
}

impl Picture {
    /// Makes the prints of a PNG, a JPEG or a WebP.
    pub(crate) fn read(file: &[u8]) -> Result<Self, PictureError> {
        let reader = || ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| PictureError::NoPicture);
        let (width, height) = reader()?.into_dimensions().map_err(|_| PictureError::NoPicture)?;
        let (long, short) = (width.max(height), width.min(height));
        // Before it is decoded: a header costs nothing, ten thousand pixels in the square do.
        if width.saturating_add(height) > PHOTO_SIDES_PX || long > short.saturating_mul(PHOTO_RATIO) {
            return Err(PictureError::Dimensions);
        }
        let mut picture = reader()?.decode().map_err(|_| PictureError::NoPicture)?.into_rgb8();
        let enough = PHOTO_COPIES_PX.iter().position(|side| long <= *side).map_or(PHOTO_COPIES_PX.len(), |at| at + 1);
        let mut prints = Vec::new();
        for side in PHOTO_COPIES_PX.iter().take(enough).rev() {
            picture = within(picture, *side);
            let bytes = Bytes::from(sketch::jpeg(&picture));
            prints.push(Print { width: picture.width(), height: picture.height(), bytes });
        }
        prints.reverse();
        Ok(Self { width, height, prints })
    }
}

/// The picture, shrunk so that no side is longer.
fn within(picture: RgbImage, side: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let long = width.max(height);
    if long <= side {
        return picture;
    }
    let shrunk =
        |length: u32| u32::try_from(u64::from(length) * u64::from(side) / u64::from(long)).unwrap_or(side).max(1);
    imageops::thumbnail(&picture, shrunk(width), shrunk(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prints(width: u32, height: u32) -> Vec<(u32, u32)> {
        let file = sketch::png(&RgbImage::new(width, height));
        let picture = Picture::read(&file).unwrap();
        assert_eq!((picture.width, picture.height), (width, height));
        picture.prints.iter().map(|copy| (copy.width, copy.height)).collect()
    }

    #[test]
    fn prints_grow_up_to_the_picture_itself_or_to_the_largest_that_is_kept() {
        assert_eq!(prints(1, 1), [(1, 1)]);
        assert_eq!(prints(1024, 512), [(90, 45), (320, 160), (800, 400), (1024, 512)]);
        assert_eq!(prints(300, 3000).last(), Some(&(256, 2560)));
    }

    #[test]
    fn what_is_too_long_or_no_picture_is_no_photo() {
        let png = |width, height| sketch::png(&RgbImage::new(width, height));
        assert_eq!(Picture::read(&png(20, 1)).unwrap().prints.len(), 1);
        assert_eq!(Picture::read(&png(21, 1)), Err(PictureError::Dimensions));
        assert_eq!(Picture::read(&png(9000, 1001)), Err(PictureError::Dimensions));
        assert_eq!(Picture::read(b"<html>"), Err(PictureError::NoPicture));
        assert_eq!(Picture::read(&png(64, 64)[..60]), Err(PictureError::NoPicture));
    }
}
