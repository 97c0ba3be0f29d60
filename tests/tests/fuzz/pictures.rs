//! Pictures, as providers answer and users upload them.

use std::{io::Cursor, sync::LazyLock};

use bytes::Bytes;
use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use toonmill_domain::AspectRatio;
use toonmill_imaging::{Effort, RATIO_TOLERANCE_PERCENT, check_and_encode, inspect};

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
