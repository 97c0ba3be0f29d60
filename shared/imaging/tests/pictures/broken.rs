//! Bytes that are not the picture asked for.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use toonmill_domain::{AspectRatio, Failure, FailureCode};
use toonmill_imaging::{Effort, ImageProblem, RATIO_TOLERANCE_PERCENT, check_and_encode, inspect};

use crate::make::{drawing, file, ihdr, png, stored, zlib};

fn problem(file: &[u8]) -> ImageProblem {
    stored(file).expect_err("it is broken")
}

#[test]
fn a_picture_that_ends_early_is_never_stored_wherever_it_ends() {
    let mut noisy = drawing().to_rgb8();
    let mut dice = fastrand::Rng::with_seed(7);
    noisy.iter_mut().for_each(|value| *value ^= dice.u8(..16));
    let noisy = DynamicImage::from(noisy);
    let lossy_webp = stored(&file(&noisy, ImageFormat::Png)).unwrap().webp.to_vec();
    let files =
        [file(&noisy, ImageFormat::Png), file(&noisy, ImageFormat::Jpeg), file(&noisy, ImageFormat::WebP), lossy_webp];
    for (kind, file) in files.iter().enumerate() {
        assert!(stored(file).is_ok());
        // A JPEG may lack its end marker.
        let last = if kind == 1 { file.len() - 2 } else { file.len() };
        let ends = (0..64).chain((64..last - 16).step_by(997)).chain(last - 16..last);
        for end in ends {
            let expected = if end < 12 { problem(&file[..end]) } else { ImageProblem::Truncated };
            assert_eq!(problem(&file[..end]), expected, "file {kind} to byte {end}");
        }
    }
}

#[test]
fn bytes_that_are_no_picture_are_refused_whatever_they_are_called() {
    for bytes in [&b""[..], b"<html><body>502</body></html>", b"GIF89a\x01\0\x01\0", b"%PDF-1.7", b"{\"error\":1}"] {
        assert_eq!(problem(bytes), ImageProblem::NotAnImage);
        assert_eq!(inspect(bytes), Err(ImageProblem::NotAnImage));
    }
    let not_webp = [&b"RIFF\x10\0\0\0WEBPVP8?"[..], &[0; 32]].concat();
    assert_eq!(problem(&not_webp), ImageProblem::NotAnImage);
    let wave = [&b"RIFF\x10\0\0\0WAVEfmt "[..], &[0; 32]].concat();
    assert_eq!(problem(&wave), ImageProblem::NotAnImage);
}

#[test]
fn a_picture_damaged_in_the_middle_is_refused() {
    let mut damaged = file(&drawing(), ImageFormat::Png);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x40;
    assert_eq!(problem(&damaged), ImageProblem::Damaged);

    // A header that promises more rows than there are.
    let rows = vec![9; 10 * (160 * 3 + 1)];
    let short = png(&[(b"IHDR", &ihdr(160, 90, 8, 2)), (b"IDAT", &zlib(&rows)), (b"IEND", &[])]);
    assert!(matches!(problem(&short), ImageProblem::Damaged | ImageProblem::Truncated));
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    let bomb = |width, height| png(&[(b"IHDR", &ihdr(width, height, 8, 2)), (b"IDAT", &zlib(&[0])), (b"IEND", &[])]);
    for (width, height) in [(70_000, 20), (20, 70_000), (16_000, 9_000), (u32::MAX, u32::MAX)] {
        let is_long = u64::from(width) * u64::from(height) < 50_000_000;
        let too_long = ImageProblem::TooLong { width, height, most: 65_535 };
        let expected = Err(if is_long { too_long } else { ImageProblem::TooLarge { width, height } });
        assert_eq!(inspect(&bomb(width, height)), expected);
        assert_eq!(stored(&bomb(width, height)).map(|_| ()), expected.map(|_| ()));
    }
    assert_eq!(inspect(&bomb(0, 9)), Err(ImageProblem::NotAnImage));

    let jpeg_start = b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x11\0\x02\x11\x01\x03\x11\x01";
    assert_eq!(inspect(jpeg_start), Err(ImageProblem::TooLarge { width: 65_535, height: 65_535 }));
}

#[test]
fn a_picture_of_another_shape_is_refused_before_it_is_decoded() {
    let square = file(&drawing().crop_imm(0, 0, 180, 180), ImageFormat::Png);
    let expected = ImageProblem::WrongRatio { width: 180, height: 180, asked: AspectRatio::WIDE };
    assert_eq!(problem(&square), expected);
    // Even the broken one: its header says enough.
    assert_eq!(problem(&square[..64]), expected);
    assert!(check_and_encode(square.into(), "1:1".parse().unwrap(), 0, Effort::default()).is_ok());
    let nearly = file(&drawing().crop_imm(0, 0, 314, 180), ImageFormat::Png);
    assert!(stored(&nearly).is_ok());
}

/// As gemini-nano-banana-2.1 draws them at 1K, measured through a reseller in October 2026.
const SIZES: [(&str, u32, u32); 14] = [
    ("1:1", 1024, 1024),
    ("1:4", 512, 2064),
    ("1:8", 352, 2928),
    ("2:3", 848, 1264),
    ("3:2", 1264, 848),
    ("3:4", 896, 1200),
    ("4:1", 2064, 512),
    ("4:3", 1200, 896),
    ("4:5", 928, 1152),
    ("5:4", 1152, 928),
    ("8:1", 2928, 352),
    ("9:16", 768, 1376),
    ("16:9", 1376, 768),
    ("21:9", 1584, 672),
];

#[test]
fn the_tolerance_takes_what_providers_draw_and_tells_all_ratios_apart() {
    for (drawn, width, height) in SIZES {
        for (asked, ..) in SIZES {
            let fits = asked.parse::<AspectRatio>().unwrap().fits(width, height, RATIO_TOLERANCE_PERCENT);
            assert_eq!(fits, asked == drawn, "{width}x{height} for {asked}");
        }
    }
}

#[test]
fn a_picture_of_nothing_is_refused() {
    for colour in [[0, 0, 0], [255, 255, 255], [12, 200, 77]] {
        let plain = DynamicImage::from(RgbImage::from_pixel(320, 180, Rgb(colour)));
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            assert_eq!(problem(&file(&plain, format)), ImageProblem::Blank, "{colour:?} {format:?}");
        }
    }
    let hidden = RgbaImage::from_fn(320, 180, |x, y| Rgba([x.to_le_bytes()[0], y.to_le_bytes()[0], 0, 0]));
    assert_eq!(problem(&file(&hidden.into(), ImageFormat::Png)), ImageProblem::Blank);
}

#[test]
fn a_problem_becomes_an_outcome_that_may_be_shown() {
    let problem = ImageProblem::WrongRatio { width: 180, height: 180, asked: AspectRatio::WIDE };
    assert_eq!(Failure::from(problem), Failure::new(FailureCode::InvalidImage).detail("180x180 is not 16:9"));
}
