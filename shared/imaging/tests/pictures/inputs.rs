//! Pictures that somebody gave us, upright and turned, large and small.

use image::{DynamicImage, GenericImageView, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use toonmill_imaging::{Format, ImageProblem, InputHeader, inspect_input, prepare_input, shrunk};

use crate::make::{drawing, file, ihdr, png, zlib};

/// A note of how a picture is to be turned: TIFF in EXIF, with a single entry.
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    tiff
}

fn jpeg_turned(picture: &DynamicImage, orientation: u8) -> Vec<u8> {
    let plain = file(picture, ImageFormat::Jpeg);
    let body = [b"Exif\0\0".as_slice(), &exif(orientation)].concat();
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], b"\xff\xe1", &length, &body, &plain[2..]].concat()
}

/// Wide: red at the left, green in the middle, blue at the right, white above.
fn flag() -> DynamicImage {
    RgbImage::from_fn(240, 120, |x, y| match (x / 80, y / 60) {
        (_, 0) => Rgb([255, 255, 255]),
        (0, _) => Rgb([255, 0, 0]),
        (1, _) => Rgb([0, 255, 0]),
        _ => Rgb([0, 0, 255]),
    })
    .into()
}

/// What a pixel is nearest to.
fn colour(picture: &DynamicImage, x: u32, y: u32) -> &'static str {
    match picture.get_pixel(x, y).0.map(|value| value > 127) {
        [true, true, true, _] => "white",
        [true, false, false, _] => "red",
        [false, true, false, _] => "green",
        [false, false, true, _] => "blue",
        _ => "other",
    }
}

#[test]
fn a_turned_picture_is_measured_and_sent_upright() {
    // Where red lies, in the corners of the upright picture, for each of the eight notes.
    for (orientation, sides, corners) in [
        (1, (240, 120), ["white", "white", "red", "blue"]),
        (2, (240, 120), ["white", "white", "blue", "red"]),
        (3, (240, 120), ["blue", "red", "white", "white"]),
        (4, (240, 120), ["red", "blue", "white", "white"]),
        (5, (120, 240), ["white", "red", "white", "blue"]),
        (6, (120, 240), ["red", "white", "blue", "white"]),
        (7, (120, 240), ["blue", "white", "red", "white"]),
        (8, (120, 240), ["white", "blue", "white", "red"]),
    ] {
        let jpeg = jpeg_turned(&flag(), orientation);
        let (width, height) = sides;
        let turned = orientation != 1;
        assert_eq!(
            inspect_input(&jpeg),
            Ok(InputHeader { format: Format::Jpeg, width, height, turned }),
            "{orientation}"
        );
        let sent = prepare_input(&jpeg, 4_000).unwrap();
        assert_eq!(inspect_input(&sent), Ok(InputHeader { format: Format::WebP, width, height, turned: false }));
        let sent = image::load_from_memory(&sent).unwrap();
        let (right, low) = (width - 20, height - 20);
        let seen = [(20, 20), (right, 20), (20, low), (right, low)].map(|(x, y)| colour(&sent, x, y));
        assert_eq!(seen, corners, "{orientation}");
    }
}

#[test]
fn the_note_is_read_in_every_format() {
    let mut turned = png(&[
        (b"IHDR", &ihdr(160, 90, 8, 2)),
        (b"eXIf", &exif(6)),
        (b"IDAT", &zlib(&vec![0; 90 * 481])),
        (b"IEND", &[]),
    ]);
    assert_eq!(
        inspect_input(&turned).unwrap(),
        InputHeader { format: Format::Png, width: 90, height: 160, turned: true }
    );
    // Nonsense in the note is no note.
    let at = turned.windows(4).position(|name| name == b"eXIf").unwrap();
    turned[at + 4] = b'?';
    let crc = png(&[(b"eXIf", &turned[at + 4..at + 4 + exif(6).len()])]);
    let end = at + 4 + exif(6).len();
    turned[end..end + 4].copy_from_slice(&crc[crc.len() - 4..]);
    assert!(!inspect_input(&turned).unwrap().turned);
}

#[test]
fn a_large_picture_is_shrunk_in_its_ratio_and_a_small_one_never_made_larger() {
    assert_eq!(shrunk((4_000, 3_000), 2_048), Some((2_048, 1_536)));
    assert_eq!(shrunk((3_000, 4_000), 2_048), Some((1_536, 2_048)));
    assert_eq!(shrunk((16_000, 3), 2_048), Some((2_048, 1)));
    assert_eq!(shrunk((2_048, 2_048), 2_048), None);

    let large = flag().resize_exact(1_000, 500, image::imageops::FilterType::Nearest);
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let sent = image::load_from_memory(&prepare_input(file(&large, format), 100).unwrap()).unwrap();
        assert_eq!((sent.width(), sent.height()), (100, 50));
        assert_eq!(
            [(10, 10), (10, 40), (50, 40), (90, 40)].map(|(x, y)| colour(&sent, x, y)),
            ["white", "red", "green", "blue"]
        );
    }
    let small = image::load_from_memory(&prepare_input(file(&flag(), ImageFormat::Png), 2_048).unwrap()).unwrap();
    assert_eq!((small.width(), small.height()), (240, 120));
    let turned = image::load_from_memory(&prepare_input(jpeg_turned(&large, 6), 100).unwrap()).unwrap();
    assert_eq!((turned.width(), turned.height(), colour(&turned, 10, 10)), (50, 100, "red"));
}

#[test]
fn what_is_seen_through_stays_so() {
    let ring = RgbaImage::from_fn(400, 400, |x, _| if x < 200 { Rgba([255, 0, 0, 255]) } else { Rgba([0, 0, 255, 0]) });
    let sent = image::load_from_memory(&prepare_input(file(&ring.into(), ImageFormat::Png), 100).unwrap()).unwrap();
    assert_eq!((sent.get_pixel(20, 50).0[3], sent.get_pixel(80, 50).0[3]), (255, 0));
    assert_eq!(colour(&sent, 20, 50), "red");
}

#[test]
fn a_broken_input_is_refused_wherever_it_ends_and_whatever_it_is_called() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let whole = file(&drawing(), format);
        assert!(inspect_input(&whole).is_ok());
        for end in [whole.len() / 2, whole.len() - 13, whole.len() - 3] {
            assert_eq!(inspect_input(&whole[..end]), Err(ImageProblem::Truncated), "{format:?} to byte {end}");
        }
    }
    for bytes in
        [&b""[..], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a\x01\0\x01\0", b"\x00\x00\x00\x20ftypavif"]
    {
        assert_eq!(inspect_input(bytes), Err(ImageProblem::NotAnImage));
        assert_eq!(prepare_input(bytes, 100), Err(ImageProblem::NotAnImage));
    }
    let mut damaged = file(&drawing(), ImageFormat::Png);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x40;
    assert_eq!(inspect_input(&damaged), Err(ImageProblem::Damaged));
    assert_eq!(prepare_input(damaged, 100), Err(ImageProblem::Damaged));
}
