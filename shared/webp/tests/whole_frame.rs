//! What strips give beside what libwebp's own simplest call gives of the whole frame.

#![expect(unsafe_code, reason = "libwebp is C")]

use std::{ptr, slice};

use libwebp_sys::{WebPEncodeRGB, WebPFree};
use toonmill_webp::{Effort, Planes};

const QUALITY: u8 = 90;
/// What the simple call uses, which takes none.
const METHOD: u8 = 4;
const STRIP: u32 = 16;

/// Ramps, edges and a grain, in three colours.
fn pixels(width: u32, height: u32) -> Vec<u8> {
    let level = |x: u32, y: u32, channel: u32| {
        let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(channel + 1) >> 28;
        let ramp = (x * (channel + 1) + y) / 8 % 120;
        let edge = if (x / 97 + y / 61).is_multiple_of(2) { 90 } else { 0 };
        (ramp + edge + grain).to_le_bytes()[0]
    };
    (0..height).flat_map(|y| (0..width).flat_map(move |x| (0..3).map(move |channel| level(x, y, channel)))).collect()
}

fn whole(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let (stride, mut file) = ((width * 3).cast_signed(), ptr::null_mut());
    let (width, height, quality) = (width.cast_signed(), height.cast_signed(), f32::from(QUALITY));
    // SAFETY: the pixels are `height` rows of `stride` bytes, and libwebp reads no more.
    let size = unsafe { WebPEncodeRGB(pixels.as_ptr(), width, height, stride, quality, &raw mut file) };
    assert!(size > 0);
    // SAFETY: libwebp has put so many bytes there, which are the caller's until they are freed.
    let copy = unsafe { slice::from_raw_parts(file, size) }.to_vec();
    // SAFETY: it is libwebp's own, and nobody refers to it any more.
    unsafe { WebPFree(file.cast()) };
    copy
}

#[test]
fn strips_are_stored_byte_for_byte_as_libwebp_stores_the_whole_frame() {
    for (width, height) in [(1_024, 1_024), (1_376, 768), (895, 1_201)] {
        let pixels = pixels(width, height);
        let mut planes = Planes::new(width, height).unwrap();
        let strip = usize::try_from(width * STRIP * 3).unwrap();
        for (row, rows) in (0..height).step_by(STRIP as usize).zip(pixels.chunks(strip)) {
            planes.put_rgb(row, rows).unwrap();
        }
        let strips = planes.encode(Effort::new(QUALITY, METHOD).unwrap()).unwrap();
        assert!(strips == whole(&pixels, width, height), "{width}x{height}");
    }
}
