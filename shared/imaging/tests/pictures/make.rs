//! Pictures to look at, and PNG files put together by hand.

use std::io::Cursor;

use bytes::Bytes;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use toonmill_domain::AspectRatio;
use toonmill_imaging::{Effort, Encoded, ImageProblem, RATIO_TOLERANCE_PERCENT, check_and_encode};

/// A gradient with a disc: 320x180, and so 16:9.
pub(crate) fn drawing() -> DynamicImage {
    RgbImage::from_fn(320, 180, |x, y| {
        let inside = (x.abs_diff(160)).pow(2) + (y.abs_diff(90)).pow(2) < 3000;
        let level = |at: u32, side: u32| u8::try_from(at * 255 / side).unwrap();
        if inside { Rgb([220, 40, 60]) } else { Rgb([level(x, 320), level(y, 180), 120]) }
    })
    .into()
}

pub(crate) fn file(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, format).unwrap();
    file.into_inner()
}

pub(crate) fn stored(file: &[u8]) -> Result<Encoded, ImageProblem> {
    check_and_encode(Bytes::copy_from_slice(file), AspectRatio::WIDE, RATIO_TOLERANCE_PERCENT, Effort::default())
}

/// The pixels of a stored picture.
pub(crate) fn shown(webp: &[u8]) -> DynamicImage {
    image::load_from_memory_with_format(webp, ImageFormat::WebP).unwrap()
}

/// How far two pictures are apart, as the mean difference of a channel in grey levels.
pub(crate) fn difference(one: &DynamicImage, other: &DynamicImage) -> u64 {
    let (one, other) = (one.to_rgba8(), other.to_rgba8());
    assert_eq!(one.dimensions(), other.dimensions());
    let sum: u64 = one.iter().zip(other.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum / u64::try_from(one.len()).unwrap()
}

/// A PNG of these chunks, with right checksums and whatever they claim.
pub(crate) fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in chunks {
        let body = [name.as_slice(), data].concat();
        file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        file.extend(&body);
        file.extend(crc32(&body).to_be_bytes());
    }
    file
}

/// Width, height, bits a sample, colour type, and the three methods, which are always 0.
pub(crate) fn ihdr(width: u32, height: u32, bits: u8, colour: u8) -> Vec<u8> {
    [&width.to_be_bytes()[..], &height.to_be_bytes(), &[bits, colour, 0, 0, 0]].concat()
}

/// Uncompressed blocks in a zlib stream.
pub(crate) fn zlib(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let blocks: Vec<_> = data.chunks(0xffff).collect();
    for (at, block) in blocks.iter().enumerate() {
        let length = u16::try_from(block.len()).unwrap();
        stream.push(u8::from(at + 1 == blocks.len()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(*block);
    }
    let (low, high) = data.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    stream.extend((high << 16 | low).to_be_bytes());
    stream
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// A segment of a JPEG.
pub(crate) fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker][..], &length, body].concat()
}

/// A JPEG with these segments before all of its own.
pub(crate) fn with_segments(jpeg: &[u8], segments: &[Vec<u8>]) -> Vec<u8> {
    [&jpeg[..2], &segments.concat(), &jpeg[2..]].concat()
}
