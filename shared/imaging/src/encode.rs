//! From a provider's bytes to the WebP that is stored.

use bytes::Bytes;
use toonmill_domain::{AspectRatio, sha256::hex_of};
use toonmill_webp::{Effort, MAX_SIDE};

use crate::{
    Fingerprint, Header, ImageProblem,
    blank::is_blank,
    decode::{Picture, decode},
    inspect,
    whole::whole_len,
};

/// How far a picture's sides may be off the ratio asked for. Gemini's 8:1 is 2928x352, off by
/// 3.8 %; the two ratios that are nearest to each other, 5:4 and 4:3, are 6.2 % apart.
pub const RATIO_TOLERANCE_PERCENT: u32 = 5;

/// A picture as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Encoded {
    pub webp: Bytes,
    pub width: u32,
    pub height: u32,
    /// Of `webp`, in lower-case hex.
    pub sha256: String,
    pub fingerprint: Fingerprint,
}

/// Decodes once, looks whether it is the picture that was asked for, and encodes what is not lossy WebP already. The
/// bytes are taken by value so that they are gone before the encoder needs its memory.
pub fn check_and_encode(
    mut bytes: Bytes,
    asked: AspectRatio,
    tolerance_percent: u32,
    effort: Effort,
) -> Result<Encoded, ImageProblem> {
    let header = inspect(&bytes)?;
    let Header { width, height, .. } = header;
    if !asked.fits(width, height, tolerance_percent) {
        return Err(ImageProblem::WrongRatio { width, height, asked });
    }
    if width.max(height) > MAX_SIDE {
        return Err(ImageProblem::TooLong { width, height, most: MAX_SIDE });
    }
    // What is behind the picture's end is not stored with it.
    bytes.truncate(whole_len(&bytes, header.format)?);
    let picture = decode(&bytes, header)?;
    if is_blank(picture.planes()) {
        return Err(ImageProblem::Blank);
    }
    let fingerprint = Fingerprint::of(picture.planes());
    let webp = match picture {
        Picture::AsStored(_) => bytes,
        Picture::Drawn(planes) => {
            drop(bytes);
            planes.encode(effort).map_err(|_| ImageProblem::Encode)?.into()
        }
    };
    let sha256 = hex_of(&webp);
    Ok(Encoded { webp, width, height, sha256, fingerprint })
}

impl std::fmt::Debug for Encoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { webp, width, height, sha256, fingerprint } = self;
        write!(f, "Encoded({width}x{height}, {} bytes, {sha256}, {fingerprint})", webp.len())
    }
}
