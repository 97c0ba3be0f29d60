//! How much memory an input takes while it is turned and shrunk: the most that a worker of 256 MB has to hold. In a program
//! of its own, whose memory is looked at as a whole.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what is not there is a test that fails")]

use std::{fs, io::Cursor};

use image::{ImageFormat, Rgb, RgbImage};
use toonmill_imaging::prepare_input;

const MIB: u64 = 1 << 20;

/// Kilobytes of a line of the process's status, in bytes.
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().unwrap() * 1024
}

/// How far preparing lifts the process's memory above what it has with the input in it.
fn growth((width, height): (u32, u32), format: ImageFormat) -> u64 {
    let mut file = Cursor::new(Vec::new());
    RgbImage::from_fn(width, height, |x, y| Rgb([x, y, x ^ y].map(|at| (at / 9).to_le_bytes()[0])))
        .write_to(&mut file, format)
        .unwrap();
    let bytes = file.into_inner();
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = status("VmRSS:");
    assert!(!prepare_input(bytes, 2_048).unwrap().is_empty());
    status("VmHWM:").saturating_sub(before)
}

#[test]
fn the_largest_photographs_fit_into_a_worker() {
    let of_jpeg = growth((8_160, 6_120), ImageFormat::Jpeg);
    let of_png = growth((8_160, 6_120), ImageFormat::Png);
    // A frame of RGB, which is what the decoder gives, and little beside it.
    assert!(of_jpeg < 165 * MIB, "a JPEG of 50 megapixels took {of_jpeg} bytes more");
    assert!(of_png < 90 * MIB, "a PNG of 50 megapixels took {of_png} bytes more");
}
