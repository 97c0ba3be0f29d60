//! A provider's bytes to planes: a strip of rows at a time where the format allows it.

mod jpeg;
mod png;

use toonmill_webp::{Coding, Decoded, Planes, WebpError};

use crate::{Format, Header, ImageProblem};

/// Rows that are put at once: few enough to stay in the processor's cache, an even number as chroma wants it.
const STRIP: u32 = 16;

pub(crate) enum Picture {
    /// To be encoded.
    Drawn(Planes),
    /// Lossy WebP already: encoding it once more would cost CPU and quality. The planes are to look at.
    AsStored(Planes),
}

impl Picture {
    pub(crate) const fn planes(&self) -> &Planes {
        match self {
            Self::Drawn(planes) | Self::AsStored(planes) => planes,
        }
    }

    pub(crate) fn into_planes(self) -> Planes {
        match self {
            Self::Drawn(planes) | Self::AsStored(planes) => planes,
        }
    }
}

/// Decodes the whole picture, whose size the header gave.
pub(crate) fn decode(bytes: &[u8], header: Header) -> Result<Picture, ImageProblem> {
    match header.format {
        Format::Png => png::decode(bytes, header).map(Picture::Drawn),
        Format::Jpeg => jpeg::decode(bytes, header).map(Picture::Drawn),
        Format::WebP => {
            let decoded = toonmill_webp::decode(bytes, header.width, header.height);
            let Decoded { planes, coding } = decoded.map_err(|error| problem(error, header))?;
            Ok(match coding {
                Coding::Lossy => Picture::AsStored(planes),
                Coding::Lossless => Picture::Drawn(planes),
            })
        }
    }
}

fn problem(error: WebpError, header: Header) -> ImageProblem {
    match error {
        WebpError::Size { .. } | WebpError::Memory => {
            ImageProblem::TooLarge { width: header.width, height: header.height }
        }
        WebpError::Broken | WebpError::Animated | WebpError::Rows { .. } => ImageProblem::NotAnImage,
        WebpError::Encode(_) => ImageProblem::Encode,
    }
}

/// Puts a frame that could only be decoded whole, from its end on, and gives its memory back as it goes: the planes
/// take what the frame frees, so that both are never there at once.
fn put_from_the_end(planes: &mut Planes, mut frame: Vec<u8>, put: Put) -> Result<(), WebpError> {
    let stride = usize::try_from(planes.width()).unwrap_or(usize::MAX).saturating_mul(put.channels);
    let mut freed = 0;
    for row in (0..planes.height()).step_by(STRIP as usize).rev() {
        let start = stride.saturating_mul(usize::try_from(row).unwrap_or(usize::MAX));
        let rows = frame.get(start..).unwrap_or_default();
        freed += rows.len();
        (put.rows)(planes, row, rows)?;
        frame.truncate(start);
        // Not at every step: the allocator is asked to move pages.
        if freed >= FREE_STEP {
            frame.shrink_to_fit();
            freed = 0;
        }
    }
    Ok(())
}

const FREE_STEP: usize = 4 << 20;

/// How rows of so many bytes a pixel are put.
#[derive(Clone, Copy)]
struct Put {
    channels: usize,
    rows: fn(&mut Planes, u32, &[u8]) -> Result<(), WebpError>,
}

impl Put {
    const RGB: Self = Self { channels: 3, rows: Planes::put_rgb };
    const RGBA: Self = Self { channels: 4, rows: Planes::put_rgba };
}
