//! Pictures: whether bytes are one, of the right shape, and the WebP that is stored.
//!
//! Nothing here awaits or knows where the bytes come from or go. It takes tens of milliseconds of
//! CPU, and its memory is what the worker's size is chosen by: no frame of RGB is ever whole where the
//! format lets it be read by rows.

mod animation;
mod blank;
mod colour;
mod container;
mod decode;
mod encode;
mod exif;
mod fingerprint;
mod header;
mod input;
mod jpeg;
mod orientation;
mod problem;
mod whole;

pub use encode::{Encoded, RATIO_TOLERANCE_PERCENT, check_and_encode};
pub use fingerprint::Fingerprint;
pub use header::{Format, Header, MAX_PIXELS, MAX_SIDE, inspect};
pub use input::{InputHeader, inspect_input, prepare_input, shrunk};
pub use problem::ImageProblem;
pub use toonmill_webp::{Effort, InvalidEffort};
