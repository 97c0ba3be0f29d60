//! PNG, row by row. Sixteen bits, palettes and fewer bits become eight bits a channel on the way.

use std::io::Cursor;

use png::{ColorType, Decoder, DecodingError, Reader, Transformations};

use super::{
    STRIP,
    canvas::{Canvas, Layout},
};
use crate::{Header, ImageProblem};

/// In IHDR, which is the first chunk.
const COLOUR_TYPE_AT: usize = 25;

type Bytes<'a> = Reader<Cursor<&'a [u8]>>;

pub(super) fn decode(bytes: &[u8], header: Header, canvas: &mut Canvas<'_>) -> Result<(), ImageProblem> {
    let (mut reader, layout) = reader(bytes, header)?;
    if reader.info().interlaced {
        whole(&mut reader, canvas, layout, header)
    } else {
        strips(&mut reader, canvas, layout, header)
    }
}

/// How the pixels of a PNG are sent: grey, or RGB, of which a palette is made too (PNG 3, 11.2.1).
pub(super) fn colours(bytes: &[u8]) -> Layout {
    if matches!(bytes.get(COLOUR_TYPE_AT), Some(0 | 4)) { Layout::Grey } else { Layout::Rgb }
}

/// Unpacks every row and keeps none.
pub(super) fn check(bytes: &[u8], header: Header) -> Result<(), ImageProblem> {
    let (mut reader, _) = reader(bytes, header)?;
    let is_interlaced = reader.info().interlaced;
    let mut rows = 0;
    while reader.next_row().map_err(|error| broken(&error, header))?.is_some() {
        rows += 1;
    }
    // Interlaced ones have more rows: those of seven passes.
    if is_interlaced || rows == header.height { Ok(()) } else { Err(ImageProblem::Truncated) }
}

fn reader(bytes: &[u8], header: Header) -> Result<(Bytes<'_>, Layout), ImageProblem> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::normalize_to_color8());
    // Neither is looked at here, and either may be large.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let reader = decoder.read_info().map_err(|error| broken(&error, header))?;
    if (reader.info().width, reader.info().height) != (header.width, header.height) {
        return Err(ImageProblem::Damaged);
    }
    let layout = match reader.output_color_type().0 {
        ColorType::Grayscale => Layout::Grey,
        ColorType::GrayscaleAlpha => Layout::GreyAlpha,
        ColorType::Rgba => Layout::Rgba,
        ColorType::Rgb => Layout::Rgb,
        // Palettes are expanded by the transformation that was set.
        ColorType::Indexed => return Err(ImageProblem::Damaged),
    };
    Ok((reader, layout))
}

fn strips(reader: &mut Bytes<'_>, canvas: &mut Canvas<'_>, layout: Layout, header: Header) -> Result<(), ImageProblem> {
    let too_large = ImageProblem::TooLarge { width: header.width, height: header.height };
    let stride = reader.output_line_size(header.width).ok_or(too_large)?;
    let mut strip = vec![0; stride * STRIP as usize];
    for start in (0..header.height).step_by(STRIP as usize) {
        let rows = usize::try_from((header.height - start).min(STRIP)).map_err(|_| too_large)?;
        let mut filled = 0;
        for line in strip.chunks_exact_mut(stride).take(rows) {
            if reader.read_row(line).map_err(|error| broken(&error, header))?.is_none() {
                return Err(ImageProblem::Truncated);
            }
            filled += stride;
        }
        canvas.put(start, strip.get(..filled).ok_or(ImageProblem::Damaged)?, layout)?;
    }
    // The last row's checksum is behind it.
    let more = strip.get_mut(..stride).ok_or(ImageProblem::Damaged)?;
    match reader.read_row(more).map_err(|error| broken(&error, header))? {
        None => Ok(()),
        Some(_) => Err(ImageProblem::Damaged),
    }
}

/// The rows of an interlaced picture come in seven passes.
fn whole(reader: &mut Bytes<'_>, canvas: &mut Canvas<'_>, layout: Layout, header: Header) -> Result<(), ImageProblem> {
    let too_large = ImageProblem::TooLarge { width: header.width, height: header.height };
    let mut frame = vec![0; reader.output_buffer_size().ok_or(too_large)?];
    reader.next_frame(&mut frame).map_err(|error| broken(&error, header))?;
    canvas.put_from_the_end(frame, layout)
}

fn broken(error: &DecodingError, header: Header) -> ImageProblem {
    match error {
        DecodingError::IoError(_) => ImageProblem::Truncated,
        DecodingError::LimitsExceeded => ImageProblem::TooLarge { width: header.width, height: header.height },
        DecodingError::Format(_) | DecodingError::Parameter(_) => ImageProblem::Damaged,
    }
}
