//! Pictures whose profile is another than sRGB, or broken, or none.

use std::{fs, io::Write};

use flate2::{Compression, write::ZlibEncoder};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use moxcms::ColorProfile;
use toonmill_imaging::{Effort, check_and_encode, prepare_input};

use crate::make::{file, ihdr, png, segment, shown, with_segments, zlib};

/// In Display P3 what (255, 0, 0) is in sRGB.
const RED_OF_P3: [u8; 3] = [234, 51, 35];
const RED: [u8; 3] = [255, 0, 0];
const SIDES: (u32, u32) = (64, 48);

/// The upper half in this colour, the lower one grey.
fn picture(colour: [u8; 3]) -> DynamicImage {
    RgbImage::from_fn(SIDES.0, SIDES.1, |_, y| Rgb(if y < 24 { colour } else { [128; 3] })).into()
}

fn p3() -> Vec<u8> {
    ColorProfile::new_display_p3().encode().unwrap()
}

/// A profile in parts, as large pictures have it, in this order.
fn icc_parts(profile: &[u8], order: &[usize]) -> Vec<Vec<u8>> {
    let parts: Vec<_> = profile.chunks(profile.len().div_ceil(order.len())).collect();
    let part = |at: &usize| {
        let head = [u8::try_from(at + 1).unwrap(), u8::try_from(order.len()).unwrap()];
        segment(0xe2, &[b"ICC_PROFILE\0", &head[..], parts[*at]].concat())
    };
    order.iter().map(part).collect()
}

fn jpeg(picture: &DynamicImage, segments: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut file, 100)).unwrap();
    with_segments(&file, segments)
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn iccp(profile: &[u8]) -> Vec<u8> {
    [b"name\0\0".as_slice(), &packed(profile)].concat()
}

/// A PNG of 8 bits with these chunks before its pixels.
fn png_with(picture: &DynamicImage, chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let (colour, pixels, channels) = match picture {
        DynamicImage::ImageLuma8(grey) => (0, grey.as_raw().clone(), 1),
        DynamicImage::ImageLumaA8(grey) => (4, grey.as_raw().clone(), 2),
        DynamicImage::ImageRgba8(rgba) => (6, rgba.as_raw().clone(), 4),
        other => (2, other.to_rgb8().into_raw(), 3),
    };
    let rows: Vec<u8> = pixels.chunks(SIDES.0 as usize * channels).flat_map(|row| [&[0], row].concat()).collect();
    let (header, rows) = (ihdr(SIDES.0, SIDES.1, 8, colour), zlib(&rows));
    let mut all: Vec<(&[u8; 4], &[u8])> = vec![(b"IHDR", &header)];
    all.extend(chunks.iter().map(|(name, data)| (*name, data.as_slice())));
    all.extend([(b"IDAT", rows.as_slice()), (b"IEND", &[])]);
    png(&all)
}

/// A WebP in the extended form with a profile before the picture.
fn webp_with(plain: &[u8], profile: &[u8]) -> Vec<u8> {
    let sides = [(SIDES.0 - 1).to_le_bytes(), (SIDES.1 - 1).to_le_bytes()].map(|side| [side[0], side[1], side[2]]);
    let head = [b"VP8X\x0a\0\0\0\x20\0\0\0".as_slice(), &sides.concat()].concat();
    let padding = vec![0; profile.len() % 2];
    let chunk = [b"ICCP", &u32::try_from(profile.len()).unwrap().to_le_bytes()[..], profile, &padding].concat();
    let body = [b"WEBP", &head[..], &chunk, &plain[12..]].concat();
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

fn lossy_webp(picture: &DynamicImage) -> Vec<u8> {
    prepare_input(file(picture, ImageFormat::Png), 4_000).unwrap().to_vec()
}

/// What is sent of it, in the middle of the upper half.
fn sent(file: &[u8]) -> [u8; 3] {
    shown(&prepare_input(file, 4_000).unwrap()).to_rgb8().get_pixel(30, 10).0
}

fn stored(file: &[u8]) -> [u8; 3] {
    let stored = check_and_encode(file.to_vec().into(), "4:3".parse().unwrap(), 0, Effort::default()).unwrap();
    shown(&stored.webp).to_rgb8().get_pixel(30, 10).0
}

fn is_near(seen: [u8; 3], right: [u8; 3], what: &str) {
    assert!(seen.iter().zip(right).all(|(a, b)| a.abs_diff(b) <= 8), "{what}: {seen:?} is not {right:?}");
}

#[test]
fn a_profile_is_obeyed_in_every_format() {
    let (red, profile) = (picture(RED_OF_P3), p3());
    let rgba = DynamicImage::from(red.to_rgba8());
    let mut seen_through = red.to_rgba8();
    seen_through.get_pixel_mut(0, 47).0[3] = 0;
    let chunks = [(b"iCCP", iccp(&profile))];
    let files = [
        ("JPEG", jpeg(&red, &icc_parts(&profile, &[0]))),
        ("JPEG, in three parts", jpeg(&red, &icc_parts(&profile, &[0, 1, 2]))),
        ("JPEG, in parts out of order", jpeg(&red, &icc_parts(&profile, &[2, 0, 1]))),
        ("PNG", png_with(&red, &chunks)),
        ("PNG with an alpha channel", png_with(&rgba, &chunks)),
        ("PNG with alpha", png_with(&seen_through.into(), &chunks)),
        ("lossless WebP", webp_with(&file(&red, ImageFormat::WebP), &profile)),
    ];
    for (what, file) in &files {
        is_near(sent(file), RED, what);
        is_near(stored(file), RED, what);
    }
    // What is lossy WebP already is stored as it is, with its profile, and prepared like all others.
    let lossy = webp_with(&lossy_webp(&red), &profile);
    is_near(sent(&lossy), RED, "lossy WebP");
    let kept = check_and_encode(lossy.clone().into(), "4:3".parse().unwrap(), 0, Effort::default()).unwrap();
    assert_eq!(kept.webp, lossy);
    // Transparency goes through with the colours.
    let clear = shown(&prepare_input(&files[5].1, 4_000).unwrap()).to_rgba8();
    assert_eq!((clear.get_pixel(0, 47).0[3], clear.get_pixel(30, 10).0[3]), (0, 255));
}

#[test]
fn a_picture_in_srgb_is_what_it_is_without_its_profile() {
    let red = picture([200, 40, 60]);
    let srgb = ColorProfile::new_srgb().encode().unwrap();
    let plain = jpeg(&red, &[]);
    assert_eq!(prepare_input(jpeg(&red, &icc_parts(&srgb, &[0])), 4_000), prepare_input(&plain, 4_000));
    let plain = png_with(&red, &[]);
    for chunks in [
        vec![(b"iCCP", iccp(&srgb))],
        vec![(b"sRGB", vec![0])],
        vec![(b"gAMA", 45_455_u32.to_be_bytes().to_vec())],
        vec![(b"sRGB", vec![0]), (b"gAMA", 100_000_u32.to_be_bytes().to_vec())],
    ] {
        assert_eq!(prepare_input(png_with(&red, &chunks), 4_000), prepare_input(&plain, 4_000), "{chunks:?}");
    }
}

#[test]
fn a_profile_that_is_broken_or_of_other_pixels_is_none() {
    let (red, profile) = (picture([200, 40, 60]), p3());
    let grey = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let plain = prepare_input(jpeg(&red, &[]), 4_000);
    let mut missing = icc_parts(&profile, &[0, 1, 2]);
    missing.remove(1);
    let mut other_size = profile.clone();
    other_size[..4].copy_from_slice(&u32::MAX.to_be_bytes());
    let mut tags = profile.clone();
    tags[128..132].copy_from_slice(&u32::MAX.to_be_bytes());
    for (what, segments) in [
        ("nothing", vec![segment(0xe2, b"ICC_PROFILE\0\x01\x01")]),
        ("no number", vec![segment(0xe2, b"ICC_PROFILE\0")]),
        ("rubbish", icc_parts(&[7; 999], &[0])),
        ("cut", icc_parts(&profile[..profile.len() / 2], &[0])),
        ("a part missing", missing),
        ("more tags than bytes", icc_parts(&tags, &[0])),
        ("of grey pixels", icc_parts(&grey, &[0])),
    ] {
        assert_eq!(prepare_input(jpeg(&red, &segments), 4_000), plain, "{what}");
    }
    let plain = prepare_input(png_with(&red, &[]), 4_000);
    for (what, data) in [
        ("empty", Vec::new()),
        ("no name", packed(&profile)),
        ("not packed", [b"name\0\0".as_slice(), &profile].concat()),
        ("packed and cut", iccp(&profile)[..200].to_vec()),
    ] {
        assert_eq!(prepare_input(png_with(&red, &[(b"iCCP", data)]), 4_000), plain, "{what}");
    }
}

#[test]
fn what_a_png_says_in_the_place_of_a_profile_is_obeyed() {
    let numbers = |numbers: [u32; 8]| numbers.iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<u8>>();
    let gamma = |gamma: u32| (b"gAMA", gamma.to_be_bytes().to_vec());
    let p3 = (b"cHRM", numbers([31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000]));
    let of = |colour: [u8; 3], chunks: &[(&[u8; 4], Vec<u8>)]| sent(&png_with(&picture(colour), chunks));
    is_near(of(RED_OF_P3, &[gamma(45_455), p3.clone()]), RED, "the primaries of P3");
    is_near(of(RED_OF_P3, &[(b"cICP", vec![12, 13, 0, 1])]), RED, "the code points of P3");
    // A fifth of the light is 124 in sRGB.
    is_near(of([51; 3], &[gamma(100_000)]), [124; 3], "linear light");
    // The first of cICP, iCCP, sRGB and gAMA decides.
    is_near(of(RED_OF_P3, &[(b"cICP", vec![12, 13, 0, 1]), (b"sRGB", vec![0])]), RED, "code points before sRGB");
    is_near(of(RED_OF_P3, &[(b"sRGB", vec![0]), gamma(45_455), p3.clone()]), RED_OF_P3, "sRGB before primaries");
    is_near(of(RED_OF_P3, &[p3]), RED_OF_P3, "primaries without a gamma");
    for (what, chunk) in [
        ("PQ", (b"cICP", vec![9, 16, 0, 1])),
        ("unknown code points", (b"cICP", vec![200, 200, 0, 1])),
        ("cut code points", (b"cICP", vec![12])),
        ("gamma 0", gamma(0)),
    ] {
        is_near(of(RED_OF_P3, &[chunk]), RED_OF_P3, what);
    }
}

#[test]
fn grey_pictures_have_grey_profiles() {
    let linear = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let grey = DynamicImage::from(picture([51; 3]).to_luma8());
    let with_alpha = DynamicImage::from(grey.to_luma_alpha8());
    for (what, file) in [
        ("JPEG", jpeg(&grey, &icc_parts(&linear, &[0]))),
        ("PNG", png_with(&grey, &[(b"iCCP", iccp(&linear))])),
        ("PNG with alpha", png_with(&with_alpha, &[(b"iCCP", iccp(&linear))])),
        ("PNG by gamma", png_with(&grey, &[(b"gAMA", 100_000_u32.to_be_bytes().to_vec())])),
    ] {
        is_near(sent(&file), [124; 3], what);
    }
    is_near(sent(&png_with(&grey, &[(b"iCCP", iccp(&p3()))])), [51; 3], "a profile of RGB is none");
}

/// A profile by which every mixture of four inks is the same red: tables of 8 bits from CMYK to Lab (ICC.1, 10.10).
fn red_inks() -> Vec<u8> {
    let mut table = b"mft1\0\0\0\0\x04\x03\x02\0".to_vec();
    for at in 0..9 {
        table.extend(if at % 4 == 0 { [0, 1, 0, 0] } else { [0; 4] });
    }
    (0..4).for_each(|_| table.extend(0..=u8::MAX));
    // L from 0 to 100 in 255 steps; a and b with 128 for 0.
    (0..16).for_each(|_| table.extend([136, 128 + 80, 128 + 67]));
    (0..3).for_each(|_| table.extend(0..=u8::MAX));
    let white = b"XYZ \0\0\0\0\0\0\xf6\xd6\0\x01\0\0\0\0\xd3\x2d";
    let at = 128 + 4 + 2 * 12;
    let numbers = |numbers: [usize; 2]| numbers.map(|number| u32::try_from(number).unwrap().to_be_bytes()).concat();
    let tags = [
        &2_u32.to_be_bytes()[..],
        b"A2B0",
        &numbers([at, table.len()]),
        b"wtpt",
        &numbers([at + table.len(), white.len()]),
    ];
    let body = [&tags.concat(), &table[..], white].concat();
    let mut header = vec![0; 128];
    header[..4].copy_from_slice(&u32::try_from(128 + body.len()).unwrap().to_be_bytes());
    header[8..12].copy_from_slice(&[2, 0x40, 0, 0]);
    header[12..24].copy_from_slice(b"prtrCMYKLab ");
    header[36..40].copy_from_slice(b"acsp");
    header[68..80].copy_from_slice(&white[8..]);
    [header, body].concat()
}

#[test]
fn inks_are_mixed_as_their_profile_says() {
    let mut archive = zip::ZipArchive::new(fs::File::open("fixtures/jpeg/pictures.zip").unwrap()).unwrap();
    let is_wanted = |at: &usize, archive: &mut zip::ZipArchive<fs::File>| {
        archive.by_index(*at).unwrap().name().unwrap().contains("plain-0-cmyk-adobe.jpg")
    };
    let at = (0..archive.len()).find(|at| is_wanted(at, &mut archive)).unwrap();
    let mut inks = Vec::new();
    std::io::copy(&mut archive.by_index(at).unwrap(), &mut inks).unwrap();
    let centre = |file: &[u8]| {
        let sent = shown(&prepare_input(file, 4_000).unwrap()).to_rgb8();
        sent.get_pixel(sent.width() / 2, sent.height() / 2).0
    };
    let without = centre(&inks);
    assert!(without.iter().zip(RED).any(|(a, b)| a.abs_diff(b) > 40), "{without:?}");
    is_near(centre(&with_segments(&inks, &icc_parts(&red_inks(), &[0]))), RED, "inks");
    // Of other pixels.
    assert_eq!(centre(&with_segments(&inks, &icc_parts(&p3(), &[0]))), without);
}

#[test]
fn a_photo_with_red_and_blue_in_each_others_place_is_seen_as_its_profile_says() {
    let sent = prepare_input(fs::read("fixtures/sent/icc-red-blue-swapped.jpg").unwrap(), 2_048).unwrap();
    let sent = shown(&sent).to_rgb8();
    let places = [(13, 24), (40, 24), (13, 72), (40, 72)];
    for ((x, y), right) in places.into_iter().zip([[221, 46, 24], [24, 24, 221], [35, 221, 240], [35, 201, 24]]) {
        let seen = sent.get_pixel(x, y).0;
        assert!(seen.iter().zip(right).all(|(a, b)| a.abs_diff(b) <= 18), "{seen:?} is not {right:?} at {x}, {y}");
    }
}
