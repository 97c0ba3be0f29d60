//! JPEG. The decoders give whole frames only, so the frame shrinks while the planes fill.
//!
//! There are two. The fast one is right for what nearly all pictures are; it garbles some of the others, such as those whose
//! luma is coarser than another component. The other one is right for all (`tests.rs` compares both with libjpeg-turbo).

use jpeg_decoder::{ColorTransform, Decoder, PixelFormat};
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::{JpegDecoder, errors::DecodeErrors};

use super::canvas::{Canvas, Layout};
use crate::{
    Header, ImageProblem,
    jpeg::{Colour, Frame, Process, end_of},
};

/// What a picture may take while it is decoded, in bytes: more than a baseline JPEG of 50 megapixels, and less than a
/// worker of 256 MB has.
const MOST_BYTES: u64 = 180 << 20;
const END: &[u8] = b"\xff\xd9";

pub(super) fn decode(bytes: &[u8], header: Header, canvas: &mut Canvas<'_>) -> Result<(), ImageProblem> {
    let (frame, layout) = pixels(bytes, header)?;
    canvas.put_from_the_end(frame, layout)
}

/// What is decoded, and how its colours are sent: grey, RGB or inks.
pub(crate) fn colours(bytes: &[u8]) -> Result<Layout, ImageProblem> {
    Ok(match Frame::read(bytes)?.colour() {
        Colour::Grey => Layout::Grey,
        Colour::Ycc | Colour::Rgb => Layout::Rgb,
        Colour::Cmyk | Colour::Ycck => Layout::Cmyk,
    })
}

/// Whether the thorough decoder, too, has the memory for it.
fn is_small(frame: &Frame) -> bool {
    let pixels = u64::from(frame.width) * u64::from(frame.height);
    pixels * 4 + frame.samples() * 3 <= MOST_BYTES
}

/// Whether one of the decoders is right for the picture, in the memory there is.
pub(crate) fn check(frame: &Frame) -> Result<(), ImageProblem> {
    // The thorough decoder takes the blocks that fill up a component for its own, where a scan has no other component.
    let has_own_scans = frame.process == Process::Progressive || !frame.is_in_one_scan;
    if !is_usual(frame) && has_own_scans && !frame.fills_its_units() {
        return Err(ImageProblem::Unsupported("a JPEG with unusual sampling factors in several scans"));
    }
    let pixels = u64::from(frame.width) * u64::from(frame.height);
    let samples = frame.samples();
    let (taken, what) = match (is_usual(frame), frame.process) {
        (true, Process::Sequential) => return Ok(()),
        (true, Process::Progressive) => (pixels * 3 + samples * 2, "a progressive JPEG"),
        (false, Process::Sequential) => (pixels * 4 + samples, "a JPEG of an unusual kind"),
        (false, Process::Progressive) => (pixels * 4 + samples * 3, "a progressive JPEG of an unusual kind"),
    };
    let (width, height) = (frame.width, frame.height);
    if taken > MOST_BYTES { Err(ImageProblem::TooLargeFor { width, height, what }) } else { Ok(()) }
}

/// The whole frame, by the decoder that is right for it.
pub(super) fn pixels(bytes: &[u8], header: Header) -> Result<(Vec<u8>, Layout), ImageProblem> {
    let frame = Frame::read(bytes)?;
    check(&frame)?;
    // Decoders look for the end marker. A file without it is rare enough to be copied.
    let ended = if end_of(bytes).is_some() { None } else { Some([bytes, END].concat()) };
    let bytes = ended.as_deref().unwrap_or(bytes);
    if is_usual(&frame) {
        // The fast decoder refuses a picture for faults of segments that do not matter to its pixels.
        let decoded = fast(bytes, header, &frame);
        if decoded.is_ok() || !is_small(&frame) {
            return decoded;
        }
    }
    thorough(bytes, header, &frame)
}

/// Whether the fast decoder is right for it: grey or YCbCr, in a single scan or progressive, chroma as fine as luma or
/// half as fine.
fn is_usual(frame: &Frame) -> bool {
    let factors = |component: &crate::jpeg::Component| (component.across, component.down);
    match (frame.colour(), frame.components.as_slice()) {
        (Colour::Grey, [_]) => true,
        (Colour::Ycc, [luma, chroma @ ..]) => {
            frame.is_plainly_ycc()
                && matches!(factors(luma), (1 | 2, 1 | 2))
                && chroma.iter().all(|chroma| factors(chroma) == (1, 1))
                && (frame.process == Process::Progressive || frame.is_in_one_scan)
        }
        _ => false,
    }
}

fn fast(bytes: &[u8], header: Header, frame: &Frame) -> Result<(Vec<u8>, Layout), ImageProblem> {
    let (width, height) = (side(header.width)?, side(header.height)?);
    let (layout, space) = match frame.colour() {
        Colour::Grey => (Layout::Grey, ColorSpace::Luma),
        _ => (Layout::Rgb, ColorSpace::RGB),
    };
    // Whether the file is whole was looked at before. Small faults within are forgiven, as browsers do.
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(width)
        .set_max_height(height)
        .jpeg_set_out_colorspace(space);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let frame = decoder.decode().map_err(|error| broken(&error, header))?;
    if decoder.dimensions() != Some((width, height)) || frame.len() != width * height * layout.channels() {
        return Err(ImageProblem::Damaged);
    }
    Ok((frame, layout))
}

fn thorough(bytes: &[u8], header: Header, frame: &Frame) -> Result<(Vec<u8>, Layout), ImageProblem> {
    let mut decoder = Decoder::new(bytes);
    match frame.colour() {
        // A single component is grey whatever it is called.
        Colour::Grey => {}
        Colour::Ycc => decoder.set_color_transform(ColorTransform::YCbCr),
        Colour::Rgb => decoder.set_color_transform(ColorTransform::RGB),
        Colour::Cmyk => decoder.set_color_transform(ColorTransform::CMYK),
        Colour::Ycck => decoder.set_color_transform(ColorTransform::YCCK),
    }
    let pixels = decoder.decode().map_err(|error| match error {
        jpeg_decoder::Error::Io(_) => ImageProblem::Truncated,
        jpeg_decoder::Error::Unsupported(_) => ImageProblem::Unsupported("a JPEG of an unusual kind"),
        jpeg_decoder::Error::Format(_) | jpeg_decoder::Error::Internal(_) => ImageProblem::Damaged,
    })?;
    let info = decoder.info().ok_or(ImageProblem::Damaged)?;
    let layout = match info.pixel_format {
        PixelFormat::L8 => Layout::Grey,
        PixelFormat::RGB24 => Layout::Rgb,
        PixelFormat::CMYK32 => Layout::Cmyk,
        PixelFormat::L16 => return Err(ImageProblem::Unsupported("a JPEG of more than 8 bits a sample")),
    };
    let is_right = (u32::from(info.width), u32::from(info.height)) == (header.width, header.height)
        && pixels.len() == side(header.width)? * side(header.height)? * layout.channels();
    if is_right { Ok((pixels, layout)) } else { Err(ImageProblem::Damaged) }
}

fn side(side: u32) -> Result<usize, ImageProblem> {
    usize::try_from(side).map_err(|_| ImageProblem::Damaged)
}

fn broken(error: &DecodeErrors, header: Header) -> ImageProblem {
    match error {
        DecodeErrors::LargeDimensions(_) => ImageProblem::TooLarge { width: header.width, height: header.height },
        DecodeErrors::ExhaustedData => ImageProblem::Truncated,
        _ => ImageProblem::Damaged,
    }
}

#[cfg(test)]
mod tests;
