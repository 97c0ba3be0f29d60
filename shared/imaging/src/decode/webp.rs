//! WebP, still and moving.

use toonmill_webp::{Coding, Decoded, Parts, Planes};

use super::{Layout, Picture, STRIP, problem};
use crate::{
    Format, Header, ImageProblem,
    animation::{Still, first_frame, is_animated},
    colour::Colours,
    container::webp_chunks,
};

/// libwebp holds a lossless picture as four bytes a pixel beside the planes: as many as fit into a worker's memory.
const MOST_LOSSLESS_PIXELS: u64 = 30_000_000;

pub(super) fn decode(bytes: &[u8], header: Header) -> Result<Picture, ImageProblem> {
    check_memory(bytes, header)?;
    if is_animated(bytes, header.format) {
        return animated(bytes, header).and_then(|planes| to_srgb(bytes, planes, header)).map(Picture::Drawn);
    }
    let decoded = toonmill_webp::decode(bytes, header.width, header.height);
    let Decoded { planes, coding } = decoded.map_err(|error| problem(error, header))?;
    match coding {
        Coding::Lossy => Ok(Picture::AsStored(planes)),
        Coding::Lossless => to_srgb(bytes, planes, header).map(Picture::Drawn),
    }
}

/// Decodes it: libwebp has no other way to find out whether it is whole.
pub(super) fn check(bytes: &[u8], header: Header) -> Result<(), ImageProblem> {
    decode(bytes, header).map(|_| ())
}

fn check_memory(bytes: &[u8], header: Header) -> Result<(), ImageProblem> {
    let Header { width, height, .. } = header;
    let is_lossless = webp_chunks(bytes).any(|chunk| chunk.name == b"VP8L");
    if is_lossless && u64::from(width) * u64::from(height) > MOST_LOSSLESS_PIXELS {
        return Err(ImageProblem::TooLargeFor { width, height, what: "a lossless WebP" });
    }
    Ok(())
}

/// The first frame of an animation, on a ground that is transparent where the frame is smaller than the picture.
fn animated(bytes: &[u8], header: Header) -> Result<Planes, ImageProblem> {
    let Still { file, left, top, width, height } = first_frame(bytes).ok_or(ImageProblem::Damaged)?;
    let decoded = toonmill_webp::decode(&file, width, height).map_err(|error| problem(error, header))?;
    if (left, top, width, height) == (0, 0, header.width, header.height) {
        return Ok(decoded.planes);
    }
    let fits = |start: u32, side: u32, of: u32| start.checked_add(side).is_some_and(|end| end <= of);
    if !fits(left, width, header.width) || !fits(top, height, header.height) {
        return Err(ImageProblem::Damaged);
    }
    let mut ground = Planes::new(header.width, header.height).map_err(|error| problem(error, header))?.into_parts();
    let frame = decoded.planes.into_parts();
    let opaque = || vec![u8::MAX; frame.luma.len()];
    let alpha = frame.alpha.clone().unwrap_or_else(opaque);
    // A frame starts at even pixels, and so with a pixel of chroma.
    let (place, half) = ((left, top), (left / 2, top / 2));
    let of_chroma = |side: u32| side.div_ceil(2);
    paste(&mut ground.luma, header.width, &frame.luma, width, place);
    for (to, from) in ground.chroma.iter_mut().zip(&frame.chroma) {
        paste(to, of_chroma(header.width), from, of_chroma(width), half);
    }
    let mut seen = vec![0; ground.luma.len()];
    paste(&mut seen, header.width, &alpha, width, place);
    ground.alpha = Some(seen);
    Planes::try_from(ground).map_err(|error| problem(error, header))
}

/// Copies the rows of a plane into a larger one. Where it would not fit nothing is copied.
fn paste(to: &mut [u8], to_width: u32, from: &[u8], width: u32, (left, top): (u32, u32)) {
    let (to_width, width, left, top) = (to_width as usize, width as usize, left as usize, top as usize);
    for (row, pixels) in to.chunks_mut(to_width).skip(top).zip(from.chunks(width)) {
        if let Some(place) = row.get_mut(left..left + pixels.len()) {
            place.copy_from_slice(pixels);
        }
    }
}

/// The planes in sRGB, if the file's profile is another.
pub(super) fn to_srgb(bytes: &[u8], planes: Planes, header: Header) -> Result<Planes, ImageProblem> {
    let Some(colours) = Colours::of(bytes, Format::WebP, Layout::Rgb) else { return Ok(planes) };
    recolour(planes, &colours).map_err(|error| problem(error, header))
}

/// Goes over the planes strip by strip, to RGB and back.
fn recolour(planes: Planes, colours: &Colours) -> Result<Planes, toonmill_webp::WebpError> {
    let (width, height) = (planes.width(), planes.height());
    let Parts { luma, chroma: [u, v], alpha, .. } = planes.into_parts();
    let (across, half) = (width as usize, width.div_ceil(2) as usize);
    let mut to = Planes::new(width, height)?;
    let (mut pixels, mut converted) = (Vec::new(), Vec::new());
    let layout = if alpha.is_some() { Layout::Rgba } else { Layout::Rgb };
    for start in (0..height).step_by(STRIP as usize) {
        pixels.clear();
        for row in start..height.min(start + STRIP) {
            let row = row as usize;
            let of = |plane: &'_ [u8], width: usize, row: usize| {
                plane.iter().copied().skip(row * width).take(width).collect::<Vec<_>>()
            };
            let (us, vs) = (of(&u, half, row / 2), of(&v, half, row / 2));
            let chroma = us.iter().zip(&vs).flat_map(|pair| [pair; 2]);
            let seen = alpha.as_deref().map(|alpha| of(alpha, across, row));
            for (at, (y, (u, v))) in of(&luma, across, row).into_iter().zip(chroma).enumerate() {
                pixels.extend(rgb(y, *u, *v));
                pixels.extend(seen.as_ref().and_then(|seen| seen.get(at)));
            }
        }
        let strip = if colours.convert(&pixels, layout, &mut converted) { &converted } else { &pixels };
        if layout == Layout::Rgba { to.put_rgba(start, strip)? } else { to.put_rgb(start, strip)? }
    }
    Ok(to)
}

/// As libwebp does it (`src/dsp/yuv.h`): BT.601 with luma from 16 to 235, in 14 bits.
fn rgb(y: u8, u: u8, v: u8) -> [u8; 3] {
    let times = |value: u8, factor: i32| (i32::from(value) * factor) >> 8;
    let luma = times(y, 19_077);
    let clip = |value: i32| (value >> 6).clamp(0, 255).to_le_bytes()[0];
    [
        clip(luma + times(v, 26_149) - 14_234),
        clip(luma - times(u, 6_419) - times(v, 13_320) + 8_708),
        clip(luma + times(u, 33_050) - 17_685),
    ]
}
