//! JPEG. The decoder gives whole frames only, so the frame shrinks while the planes fill.

use toonmill_webp::Planes;
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::{JpegDecoder, errors::DecodeErrors};

use super::{Put, problem, put_from_the_end};
use crate::{Header, ImageProblem};

pub(super) fn decode(bytes: &[u8], header: Header) -> Result<Planes, ImageProblem> {
    let (width, height) = (side(header.width)?, side(header.height)?);
    // Whether the file is whole was looked at before. Small faults within are forgiven, as browsers do.
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(width)
        .set_max_height(height)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let frame = decoder.decode().map_err(|error| broken(&error, header))?;
    if decoder.dimensions() != Some((width, height)) || frame.len() != width * height * 3 {
        return Err(ImageProblem::NotAnImage);
    }
    drop(decoder);
    let mut planes = Planes::new(header.width, header.height).map_err(|error| problem(error, header))?;
    put_from_the_end(&mut planes, frame, Put::RGB).map_err(|error| problem(error, header))?;
    Ok(planes)
}

fn side(side: u32) -> Result<usize, ImageProblem> {
    usize::try_from(side).map_err(|_| ImageProblem::NotAnImage)
}

fn broken(error: &DecodeErrors, header: Header) -> ImageProblem {
    match error {
        DecodeErrors::LargeDimensions(_) => ImageProblem::TooLarge { width: header.width, height: header.height },
        DecodeErrors::ExhaustedData => ImageProblem::Truncated,
        _ => ImageProblem::NotAnImage,
    }
}
