//! PNG, row by row. Sixteen bits, palettes and fewer bits become eight bits a channel on the way.

use std::io::Cursor;

use png::{ColorType, Decoder, DecodingError, Reader, Transformations};
use toonmill_webp::Planes;

use super::{Put, STRIP, problem, put_from_the_end};
use crate::{Header, ImageProblem};

/// What a row comes as, and what libwebp takes.
#[derive(Clone, Copy)]
enum Row {
    Rgb,
    Rgba,
    Grey,
    GreyAlpha,
}

impl Row {
    const fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

pub(super) fn decode(bytes: &[u8], header: Header) -> Result<Planes, ImageProblem> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::normalize_to_color8());
    // Neither is looked at, and either may be large.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(|error| broken(&error, header))?;
    if (reader.info().width, reader.info().height) != (header.width, header.height) {
        return Err(ImageProblem::NotAnImage);
    }
    let row = match reader.output_color_type().0 {
        ColorType::Grayscale => Row::Grey,
        ColorType::GrayscaleAlpha => Row::GreyAlpha,
        ColorType::Rgba => Row::Rgba,
        ColorType::Rgb => Row::Rgb,
        // Palettes are expanded by the transformation that was set.
        ColorType::Indexed => return Err(ImageProblem::NotAnImage),
    };
    let mut planes = Planes::new(header.width, header.height).map_err(|error| problem(error, header))?;
    if reader.info().interlaced {
        whole(&mut reader, &mut planes, row, header)?;
    } else {
        strips(&mut reader, &mut planes, row, header)?;
    }
    Ok(planes)
}

type Bytes<'a> = Reader<Cursor<&'a [u8]>>;

fn strips(reader: &mut Bytes<'_>, planes: &mut Planes, row: Row, header: Header) -> Result<(), ImageProblem> {
    let too_large = ImageProblem::TooLarge { width: header.width, height: header.height };
    let stride = reader.output_line_size(header.width).ok_or(too_large)?;
    let mut strip = vec![0; stride * STRIP as usize];
    let mut repacked = Vec::new();
    for start in (0..header.height).step_by(STRIP as usize) {
        let rows = usize::try_from((header.height - start).min(STRIP)).map_err(|_| too_large)?;
        let mut filled = 0;
        for line in strip.chunks_exact_mut(stride).take(rows) {
            if reader.read_row(line).map_err(|error| broken(&error, header))?.is_none() {
                return Err(ImageProblem::Truncated);
            }
            filled += stride;
        }
        let lines = strip.get(..filled).ok_or(ImageProblem::NotAnImage)?;
        put(planes, start, lines, row, &mut repacked).map_err(|error| problem(error, header))?;
    }
    // The last row's checksum is behind it.
    let more = strip.get_mut(..stride).ok_or(ImageProblem::NotAnImage)?;
    match reader.read_row(more).map_err(|error| broken(&error, header))? {
        None => Ok(()),
        Some(_) => Err(ImageProblem::NotAnImage),
    }
}

/// The rows of an interlaced picture come in seven passes.
fn whole(reader: &mut Bytes<'_>, planes: &mut Planes, row: Row, header: Header) -> Result<(), ImageProblem> {
    let too_large = ImageProblem::TooLarge { width: header.width, height: header.height };
    let mut frame = vec![0; reader.output_buffer_size().ok_or(too_large)?];
    reader.next_frame(&mut frame).map_err(|error| broken(&error, header))?;
    let put = match row {
        Row::Rgb => Put::RGB,
        Row::Rgba => Put::RGBA,
        Row::Grey => {
            Put { channels: 1, rows: |planes, start, lines| put(planes, start, lines, Row::Grey, &mut Vec::new()) }
        }
        Row::GreyAlpha => {
            Put { channels: 2, rows: |planes, start, lines| put(planes, start, lines, Row::GreyAlpha, &mut Vec::new()) }
        }
    };
    put_from_the_end(planes, frame, put).map_err(|error| problem(error, header))
}

fn put(
    planes: &mut Planes,
    start: u32,
    lines: &[u8],
    row: Row,
    repacked: &mut Vec<u8>,
) -> Result<(), toonmill_webp::WebpError> {
    repacked.clear();
    match row {
        Row::Rgb => return planes.put_rgb(start, lines),
        // An alpha channel that is not used costs a plane, and libwebp's slow way.
        Row::Rgba if lines.as_chunks::<4>().0.iter().any(|[.., alpha]| *alpha != u8::MAX) => {
            return planes.put_rgba(start, lines);
        }
        Row::Rgba => {
            lines.as_chunks::<4>().0.iter().for_each(|[r, g, b, _]| repacked.extend([r, g, b]));
        }
        Row::Grey => lines.iter().for_each(|grey| repacked.extend([grey; 3])),
        Row::GreyAlpha => {
            lines.as_chunks::<2>().0.iter().for_each(|[grey, alpha]| repacked.extend([grey, grey, grey, alpha]));
            return planes.put_rgba(start, repacked);
        }
    }
    debug_assert_eq!(repacked.len() * row.channels(), lines.len() * 3);
    planes.put_rgb(start, repacked)
}

fn broken(error: &DecodingError, header: Header) -> ImageProblem {
    match error {
        DecodingError::IoError(_) => ImageProblem::Truncated,
        DecodingError::LimitsExceeded => ImageProblem::TooLarge { width: header.width, height: header.height },
        DecodingError::Format(_) | DecodingError::Parameter(_) => ImageProblem::NotAnImage,
    }
}
