//! Why bytes are not the picture that was asked for.

use toonmill_domain::{AspectRatio, Failure, FailureCode};

/// Why a picture cannot be used. Its text is shown to the sender of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageProblem {
    #[error("not a PNG, JPEG or WebP image")]
    NotAnImage,
    #[error("the image ends before its end")]
    Truncated,
    #[error("the image's data are damaged")]
    Damaged,
    /// A kind of picture that is not decoded.
    #[error("the image is {0}, which is not read: save it as a usual JPEG, PNG or WebP")]
    Unsupported(&'static str),
    #[error("{width}x{height} pixels are too many: {} megapixels are the most", crate::MAX_PIXELS / 1_000_000)]
    TooLarge { width: u32, height: u32 },
    #[error("{width}x{height} has a side that is too long: {most} pixels are the most")]
    TooLong { width: u32, height: u32, most: u32 },
    /// A kind of picture that takes more memory than others of its size.
    #[error("{width}x{height} pixels are too many for {what}: save it as a usual JPEG or a PNG")]
    TooLargeFor { width: u32, height: u32, what: &'static str },
    #[error("{width}x{height} is not {asked}")]
    WrongRatio { width: u32, height: u32, asked: AspectRatio },
    #[error("the image is all one colour")]
    Blank,
    #[error("the image could not be encoded as WebP")]
    Encode,
}

impl From<ImageProblem> for Failure {
    fn from(problem: ImageProblem) -> Self {
        Self::new(FailureCode::InvalidImage).detail(problem.to_string())
    }
}
