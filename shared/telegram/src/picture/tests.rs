use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use toonmill_imaging::prepare_input;

use super::*;

fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
    let mut file = io::Cursor::new(Vec::new());
    picture.into().write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

/// A picture with colours, edges and some noise, as lossy WebP.
fn webp(width: u32, height: u32) -> Bytes {
    let mut dice = fastrand::Rng::with_seed(3);
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let edge = if (x / 16 + y / 16) % 2 == 0 { 90 } else { 0 };
        Rgb([x, y, x + y].map(|at| at.to_le_bytes()[0] / 2 + edge + dice.u8(..9)))
    });
    prepare_input(png(picture), u32::MAX).unwrap()
}

/// With only a few colours, which a PNG holds in few bytes.
fn flat(width: u32, height: u32) -> Bytes {
    prepare_input(png(RgbImage::from_pixel(width, height, Rgb([200, 40, 90]))), u32::MAX).unwrap()
}

#[test]
fn a_photo_looks_as_other_decoders_show_the_stored_picture() {
    for (width, height) in [(64, 48), (33, 31), (1, 1), (2, 3), (1, 20), (20, 1)] {
        let webp = webp(width, height);
        let theirs = image::load_from_memory_with_format(&webp, ImageFormat::WebP).unwrap().into_rgb8();
        let shown = shown(webp);
        assert_eq!((shown.kind, shown.file_name, shown.mime_type), (UploadKind::Photo, "image.png", "image/png"));
        let ours = image::load_from_memory_with_format(&shown.bytes, ImageFormat::Png).unwrap();
        assert_eq!(ours.color(), image::ColorType::Rgb8);
        let ours = ours.into_rgb8();
        assert_eq!(ours.dimensions(), (width, height));
        let furthest = ours.as_raw().iter().zip(theirs.as_raw()).map(|(ours, theirs)| ours.abs_diff(*theirs)).max();
        assert!(furthest.unwrap() <= 2, "{width}x{height}: {furthest:?}");
    }
}

#[test]
fn what_can_be_seen_through_stays_so() {
    let picture = RgbaImage::from_fn(32, 32, |x, _| Rgba([200, 40, 90, if x < 16 { 0 } else { 255 }]));
    let shown = shown(prepare_input(png(picture), u32::MAX).unwrap());
    let ours = image::load_from_memory(&shown.bytes).unwrap().into_rgba8();
    assert_eq!([ours.get_pixel(0, 5)[3], ours.get_pixel(31, 5)[3]], [0, 255]);
}

#[test]
fn what_is_too_long_or_too_large_for_a_photo_is_a_file() {
    for (width, height, kind) in [
        (2000, 100, UploadKind::Photo),
        (2001, 100, UploadKind::Document),
        (100, 2001, UploadKind::Document),
        (8000, 2000, UploadKind::Photo),
        (8001, 2000, UploadKind::Document),
    ] {
        let shown = shown(flat(width, height));
        assert_eq!((shown.kind, shown.file_name), (kind, "image.png"), "{width}x{height}");
    }
}

#[test]
fn a_file_has_no_more_bytes_than_can_be_sent() {
    let mut file = Capped(vec![0; DOCUMENT_BYTES - 1]);
    file.write_all(&[0]).unwrap();
    assert_eq!(file.write_all(&[0]).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
}

#[test]
fn what_cannot_be_decoded_is_sent_as_it_is() {
    let whole = webp(64, 48);
    for bytes in [Bytes::new(), whole.slice(..whole.len() / 2), png(RgbImage::new(4, 4)).into()] {
        let shown = shown(bytes.clone());
        assert_eq!((shown.kind, shown.file_name), (UploadKind::Document, "image.webp"));
        assert_eq!(shown.bytes, bytes);
    }
}
