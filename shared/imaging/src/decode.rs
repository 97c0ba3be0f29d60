//! A picture's bytes to planes: a strip of rows at a time where the format allows it.

mod canvas;
mod jpeg;
mod png;
mod webp;

use canvas::Canvas;
pub(crate) use canvas::Layout;
use toonmill_webp::{Planes, WebpError};

use crate::{
    Format, Header, ImageProblem,
    colour::Colours,
    jpeg::{End, Frame, walk},
};

/// Rows that are put at once: few enough to stay in the processor's cache, an even number as chroma wants it.
const STRIP: u32 = 16;

pub(crate) enum Picture {
    /// To be encoded.
    Drawn(Planes),
    /// Lossy WebP already: encoding it once more would cost CPU and quality. The planes are to look at, in the colours of
    /// the file's own profile.
    AsStored(Planes),
}

impl Picture {
    pub(crate) const fn planes(&self) -> &Planes {
        match self {
            Self::Drawn(planes) | Self::AsStored(planes) => planes,
        }
    }
}

/// Decodes the whole picture, whose size the header gave.
pub(crate) fn decode(bytes: &[u8], header: Header) -> Result<Picture, ImageProblem> {
    match header.format {
        Format::WebP => webp::decode(bytes, header),
        Format::Png | Format::Jpeg => drawn(bytes, header).map(Picture::Drawn),
    }
}

/// Decodes the whole picture to sRGB.
pub(crate) fn decode_to_srgb(bytes: &[u8], header: Header) -> Result<Planes, ImageProblem> {
    match decode(bytes, header)? {
        Picture::Drawn(planes) => Ok(planes),
        Picture::AsStored(planes) => webp::to_srgb(bytes, planes, header),
    }
}

fn drawn(bytes: &[u8], header: Header) -> Result<Planes, ImageProblem> {
    // How the profile is to be read depends on what the pixels are; a PNG's are known only once it is opened.
    let layout = if header.format == Format::Jpeg { jpeg::colours(bytes)? } else { png::colours(bytes) };
    let colours = Colours::of(bytes, header.format, layout);
    let mut canvas = Canvas::new(header, colours.as_ref())?;
    match header.format {
        Format::Jpeg => jpeg::decode(bytes, header, &mut canvas)?,
        _ => png::decode(bytes, header, &mut canvas)?,
    }
    Ok(canvas.into_planes())
}

/// What is found out of a picture beside that it can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Whether the file ends in its end marker. Not every decoder forgives it if not.
    pub(crate) has_end: bool,
}

/// Whether all of the picture can be decoded. A PNG is unpacked row by row and nothing of it kept. A JPEG's scans are gone
/// through, since its decoders do not say what they did not get; and then it is decoded, since they are stricter in other
/// things. A WebP is decoded.
pub(crate) fn check(bytes: &[u8], header: Header) -> Result<Checked, ImageProblem> {
    let mut has_end = true;
    match header.format {
        Format::Png => png::check(bytes, header)?,
        Format::Jpeg => {
            let frame = Frame::read(bytes)?;
            jpeg::check(&frame)?;
            has_end = walk(bytes, &frame)? != End::Unmarked;
            jpeg::pixels(bytes, header)?;
        }
        Format::WebP => webp::check(bytes, header)?,
    }
    Ok(Checked { has_end })
}

fn problem(error: WebpError, header: Header) -> ImageProblem {
    let Header { width, height, .. } = header;
    match error {
        WebpError::Size { .. } => ImageProblem::TooLong { width, height, most: toonmill_webp::MAX_SIDE },
        WebpError::Memory => ImageProblem::TooLarge { width, height },
        WebpError::Broken | WebpError::Animated | WebpError::Rows { .. } => ImageProblem::Damaged,
        WebpError::Encode(_) => ImageProblem::Encode,
    }
}
