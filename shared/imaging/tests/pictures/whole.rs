//! Pictures that are stored.

use image::{DynamicImage, ImageFormat, Rgba};
use toonmill_imaging::{Format, Header, inspect};

use crate::make::{difference, drawing, file, ihdr, png, shown, stored, zlib};

#[test]
fn every_format_is_known_by_its_bytes_and_stored_as_webp() {
    let lossy_webp = stored(&file(&drawing(), ImageFormat::Png)).unwrap().webp.to_vec();
    let files = [
        (Format::Png, file(&drawing(), ImageFormat::Png)),
        (Format::Jpeg, file(&drawing(), ImageFormat::Jpeg)),
        (Format::WebP, file(&drawing(), ImageFormat::WebP)),
        (Format::WebP, lossy_webp),
    ];
    for (format, file) in files {
        assert_eq!(inspect(&file), Ok(Header { format, width: 320, height: 180 }));
        let encoded = stored(&file).unwrap();
        assert_eq!((encoded.width, encoded.height), (320, 180));
        assert_eq!(inspect(&encoded.webp).unwrap().format, Format::WebP);
        assert!(difference(&shown(&encoded.webp), &drawing()) <= 2, "{format:?}");
    }
}

#[test]
fn every_kind_of_png_is_stored_as_it_looks() {
    let original = drawing();
    let kinds: [(&str, DynamicImage); 6] = [
        ("grey", original.to_luma8().into()),
        ("grey with alpha", original.to_luma_alpha8().into()),
        ("grey of 16 bits", original.to_luma16().into()),
        ("RGB of 16 bits", original.to_rgb16().into()),
        ("RGBA of 8 bits", original.to_rgba8().into()),
        ("RGBA of 16 bits", original.to_rgba16().into()),
    ];
    for (name, image) in kinds {
        let encoded = stored(&file(&image, ImageFormat::Png)).unwrap();
        let shown = shown(&encoded.webp);
        assert!(difference(&shown, &image) <= 2, "{name}");
        assert!(!shown.color().has_alpha(), "{name}: an alpha channel that is not used is not stored");
    }
}

#[test]
fn a_paletted_png_is_stored_as_it_looks() {
    // 160x90, one byte a pixel after each row's filter byte: four bars.
    let rows: Vec<u8> =
        (0..90).flat_map(|_| (0..161).map(|x: u8| x.saturating_sub(1) / 40 * u8::from(x > 0))).collect();
    let palette = [0, 0, 0, 255, 0, 0, 0, 255, 0, 255, 255, 255];
    let file = png(&[(b"IHDR", &ihdr(160, 90, 8, 3)), (b"PLTE", &palette), (b"IDAT", &zlib(&rows)), (b"IEND", &[])]);
    let shown = shown(&stored(&file).unwrap().webp).to_rgb8();
    for (x, expected) in [(20, [0, 0, 0]), (60, [255, 0, 0]), (100, [0, 255, 0]), (140, [255, 255, 255])] {
        let seen = shown.get_pixel(x, 45).0;
        assert!(seen.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 12), "{seen:?} at {x}");
    }
}

#[test]
fn transparency_that_is_used_is_kept() {
    let mut image = drawing().to_rgba8();
    for (x, _, pixel) in image.enumerate_pixels_mut() {
        if x < 100 {
            *pixel = Rgba([0, 0, 0, 0]);
        }
    }
    let encoded = stored(&file(&image.into(), ImageFormat::Png)).unwrap();
    let shown = shown(&encoded.webp).to_rgba8();
    assert_eq!((shown.get_pixel(50, 90).0[3], shown.get_pixel(200, 90).0[3]), (0, 255));
    // It is in the extended form now, and read again.
    assert_eq!(inspect(&encoded.webp), Ok(Header { format: Format::WebP, width: 320, height: 180 }));
    assert!(stored(&encoded.webp).is_ok());
}

#[test]
fn the_same_bytes_give_the_same_picture_and_others_another() {
    let one = stored(&file(&drawing(), ImageFormat::Png)).unwrap();
    assert_eq!(one, stored(&file(&drawing(), ImageFormat::Png)).unwrap());
    assert!(one.sha256.len() == 64 && one.sha256.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')));
    assert_ne!(one.sha256, stored(&file(&drawing().fliph(), ImageFormat::Png)).unwrap().sha256);
}
