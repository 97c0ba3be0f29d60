//! Pictures that somebody gave us: what they are, and what is sent of them.

use bytes::Bytes;
use fast_image_resize::{
    PixelType, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use toonmill_webp::{Effort, Parts, Planes};

use crate::{
    Format, ImageProblem,
    animation::is_animated,
    decode::{Checked, check, decode_to_srgb},
    inspect,
    orientation::Orientation,
    whole::whole_len,
};

/// Finer than what is stored: a provider draws from it.
const QUALITY: u8 = 92;

/// What an input picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputHeader {
    pub format: Format,
    /// As it is to be looked at.
    pub width: u32,
    pub height: u32,
    /// Whether not every provider would see its bytes as they are meant. They hold the picture turned or mirrored, and a
    /// note (EXIF) says how it is to be looked at; they hold an animation, of which the first frame is meant; or they lack
    /// their end marker.
    pub turned: bool,
}

/// What an input picture is, if all of it can be decoded. It takes about as long as decoding it, and no more memory.
pub fn inspect_input(bytes: &[u8]) -> Result<InputHeader, ImageProblem> {
    let header = inspect(bytes)?;
    if header.format != Format::Jpeg {
        whole_len(bytes, header.format)?;
    }
    let Checked { has_end } = check(bytes, header)?;
    let orientation = Orientation::of(bytes, header.format);
    let (width, height) = orientation.turned((header.width, header.height));
    let turned = orientation != Orientation::UPRIGHT || is_animated(bytes, header.format) || !has_end;
    Ok(InputHeader { format: header.format, width, height, turned })
}

/// The picture as it is to be looked at, as WebP in sRGB, with no side longer than `longest_side`. It is never made larger.
pub fn prepare_input(bytes: impl AsRef<[u8]>, longest_side: u32) -> Result<Bytes, ImageProblem> {
    let header = inspect(bytes.as_ref())?;
    let orientation = Orientation::of(bytes.as_ref(), header.format);
    let mut parts = decode_to_srgb(bytes.as_ref(), header)?.into_parts();
    drop(bytes);
    if let Some((width, height)) = shrunk((parts.width, parts.height), longest_side) {
        let (from, to) = ((parts.width, parts.height), (width, height));
        let scaled = each(parts, |plane, is_chroma| scale(plane, of_plane(from, is_chroma), of_plane(to, is_chroma)))?;
        parts = Parts { width, height, ..scaled };
    }
    // Turning what is left costs less than turning it all.
    if orientation != Orientation::UPRIGHT {
        let sides = (parts.width, parts.height);
        let (width, height) = orientation.turned(sides);
        let turned = each(parts, |plane, is_chroma| Ok(orientation.turn(plane, of_plane(sides, is_chroma))))?;
        parts = Parts { width, height, ..turned };
    }
    let effort = Effort::new(QUALITY, Effort::METHOD).map_err(|_| ImageProblem::Encode)?;
    let planes = Planes::try_from(parts).map_err(|_| ImageProblem::Encode)?;
    planes.encode(effort).map(Bytes::from).map_err(|_| ImageProblem::Encode)
}

/// What a picture of these sides is shrunk to; none if it is small enough.
pub fn shrunk((width, height): (u32, u32), longest_side: u32) -> Option<(u32, u32)> {
    let longest = width.max(height);
    let scaled = |side: u32| {
        let scaled = (u64::from(side) * u64::from(longest_side) + u64::from(longest) / 2) / u64::from(longest.max(1));
        u32::try_from(scaled).unwrap_or(longest_side).max(1)
    };
    (longest > longest_side).then(|| (scaled(width), scaled(height)))
}

/// Does to each plane, and says whether it is one of chroma. Each is gone before the next one is worked on.
fn each(parts: Parts, work: impl Fn(Vec<u8>, bool) -> Result<Vec<u8>, ImageProblem>) -> Result<Parts, ImageProblem> {
    let Parts { width, height, luma, chroma: [u, v], alpha } = parts;
    Ok(Parts {
        width,
        height,
        luma: work(luma, false)?,
        chroma: [work(u, true)?, work(v, true)?],
        alpha: alpha.map(|alpha| work(alpha, false)).transpose()?,
    })
}

/// The sides of a plane of a picture: those of chroma are half as long.
const fn of_plane((width, height): (u32, u32), is_chroma: bool) -> (u32, u32) {
    if is_chroma { (width.div_ceil(2), height.div_ceil(2)) } else { (width, height) }
}

/// Lanczos, as it is by default.
fn scale(plane: Vec<u8>, from: (u32, u32), to: (u32, u32)) -> Result<Vec<u8>, ImageProblem> {
    let source = ImageRef::new(from.0, from.1, &plane, PixelType::U8).map_err(|_| ImageProblem::NotAnImage)?;
    let mut scaled = Image::new(to.0, to.1, PixelType::U8);
    Resizer::new().resize(&source, &mut scaled, &ResizeOptions::new()).map_err(|_| ImageProblem::NotAnImage)?;
    drop(plane);
    Ok(scaled.into_vec())
}
