//! Pictures to measure with, and one run of the pipeline as a worker makes it:
//!
//! ```console
//! $ cargo build --release -p toonmill-imaging --example pictures
//! $ target/release/examples/pictures make png 2048 picture.png
//! $ valgrind --tool=callgrind target/release/examples/pictures store picture.png
//! $ target/release/examples/pictures store picture.png 10
//! 2048x2048: 1021466 bytes, 271.1 ms an image, at most 19.2 MB of memory
//! ```
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a tool for measuring, run by hand")]
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "levels of a made-up picture")]

use std::{env, fs, time::Instant};

use bytes::Bytes;
use image::{ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use toonmill_imaging::{Effort, check_and_encode};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["make", format, side, path] => make(format, side.parse().expect("a number of pixels"), path),
        ["store", path] => store(path, 1),
        ["store", path, times] => store(path, times.parse().expect("a number of times")),
        _ => println!("make png|jpeg|webp SIDE PATH, or store PATH [TIMES]"),
    }
}

/// As large as a provider's answer: 1.6 bytes a pixel as a PNG.
fn make(format: &str, side: u32, path: &str) {
    let mut dice = fastrand::Rng::with_seed(7);
    let picture = RgbImage::from_fn(side, side, |x, y| {
        let (x, y) = (f64::from(x) / f64::from(side), f64::from(y) / f64::from(side));
        let wave = |factor: f64| (((x * factor).sin() * (y * factor * 0.7).cos() + 1.0) * 110.0) as u8;
        Rgb([wave(9.0), wave(14.0), wave(23.0)].map(|level| level + dice.u8(..14)))
    });
    match format {
        "jpeg" => {
            let mut file = Vec::new();
            JpegEncoder::new_with_quality(&mut file, 92).encode_image(&picture).expect("a JPEG");
            fs::write(path, file).expect("a file to write");
        }
        "webp" => {
            let mut file = std::io::Cursor::new(Vec::new());
            picture.write_to(&mut file, ImageFormat::Png).expect("a PNG");
            let square = "1:1".parse().expect("a ratio");
            let stored = check_and_encode(file.into_inner().into(), square, 0, Effort::default()).expect("a picture");
            fs::write(path, stored.webp).expect("a file to write");
        }
        _ => picture.save_with_format(path, ImageFormat::Png).expect("a file to write"),
    }
}

fn store(path: &str, times: u32) {
    let started = Instant::now();
    for _ in 0..times {
        let bytes = Bytes::from(fs::read(path).expect("a file to read"));
        let stored = check_and_encode(bytes, "1:1".parse().expect("a ratio"), 0, Effort::default()).expect("a picture");
        if times == 1 {
            println!("{stored:?}");
        }
    }
    let each = started.elapsed().as_secs_f64() * 1000.0 / f64::from(times);
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    println!("{path}: {each:.1} ms an image, {peak}");
}
