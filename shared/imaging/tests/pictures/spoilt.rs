//! Pictures with a few bytes changed by chance: whatever is taken can be drawn from.

use std::fs;

use image::ImageFormat;
use toonmill_imaging::{inspect_input, prepare_input};

use crate::make::{drawing, file};

const TIMES: usize = 3_000;

fn pictures() -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir("fixtures/sent").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut pictures: Vec<_> =
        paths.iter().map(|path| fs::read(path).unwrap()).filter(|bytes| bytes.len() < 5_000).collect();
    let small = drawing().resize_exact(48, 27, image::imageops::FilterType::Triangle);
    pictures.extend([ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP].map(|format| file(&small, format)));
    let mut archive = zip::ZipArchive::new(fs::File::open("fixtures/jpeg/pictures.zip").unwrap()).unwrap();
    for at in (0..archive.len()).step_by(14) {
        let mut bytes = Vec::new();
        std::io::copy(&mut archive.by_index(at).unwrap(), &mut bytes).unwrap();
        pictures.push(bytes);
    }
    pictures
}

#[test]
fn a_picture_that_is_taken_can_be_drawn_from_whatever_was_changed_in_it() {
    let pictures = pictures();
    let mut dice = fastrand::Rng::with_seed(17);
    let mut taken = 0;
    for _ in 0..TIMES {
        let mut spoilt = pictures[dice.usize(..pictures.len())].clone();
        for _ in 0..dice.usize(1..4) {
            let at = dice.usize(..spoilt.len());
            spoilt[at] = dice.u8(..);
        }
        if let Ok(header) = inspect_input(&spoilt) {
            taken += 1;
            let prepared = prepare_input(&spoilt, 64);
            assert!(prepared.is_ok(), "{header:?}, {prepared:?}: {:?}", spoilt.escape_ascii().to_string());
        }
    }
    assert!(taken > TIMES / 20, "{taken}");
}
