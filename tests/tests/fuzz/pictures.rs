//! Pictures, as providers answer and users upload them.

use std::{fs, io::Cursor, path::PathBuf, sync::LazyLock};

use bytes::Bytes;
use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use toonmill_domain::AspectRatio;
use toonmill_imaging::{Effort, RATIO_TOLERANCE_PERCENT, check_and_encode, inspect, inspect_input, prepare_input};

use crate::{decisions::Decisions, spoil};

/// Of every format and of several kinds of pixels; small, so that many can be tried.
static RIGHT: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let rgb = RgbImage::from_fn(48, 48, |x, y| image::Rgb([shade(x * 5), shade(y * 5), shade(x * y)]));
    let rgba = RgbaImage::from_fn(48, 48, |x, y| image::Rgba([shade(x * 5), shade(y * 5), 9, shade(x * 4)]));
    let rgb = DynamicImage::ImageRgb8(rgb);
    let kinds = [
        (rgb.clone(), ImageFormat::Png),
        (DynamicImage::ImageRgba8(rgba), ImageFormat::Png),
        (DynamicImage::ImageRgb16(rgb.to_rgb16()), ImageFormat::Png),
        (DynamicImage::ImageLuma8(rgb.to_luma8()), ImageFormat::Png),
        (rgb.clone(), ImageFormat::Jpeg),
        (DynamicImage::ImageLuma8(rgb.to_luma8()), ImageFormat::Jpeg),
        (rgb, ImageFormat::WebP),
    ];
    let encode = |(image, format): (DynamicImage, ImageFormat)| {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    kinds.into_iter().map(encode).collect()
});

const fn shade(of: u32) -> u8 {
    of.to_le_bytes()[0]
}

fn check(bytes: &[u8], asked: AspectRatio) {
    let header = inspect(bytes);
    let Ok(encoded) =
        check_and_encode(Bytes::copy_from_slice(bytes), asked, RATIO_TOLERANCE_PERCENT, Effort::default())
    else {
        return;
    };
    let header = header.unwrap();
    assert_eq!((encoded.width, encoded.height), (header.width, header.height));
    let stored = inspect(&encoded.webp).unwrap();
    assert_eq!((stored.width, stored.height), (header.width, header.height), "what is stored is what came");
}

/// Pictures as people send them: with notes, profiles, several scans and frames.
static SENT: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/imaging/fixtures/sent");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut sent: Vec<_> =
        paths.iter().map(|path| fs::read(path).unwrap()).filter(|bytes| bytes.len() < 5_000).collect();
    sent.extend(RIGHT.iter().cloned());
    sent.extend(RIGHT.iter().filter_map(|right| with_note_and_profile(right)));
    sent
});

/// A note, and a profile in two parts, in a JPEG.
fn with_note_and_profile(jpeg: &[u8]) -> Option<Vec<u8>> {
    let rest = jpeg.strip_prefix(b"\xff\xd8")?;
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let (first, second) = profile.split_at(200);
    let note = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    let part = |number: u8, part: &[u8]| [b"ICC_PROFILE\0".as_slice(), &[number, 2], part].concat();
    let segment = |marker: u8, body: Vec<u8>| {
        [&[0xff, marker][..], &u16::try_from(body.len() + 2).unwrap().to_be_bytes(), &body].concat()
    };
    let segments = [segment(0xe1, note), segment(0xe2, part(1, first)), segment(0xe2, part(2, second))].concat();
    Some([b"\xff\xd8", segments.as_slice(), rest].concat())
}

/// Whatever is taken when it is submitted can be drawn from.
#[test]
fn inputs() {
    for right in SENT.iter() {
        let taken = inspect_input(right);
        assert_eq!(taken.is_ok(), prepare_input(right, 64).is_ok(), "{taken:?}");
    }
    bolero::check!().for_each(|input: &[u8]| {
        let mut decisions = Decisions::new(input);
        let right = decisions.one_of(SENT.as_slice());
        let bytes = spoil::bytes(right, &mut decisions);
        let Ok(header) = inspect_input(&bytes) else { return };
        let prepared = inspect(&prepare_input(&bytes, 64).unwrap()).unwrap();
        assert!(prepared.width.max(prepared.height) <= 64 && header.width > 0);
        // Turned as it was measured.
        assert!(
            header.width == header.height || (prepared.width >= prepared.height) == (header.width >= header.height)
        );
    });
}

#[test]
fn pictures() {
    let asked: AspectRatio = "1:1".parse().unwrap();
    for right in RIGHT.iter() {
        assert!(check_and_encode(right.clone().into(), asked, RATIO_TOLERANCE_PERCENT, Effort::default()).is_ok());
    }
    bolero::check!().for_each(|input: &[u8]| {
        let mut decisions = Decisions::new(input);
        let right = decisions.one_of(&RIGHT);
        check(&spoil::bytes(right, &mut decisions), asked);
    });
}
