//! The process's peak, before and after.
#![cfg(target_os = "linux")]

use std::fs;

use bytes::Bytes;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use toonmill_imaging::{Effort, check_and_encode};

const SIDE: u32 = 2048;
const MIB: u64 = 1 << 20;

/// Kilobytes of a line of the process's status, in bytes.
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().unwrap() * 1024
}

/// How far storing lifts the process's memory above what it has with the answer in it.
fn growth(answer: Vec<u8>) -> u64 {
    let answer = Bytes::from(answer);
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = status("VmRSS:");
    check_and_encode(answer, "1:1".parse().unwrap(), 0, Effort::default()).unwrap();
    status("VmHWM:").saturating_sub(before)
}

#[test]
fn storing_takes_little_more_than_the_planes() {
    let mut dice = fastrand::Rng::with_seed(3);
    let picture = RgbImage::from_fn(SIDE, SIDE, |x, y| {
        Rgb([x, y, x + y].map(|at| (at / 16).to_le_bytes()[0] / 2 + dice.u8(..14)))
    });
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 92).encode_image(&picture).unwrap();
    let picture = DynamicImage::from(picture);
    let png = {
        let mut file = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut file, ImageFormat::Png).unwrap();
        file.into_inner()
    };
    drop(picture);
    let webp =
        check_and_encode(png.clone().into(), "1:1".parse().unwrap(), 0, Effort::default()).unwrap().webp.to_vec();

    let pixels = u64::from(SIDE * SIDE);
    let planes = pixels * 3 / 2;
    // A frame of RGB beside the planes would be another 12 MiB.
    let of_png = growth(png);
    assert!(of_png < planes + 3 * MIB, "a PNG took {of_png} bytes more, of which planes are {planes}");
    // The frame of RGB that the decoder gives, and not the planes beside it.
    let of_jpeg = growth(jpeg);
    assert!(of_jpeg < pixels * 3 + 5 * MIB, "a JPEG took {of_jpeg} bytes more");
    let of_webp = growth(webp);
    assert!(of_webp < planes + 2 * MIB, "a WebP took {of_webp} bytes more, of which planes are {planes}");
}
