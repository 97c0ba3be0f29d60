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

#[test]
fn what_is_lossy_webp_already_is_stored_as_it_is_and_what_is_lossless_is_encoded() {
    let lossy = stored(&file(&drawing(), ImageFormat::Png)).unwrap();
    let again = stored(&lossy.webp).unwrap();
    assert_eq!(again, lossy);
    // What is behind the picture's end is no part of it.
    assert_eq!(stored(&[&lossy.webp, &b"trailer"[..]].concat()).unwrap(), lossy);
    let lossless = file(&drawing(), ImageFormat::WebP);
    let encoded = stored(&lossless).unwrap();
    assert_ne!(encoded.webp, lossless);
    assert!(difference(&shown(&encoded.webp), &drawing()) <= 2);
}

#[test]
fn an_interlaced_png_is_stored_as_a_plain_one_is() {
    let rgb = drawing().to_rgb8();
    // Start and step of each pass, by column and by row: <https://www.w3.org/TR/png-3/#8InterlaceMethods>.
    let passes = [(0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2)];
    let mut rows = Vec::new();
    for (left, across, top, down) in passes {
        for y in (top..180).step_by(down) {
            rows.push(0);
            (left..320).step_by(across).for_each(|x| rows.extend(rgb.get_pixel(x, y).0));
        }
    }
    let mut header = ihdr(320, 180, 8, 2);
    header[12] = 1;
    let interlaced = png(&[(b"IHDR", &header), (b"IDAT", &zlib(&rows)), (b"IEND", &[])]);
    assert_eq!(stored(&interlaced).unwrap(), stored(&file(&drawing(), ImageFormat::Png)).unwrap());
}

#[test]
fn a_png_of_few_bits_and_one_with_a_transparent_colour_are_stored_as_they_look() {
    // Two bits a pixel of grey: four bars of 40 pixels.
    let row: Vec<u8> = (0..40).map(|at: u8| (at / 10) * 0b0101_0101).collect();
    let rows: Vec<u8> = (0..90).flat_map(|_| std::iter::once(0).chain(row.iter().copied())).collect();
    let grey = png(&[(b"IHDR", &ihdr(160, 90, 2, 0)), (b"IDAT", &zlib(&rows)), (b"IEND", &[])]);
    let grey = shown(&stored(&grey).unwrap().webp).to_rgb8();
    for (x, level) in [(20, 0), (60, 85), (100, 170), (140, 255)] {
        assert!(grey.get_pixel(x, 45).0.iter().all(|seen| seen.abs_diff(level) < 8), "{:?}", grey.get_pixel(x, 45));
    }
    // White is transparent.
    let rows: Vec<u8> =
        (0..90).flat_map(|y| (0..161).map(move |x: u32| if x == 0 { 0 } else { u8::from(y < 45) * 255 })).collect();
    let keyed = [(b"IHDR", &ihdr(160, 90, 8, 0)[..]), (b"tRNS", &[0, 255]), (b"IDAT", &zlib(&rows)), (b"IEND", &[])];
    let keyed = shown(&stored(&png(&keyed)).unwrap().webp).to_rgba8();
    assert_eq!((keyed.get_pixel(80, 20).0[3], keyed.get_pixel(80, 70).0[3]), (0, 255));
}

#[test]
fn a_grey_jpeg_is_stored_as_it_looks() {
    let grey: DynamicImage = drawing().to_luma8().into();
    let encoded = stored(&file(&grey, ImageFormat::Jpeg)).unwrap();
    assert!(difference(&shown(&encoded.webp), &grey) <= 2);
}

#[test]
fn pictures_that_look_alike_have_like_fingerprints() {
    let one = stored(&file(&drawing(), ImageFormat::Png)).unwrap().fingerprint;
    let jpeg = stored(&file(&drawing(), ImageFormat::Jpeg)).unwrap().fingerprint;
    let larger = drawing().resize_exact(640, 360, image::imageops::FilterType::Triangle);
    let larger = stored(&file(&larger, ImageFormat::Png)).unwrap().fingerprint;
    let mirrored = stored(&file(&drawing().fliph(), ImageFormat::Png)).unwrap().fingerprint;
    assert!(one.distance(jpeg) <= 4 && one.distance(larger) <= 4, "{one} {jpeg} {larger}");
    assert!(one.distance(mirrored) > 16, "{one} {mirrored}");
}
