//! Why bytes are not the picture that was asked for.

use toonmill_domain::{AspectRatio, Failure, FailureCode};

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageProblem {
    #[error("not a PNG, JPEG or WebP image")]
    NotAnImage,
    #[error("the image ends before its end")]
    Truncated,
    #[error("{width}x{height} pixels are too many")]
    TooLarge { width: u32, height: u32 },
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
