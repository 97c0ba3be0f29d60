//! From a provider's bytes to the stored WebP: `cargo bench --bench pictures`. Instructions and memory of one picture are
//! measured with the example of the same name.

use std::io::Cursor;

use bytes::Bytes;
use divan::{Bencher, counter::BytesCount};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use toonmill_imaging::{Effort, check_and_encode};

const SIDES: [u32; 3] = [1_024, 2_048, 4_096];

fn main() {
    divan::main();
}

/// Waves with a grain: about two bytes a pixel as a PNG, as a provider's answers are.
fn picture(side: u32) -> DynamicImage {
    let mut dice = fastrand::Rng::with_seed(7);
    RgbImage::from_fn(side, side, |x, y| {
        let wave = |at: u32| {
            let [level, ..] = (at * 600 / side).to_le_bytes();
            if level < 128 { level } else { 255 - level }
        };
        Rgb([wave(x), wave(y), wave(x / 2 + y)].map(|level| level + dice.u8(..14)))
    })
    .into()
}

#[expect(clippy::unwrap_used, reason = "a picture that is no picture is no measurement")]
fn store(bencher: Bencher, file: Vec<u8>) {
    let file = Bytes::from(file);
    bencher
        .counter(BytesCount::of_slice(&file))
        .with_inputs(|| Bytes::copy_from_slice(&file))
        .bench_values(|file| check_and_encode(file, "1:1".parse().unwrap(), 0, Effort::default()).unwrap());
}

#[expect(clippy::unwrap_used, reason = "a picture that is no picture is no measurement")]
fn file(side: u32, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture(side).write_to(&mut file, format).unwrap();
    file.into_inner()
}

#[divan::bench(args = SIDES, sample_count = 10)]
fn png(bencher: Bencher, side: u32) {
    store(bencher, file(side, ImageFormat::Png));
}

#[divan::bench(args = SIDES, sample_count = 10)]
#[expect(clippy::unwrap_used, reason = "a picture that is no picture is no measurement")]
fn jpeg(bencher: Bencher, side: u32) {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 92).encode_image(&picture(side)).unwrap();
    store(bencher, file);
}

/// Looked at, and stored as it is.
#[divan::bench(args = SIDES, sample_count = 10)]
#[expect(clippy::unwrap_used, reason = "a picture that is no picture is no measurement")]
fn lossy_webp(bencher: Bencher, side: u32) {
    let png = file(side, ImageFormat::Png).into();
    store(bencher, check_and_encode(png, "1:1".parse().unwrap(), 0, Effort::default()).unwrap().webp.to_vec());
}
