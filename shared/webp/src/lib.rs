//! libwebp, without a picture in RGB: rows come in as they are decoded and are kept as YUV 4:2:0, which is what lossy
//! WebP is made of, at 1.5 bytes a pixel instead of three or four.
//!
//! All unsafe code of the workspace is here, and none of it shows: memory is Rust's, every size is checked before
//! libwebp sees it, and what libwebp allocates for itself does not outlive a call.

mod decode;
mod encode;
mod import;
mod parts;
mod planes;

pub use decode::{Coding, Decoded, decode};
pub use encode::{Effort, InvalidEffort};
pub use parts::Parts;
pub use planes::Planes;

/// The longest side that WebP can hold: <https://developers.google.com/speed/webp/faq>.
pub const MAX_SIDE: u32 = 16_383;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebpError {
    #[error("WebP holds no {width}x{height} pixels")]
    Size { width: u32, height: u32 },
    /// Rows that are not rows of this picture: a fault of the caller's.
    #[error("{bytes} bytes from row {row} on are not rows of the picture")]
    Rows { row: u32, bytes: usize },
    #[error("no memory")]
    Memory,
    /// Of `WebPEncodingError`: <https://developers.google.com/speed/webp/docs/api>.
    #[error("libwebp does not encode it (error {0})")]
    Encode(u32),
    #[error("not a WebP picture, or not a whole one")]
    Broken,
    #[error("it moves")]
    Animated,
}
