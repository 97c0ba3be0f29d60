//! The profile that a file says its colours by: an ICC profile, or the chunks that a PNG has in its place.

use std::io::Read;

use flate2::read::ZlibDecoder;
use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, MatrixCoefficients, ParsingOptions,
    ToneReprCurve, TransferCharacteristics, XyY, curve_from_gamma,
};

use crate::{
    Format,
    container::{JpegSegments, big_u32, png_chunks, webp_chunks},
};

/// The largest profile that is read, in bytes: those of printers have up to three million.
const MOST_BYTES: usize = 4 << 20;
/// The most places of a table of colours: 33 for each of four inks.
const MOST_TABLE: usize = 4 << 20;
/// Before each part of a profile in a JPEG, followed by its number and how many there are (ICC.1, B.4).
const JPEG_PREFIX: &[u8] = b"ICC_PROFILE\0";
/// `gAMA` and `cHRM` are in hundred thousandths (PNG 3, 11.3.2).
const UNIT: f64 = 100_000.0;
/// What `gAMA` says of sRGB.
const GAMMA_OF_SRGB: f64 = 0.45455;
/// A gamma this near to it means sRGB.
const NEAR: f64 = 0.01;

/// `is_grey` says whether the pixels are.
pub(super) fn of(bytes: &[u8], format: Format, is_grey: bool) -> Option<ColorProfile> {
    match format {
        Format::Jpeg => icc(&of_jpeg(bytes)?),
        Format::WebP => icc(webp_chunks(bytes).find(|chunk| chunk.name == b"ICCP")?.data),
        Format::Png => of_png(bytes, is_grey),
    }
}

fn icc(bytes: &[u8]) -> Option<ColorProfile> {
    let options =
        ParsingOptions { max_profile_size: MOST_BYTES, max_allowed_clut_size: MOST_TABLE, ..ParsingOptions::default() };
    ColorProfile::new_from_slice_with_options(bytes, options).ok()
}

/// The parts in the order of their numbers, whatever the order in which they come. A profile of which a part is missing is
/// broken.
fn of_jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let parts = JpegSegments::new(bytes).filter(|segment| segment.marker == 0xe2).filter_map(|segment| {
        let ([number, count], data) = segment.body.strip_prefix(JPEG_PREFIX)?.split_first_chunk::<2>()?;
        Some((*number, *count, data))
    });
    let mut parts: Vec<_> = parts.collect();
    parts.sort_by_key(|(number, ..)| *number);
    parts.dedup_by_key(|(number, ..)| *number);
    let (_, count, _) = parts.first()?;
    let is_whole =
        parts.len() == usize::from(*count) && (1..).zip(&parts).all(|(at, (number, ..))| at == i32::from(*number));
    is_whole.then(|| parts.iter().flat_map(|(.., data)| data.iter().copied()).collect())
}

/// The first of cICP, iCCP, sRGB and gAMA with cHRM that is there decides (PNG 3, 4.3).
fn of_png(bytes: &[u8], is_grey: bool) -> Option<ColorProfile> {
    let find = |name: &[u8; 4]| {
        let mut before = png_chunks(bytes).take_while(|chunk| chunk.name != b"IDAT");
        before.find(|chunk| chunk.name == name).map(|chunk| chunk.data)
    };
    if let Some(profile) = find(b"cICP").and_then(of_code_points) {
        return Some(profile);
    }
    if let Some(profile) = find(b"iCCP").and_then(of_iccp) {
        return Some(profile);
    }
    if find(b"sRGB").is_some() {
        return None;
    }
    of_gamma(find(b"gAMA")?, find(b"cHRM"), is_grey)
}

/// A name, a zero, the method of compression, which is 0, and the profile, compressed. It is unpacked no further than a
/// profile is read.
fn of_iccp(data: &[u8]) -> Option<ColorProfile> {
    let name = data.iter().position(|byte| *byte == 0)?;
    let packed = data.get(name + 1..)?.strip_prefix(&[0])?;
    let mut profile = Vec::new();
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    ZlibDecoder::new(packed).take(most).read_to_end(&mut profile).ok()?;
    icc(&profile)
}

/// Code points for primaries, transfer, matrix and range (ITU-T H.273). Pictures for brighter screens than sRGB knows (PQ and
/// HLG) would have to be graded and not converted: their numbers are taken as they are.
fn of_code_points(data: &[u8]) -> Option<ColorProfile> {
    let [primaries, transfer, matrix, range] = *data.first_chunk::<4>()?;
    let is_graded = matches!(transfer, 16 | 18);
    if matrix != 0 || range != 1 || is_graded {
        return None;
    }
    let code_points = CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
        transfer_characteristics: TransferCharacteristics::try_from(transfer).ok()?,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    };
    let mut profile = ColorProfile::new_srgb();
    profile.cicp = None;
    // What it gives back says nothing: it is false if all went well, too.
    profile.update_rgb_colorimetry_from_cicp(code_points);
    profile.cicp.is_some().then_some(profile)
}

/// A gamma, and where white and the primaries lie; those of sRGB if nothing is said of them.
fn of_gamma(gamma: &[u8], primaries: Option<&[u8]>, is_grey: bool) -> Option<ColorProfile> {
    let gamma = f64::from(big_u32(gamma, 0)?) / UNIT;
    let is_srgb = (gamma - GAMMA_OF_SRGB).abs() < NEAR;
    // Beyond these no picture can be seen.
    if !(0.1..=10.0).contains(&gamma) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a gamma between 0.1 and 10")]
    let exponent = (1.0 / gamma) as f32;
    if is_grey {
        return (!is_srgb).then(|| ColorProfile::new_gray_with_gamma(exponent));
    }
    let mut profile = ColorProfile::new_srgb();
    if let Some([white, red, green, blue]) = primaries.and_then(chromaticities) {
        let primaries = ColorPrimaries { red, green, blue };
        profile.update_rgb_colorimetry(XyY { x: white.x.into(), y: white.y.into(), yb: 1.0 }, primaries);
    }
    // Without code points the curves count.
    profile.cicp = None;
    if !is_srgb {
        let curve = || Some::<ToneReprCurve>(curve_from_gamma(exponent));
        (profile.red_trc, profile.green_trc, profile.blue_trc) = (curve(), curve(), curve());
    }
    let colorants = [profile.red_colorant, profile.green_colorant, profile.blue_colorant];
    colorants
        .iter()
        .all(|colour| [colour.x, colour.y, colour.z].iter().all(|value| value.is_finite()))
        .then_some(profile)
}

fn chromaticities(data: &[u8]) -> Option<[Chromaticity; 4]> {
    #[expect(clippy::cast_possible_truncation, reason = "five digits")]
    let part = |at: usize| Some((f64::from(big_u32(data, at * 4)?) / UNIT) as f32);
    let of = |at: usize| Some(Chromaticity { x: part(at)?, y: part(at + 1)? }).filter(|place| place.y > 0.0);
    Some([of(0)?, of(2)?, of(4)?, of(6)?])
}
