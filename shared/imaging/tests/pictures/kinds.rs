//! Kinds of pictures that few programs write: what can be decoded right is taken, and the rest is refused by name.

use std::fs;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use toonmill_imaging::{Effort, ImageProblem, check_and_encode, inspect, inspect_input, prepare_input};

use crate::make::{drawing, file, ihdr, png, shown, stored, zlib};

fn sent(name: &str) -> Vec<u8> {
    fs::read(format!("fixtures/sent/{name}")).unwrap()
}

/// What a frame of another kind makes of a JPEG.
fn with_frame(marker: u8, precision: u8) -> Vec<u8> {
    let mut jpeg = file(&drawing(), ImageFormat::Jpeg);
    let at = jpeg.windows(2).position(|pair| pair == b"\xff\xc0").unwrap();
    (jpeg[at + 1], jpeg[at + 4]) = (marker, precision);
    jpeg
}

/// With the factors of its three components.
fn with_factors(factors: [u8; 3]) -> Vec<u8> {
    let mut jpeg = file(&drawing(), ImageFormat::Jpeg);
    let at = jpeg.windows(2).position(|pair| pair == b"\xff\xc0").unwrap();
    for (component, factors) in factors.into_iter().enumerate() {
        jpeg[at + 11 + component * 3] = factors;
    }
    jpeg
}

#[test]
fn a_jpeg_that_is_not_decoded_is_refused_by_its_kind() {
    for (jpeg, kind) in [
        (with_frame(0xc3, 8), "a lossless JPEG"),
        (with_frame(0xc5, 8), "a hierarchical JPEG"),
        (with_frame(0xc9, 8), "a JPEG with arithmetic coding"),
        (with_frame(0xca, 8), "a JPEG with arithmetic coding"),
        (with_frame(0xc1, 12), "a JPEG of more than 8 bits a sample"),
        (with_factors([0x31, 0x21, 0x11]), "a JPEG with sampling factors that are no multiples of each other"),
        (sent("jpeg-arithmetic.jpg"), "a JPEG with arithmetic coding"),
    ] {
        let problem = ImageProblem::Unsupported(kind);
        assert_eq!(inspect_input(&jpeg), Err(problem));
        assert_eq!(prepare_input(&jpeg, 100), Err(problem));
        let answer = check_and_encode(jpeg.into(), "16:9".parse().unwrap(), 5, Effort::default());
        assert_eq!(answer.map(|_| ()), Err(problem));
    }
    for factors in [[0x00, 0x11, 0x11], [0x51, 0x11, 0x11], [0x11, 0x10, 0x11]] {
        assert_eq!(inspect_input(&with_factors(factors)), Err(ImageProblem::Damaged), "{factors:x?}");
    }
}

#[test]
fn a_photo_with_luma_coarser_than_chroma_is_decoded_right() {
    let shown = shown(&prepare_input(sent("jpeg-luma-coarser.jpg"), 2_048).unwrap()).to_rgb8();
    let places = [(13, 24), (40, 24), (13, 72), (40, 72)];
    for ((x, y), right) in places.into_iter().zip([[30, 50, 220], [220, 30, 30], [240, 220, 40], [30, 200, 40]]) {
        let seen = shown.get_pixel(x, y).0;
        assert!(seen.iter().zip(right).all(|(a, b)| a.abs_diff(b) <= 18), "{seen:?} is not {right:?} at {x}, {y}");
    }
}

#[test]
fn a_jpeg_needs_no_end_marker_if_all_of_its_rows_are_there() {
    let photo = sent("jpeg-no-eoi.jpg");
    let header = inspect_input(&photo).unwrap();
    // Not every provider takes it: it is made anew before it is sent.
    assert_eq!((header.width, header.height, header.turned), (96, 54, true));
    assert!(prepare_input(&photo, 2_048).is_ok());

    let whole = file(&drawing(), ImageFormat::Jpeg);
    let right = stored(&whole).unwrap();
    let unmarked = &whole[..whole.len() - 2];
    assert_eq!(stored(unmarked).unwrap().webp, right.webp);
    assert!(inspect_input(unmarked).is_ok());
    // Half of a marker, and what a transfer left behind.
    assert!(inspect_input(&whole[..whole.len() - 1]).is_ok());
    assert!(inspect_input(&[unmarked, &[0; 40]].concat()).is_ok());
}

#[test]
fn a_jpeg_cut_in_the_middle_is_refused_even_if_an_end_marker_follows() {
    let whole = file(&drawing(), ImageFormat::Jpeg);
    let scan = whole.windows(2).position(|pair| pair == b"\xff\xda").unwrap() + 14;
    for end in (scan..whole.len() - 12).step_by(211) {
        assert_eq!(inspect_input(&whole[..end]), Err(ImageProblem::Truncated), "to byte {end}");
        let marked = [&whole[..end], b"\xff\xd9"].concat();
        assert_eq!(inspect_input(&marked), Err(ImageProblem::Truncated), "to byte {end}, with a marker");
        assert_eq!(stored(&whole[..end]).map(|_| ()), Err(ImageProblem::Truncated), "to byte {end}, stored");
    }
}

#[test]
fn a_picture_whose_data_are_damaged_is_refused_before_it_is_used() {
    let noisy = {
        let mut dice = fastrand::Rng::with_seed(5);
        RgbImage::from_fn(160, 90, |_, _| Rgb([dice.u8(..), dice.u8(..), dice.u8(..)]))
    };
    let png_file = file(&noisy.clone().into(), ImageFormat::Png);
    for at in (60..png_file.len() - 20).step_by(997) {
        let mut damaged = png_file.clone();
        damaged[at] ^= 0x20;
        assert!(inspect_input(&damaged).is_err(), "PNG, byte {at}");
    }
    // A right checksum over data that cannot be unpacked.
    let mut rows = zlib(&vec![0; 90 * 481]);
    rows[2] = 0xff;
    let unpackable = png(&[(b"IHDR", &ihdr(160, 90, 8, 2)), (b"IDAT", &rows), (b"IEND", &[])]);
    assert_eq!(inspect_input(&unpackable), Err(ImageProblem::Damaged));
    let few = png(&[(b"IHDR", &ihdr(160, 90, 8, 2)), (b"IDAT", &zlib(&vec![0; 10 * 481])), (b"IEND", &[])]);
    assert!(inspect_input(&few).is_err());

    let webp = stored(&file(&noisy.into(), ImageFormat::Png)).unwrap().webp.to_vec();
    let mut short = webp.clone();
    short.truncate(webp.len() / 2);
    let size = u32::try_from(short.len() - 8).unwrap().to_le_bytes();
    short[4..8].copy_from_slice(&size);
    assert!(inspect_input(&short).is_err(), "a WebP whose picture is longer than its file");

    let mut jpeg = file(&drawing(), ImageFormat::Jpeg);
    let tables = jpeg.windows(2).position(|pair| pair == b"\xff\xdb").unwrap();
    jpeg[tables + 1] = 0xfe;
    assert_eq!(inspect_input(&jpeg), Err(ImageProblem::Damaged), "no table to multiply by");
}

/// An animated WebP of this size whose first frame is `frame`, at (4, 2).
fn moving(width: u32, height: u32, frame: &DynamicImage) -> Vec<u8> {
    let still = file(frame, ImageFormat::WebP);
    let three = |number: u32| number.to_le_bytes()[..3].to_vec();
    let chunk = |name: &[u8; 4], data: &[u8]| {
        let size = u32::try_from(data.len()).unwrap().to_le_bytes();
        [&name[..], &size, data, &vec![0; data.len() % 2]].concat()
    };
    let head = [&[0x12, 0, 0, 0][..], &three(width - 1), &three(height - 1)].concat();
    let place = [three(2), three(1), three(frame.width() - 1), three(frame.height() - 1), three(100), vec![0]].concat();
    let frames = chunk(b"ANMF", &[&place, &still[12..]].concat()).repeat(2);
    let body = [b"WEBP".to_vec(), chunk(b"VP8X", &head), chunk(b"ANIM", &[0; 6]), frames].concat();
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

#[test]
fn of_an_animation_the_first_frame_is_the_picture_everywhere() {
    let animated = sent("animated-wide.webp");
    let header = inspect_input(&animated).unwrap();
    assert!(header.turned, "it is never sent as it is");
    let still = prepare_input(&animated, 500).unwrap();
    assert_eq!(inspect(&still).unwrap().width, 500);
    assert!(!inspect_input(&still).unwrap().turned);

    // A frame that is smaller than the picture lies on nothing.
    let frame = RgbImage::from_pixel(21, 11, Rgb([200, 30, 40]));
    let shown = shown(&prepare_input(moving(64, 36, &frame.into()), 500).unwrap()).to_rgba8();
    assert_eq!(shown.dimensions(), (64, 36));
    let seen = |x, y| shown.get_pixel(x, y).0;
    assert_eq!([seen(0, 0)[3], seen(3, 2)[3], seen(4, 2)[3], seen(24, 12)[3], seen(25, 12)[3]], [0, 0, 255, 255, 0]);
    assert!(seen(14, 7)[0] > 180 && seen(14, 7)[1] < 60, "{:?}", seen(14, 7));
    // A frame that is beyond the picture.
    let beyond = moving(16, 9, &RgbImage::from_pixel(21, 11, Rgb([200, 30, 40])).into());
    assert_eq!(inspect_input(&beyond), Err(ImageProblem::Damaged));

    // An answer that moves is stored as a still.
    let answer = moving(320, 180, &drawing().crop_imm(0, 0, 300, 170));
    let answer = stored(&answer).unwrap();
    assert_eq!((answer.width, answer.height), (320, 180));
    assert!(!inspect_input(&answer.webp).unwrap().turned);

    // An animated PNG: the picture in its usual chunks, and a second frame.
    let rows = |level: u8| {
        let row = [&[0][..], &[level; 480]].concat();
        zlib(&row.repeat(90))
    };
    let frame = |number: u32| {
        let sides = [number, 160, 90, 0, 0].map(u32::to_be_bytes).concat();
        [sides, vec![0, 1, 0, 10, 0, 0]].concat()
    };
    let second = [&2_u32.to_be_bytes()[..], &rows(30)].concat();
    let apng = png(&[
        (b"IHDR", &ihdr(160, 90, 8, 2)),
        (b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]),
        (b"fcTL", &frame(0)),
        (b"IDAT", &rows(200)),
        (b"fcTL", &frame(1)),
        (b"fdAT", &second),
        (b"IEND", &[]),
    ]);
    assert!(inspect_input(&apng).unwrap().turned);
    let still = self::shown(&prepare_input(&apng, 500).unwrap()).to_rgb8();
    assert!(still.get_pixel(80, 45).0.iter().all(|level| level.abs_diff(200) < 6), "{:?}", still.get_pixel(80, 45));
}

#[test]
fn a_tall_strip_is_taken_and_shrunk() {
    let strip = sent("strip-690x20000.png");
    let header = inspect_input(&strip).unwrap();
    assert_eq!((header.width, header.height), (690, 20_000));
    let prepared = inspect(&prepare_input(&strip, 2_048).unwrap()).unwrap();
    assert_eq!((prepared.width, prepared.height), (71, 2_048));

    let strip: DynamicImage = RgbImage::from_fn(60, 65_535, |_, y| Rgb([(y / 300).to_le_bytes()[0], 90, 200])).into();
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let strip = file(&strip, format);
        assert_eq!(inspect_input(&strip).unwrap().height, 65_535);
        let prepared = shown(&prepare_input(&strip, 2_048).unwrap()).to_rgb8();
        assert_eq!(prepared.dimensions(), (2, 2_048));
        let seen = prepared.get_pixel(0, 1_024).0;
        assert!(seen[0].abs_diff(109) < 12, "{seen:?} in the middle");
        // Nothing that long is stored: WebP cannot hold it.
        let problem = ImageProblem::TooLong { width: 60, height: 65_535, most: 16_383 };
        let answer = check_and_encode(strip.into(), "1:1".parse().unwrap(), u32::MAX, Effort::default());
        assert!(
            matches!(answer.map(|_| ()), Err(found) if found == problem || matches!(found, ImageProblem::WrongRatio { .. }))
        );
    }
    let beyond = png(&[(b"IHDR", &ihdr(65_536, 9, 8, 2)), (b"IEND", &[])]);
    let problem = inspect_input(&beyond).unwrap_err();
    assert_eq!(problem.to_string(), "65536x9 has a side that is too long: 65535 pixels are the most");
    let many = png(&[(b"IHDR", &ihdr(10_000, 5_001, 8, 2)), (b"IEND", &[])]);
    let problem = inspect_input(&many).unwrap_err();
    assert_eq!(problem.to_string(), "10000x5001 pixels are too many: 50 megapixels are the most");
}
