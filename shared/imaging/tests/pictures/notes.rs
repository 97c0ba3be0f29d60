//! Notes (EXIF) of how a picture is to be turned, broken in every way but in the one entry that matters.

use std::fs;

use image::{DynamicImage, ImageFormat};
use toonmill_imaging::inspect_input;

use crate::make::{drawing, file, ihdr, png, segment, with_segments, zlib};

const SHORT: u16 = 3;
const LONG: u16 = 4;

/// A TIFF of one byte order, put together by hand.
#[derive(Clone, Copy)]
struct Tiff {
    big: bool,
}

impl Tiff {
    fn u16(self, value: u16) -> [u8; 2] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn u32(self, value: u32) -> [u8; 4] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn entry(self, tag: u16, kind: u16, count: u32, value: [u8; 4]) -> Vec<u8> {
        [&self.u16(tag)[..], &self.u16(kind), &self.u32(count), &value].concat()
    }

    fn short(self, value: u16) -> [u8; 4] {
        let [a, b] = self.u16(value);
        [a, b, 0, 0]
    }

    fn turned(self) -> Vec<u8> {
        self.entry(0x0112, SHORT, 1, self.short(6))
    }

    /// The header, and a directory at 8 that says that it has `count` entries and that the next one is at `next`.
    fn directory(self, count: u16, entries: &[Vec<u8>], next: u32) -> Vec<u8> {
        let mark = if self.big { b"MM" } else { b"II" };
        let header = [&mark[..], &self.u16(42), &self.u32(8), &self.u16(count)].concat();
        [header, entries.concat(), self.u32(next).to_vec()].concat()
    }

    fn note(self, entries: &[Vec<u8>], next: u32) -> Vec<u8> {
        self.directory(u16::try_from(entries.len()).unwrap(), entries, next)
    }
}

/// Notes with orientation 6 in them, and something else that is broken.
fn broken(tiff: Tiff) -> Vec<(&'static str, Vec<u8>)> {
    let outside = tiff.u32(0x00ff_fff0);
    let gps_at = 8 + 2 + 2 * 12 + 4;
    let pointer = |tag: u16, value: [u8; 4]| tiff.entry(tag, LONG, 1, value);
    let gps = [&tiff.u16(1)[..], &tiff.entry(1, 2, 2, *b"N\0\0\0"), &tiff.u32(u32::MAX)].concat();
    let elsewhere = |kind: u16, values: &[u8]| {
        let entry = tiff.entry(0x0112, kind, 3, tiff.u32(8 + 2 + 12 + 4));
        [tiff.note(&[entry], 0), values.to_vec()].concat()
    };
    vec![
        ("whole", tiff.note(&[tiff.turned()], 0)),
        ("a long", tiff.note(&[tiff.entry(0x0112, LONG, 1, tiff.u32(6))], 0)),
        ("a byte", tiff.note(&[tiff.entry(0x0112, 1, 1, [6, 0, 0, 0])], 0)),
        ("a signed short", tiff.note(&[tiff.entry(0x0112, 8, 1, tiff.short(6))], 0)),
        ("two shorts", tiff.note(&[tiff.entry(0x0112, SHORT, 2, tiff.short(6))], 0)),
        ("no count", tiff.note(&[tiff.entry(0x0112, SHORT, 0, tiff.short(6))], 0)),
        ("a count beyond the note", tiff.note(&[tiff.entry(0x0112, SHORT, u32::MAX, tiff.short(6))], 0)),
        ("three shorts elsewhere", elsewhere(SHORT, &[tiff.u16(6), tiff.u16(1), tiff.u16(1)].concat())),
        ("the next directory outside", tiff.note(&[tiff.turned()], 0x00ff_0000)),
        ("the next directory at -1", tiff.note(&[tiff.turned()], u32::MAX)),
        ("the next directory is this one", tiff.note(&[tiff.turned()], 8)),
        ("the Exif directory outside", tiff.note(&[tiff.turned(), pointer(0x8769, outside)], 0)),
        ("the Exif directory is this one", tiff.note(&[tiff.turned(), pointer(0x8769, tiff.u32(8))], 0)),
        ("the GPS directory outside", tiff.note(&[tiff.turned(), pointer(0x8825, outside)], 0)),
        (
            "after the GPS directory one at -1",
            [tiff.note(&[tiff.turned(), pointer(0x8825, tiff.u32(gps_at))], 0), gps].concat(),
        ),
        ("a text outside before", tiff.note(&[tiff.entry(0x010f, 2, 99, outside), tiff.turned()], 0)),
        ("an unknown type before", tiff.note(&[tiff.entry(0x010f, 77, 9, [9; 4]), tiff.turned()], 0)),
        ("type 0 before", tiff.note(&[tiff.entry(0x010f, 0, 0, [0; 4]), tiff.turned()], 0)),
        ("a huge count before", tiff.note(&[tiff.entry(0x010f, 12, u32::MAX, outside), tiff.turned()], 0)),
        ("tags out of order", tiff.note(&[tiff.entry(0x0131, 2, 2, *b"a\0\0\0"), tiff.turned()], 0)),
        (
            "an impossible orientation before",
            tiff.note(&[tiff.entry(0x0112, SHORT, 1, tiff.short(0)), tiff.turned()], 0),
        ),
        ("more entries promised than there are", tiff.directory(40, &[tiff.turned()], 0)),
        ("65,535 entries promised", tiff.directory(u16::MAX, &[tiff.turned()], 0)),
        ("cut after the entry", tiff.directory(3, &[tiff.turned()], 0)[..8 + 2 + 12].to_vec()),
        ("cut in the next entry", tiff.note(&[tiff.turned(), tiff.turned()], 0)[..8 + 2 + 12 + 5].to_vec()),
        ("bytes behind", [tiff.note(&[tiff.turned()], 0), vec![0xff; 33]].concat()),
        ("another magic number", {
            let mut note = tiff.note(&[tiff.turned()], 0);
            note[2..4].copy_from_slice(&tiff.u16(0x55));
            note
        }),
    ]
}

fn notes() -> impl Iterator<Item = (String, Vec<u8>)> {
    [false, true].into_iter().flat_map(|big| {
        let order = if big { "big-endian" } else { "little-endian" };
        broken(Tiff { big }).into_iter().map(move |(what, note)| (format!("{what}, {order}"), note))
    })
}

/// A JPEG with these segments before all others.
fn jpeg(segments: &[Vec<u8>]) -> Vec<u8> {
    with_segments(&file(&small(), ImageFormat::Jpeg), segments)
}

fn small() -> DynamicImage {
    drawing().resize_exact(160, 90, image::imageops::FilterType::Nearest)
}

/// A WebP in the extended form, with this chunk behind the picture.
fn webp(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let plain = file(&small(), ImageFormat::WebP);
    let extended = b"VP8X\x0a\0\0\0\x08\0\0\0\x9f\0\0\x59\0\0";
    let padding = vec![0; data.len() % 2];
    let chunk = [&name[..], &u32::try_from(data.len()).unwrap().to_le_bytes(), data, &padding].concat();
    let body = [b"WEBP", &extended[..], &plain[12..], &chunk].concat();
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

fn of_chunk(name: [u8; 4], data: &[u8], is_last: bool) -> Vec<u8> {
    let (header, rows) = (ihdr(160, 90, 8, 2), zlib(&vec![0; 90 * 481]));
    let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"IHDR", &header), (b"IDAT", &rows), (b"IEND", &[])];
    chunks.insert(if is_last { 2 } else { 1 }, (&name, data));
    png(&chunks)
}

/// 160x90 that looks like 90x160.
fn is_turned(what: &str, file: &[u8]) {
    let header = inspect_input(file).unwrap();
    assert_eq!((header.width, header.height, header.turned), (90, 160, true), "{what}");
}

#[test]
fn what_else_is_broken_in_a_note_hides_no_orientation() {
    for (what, note) in notes() {
        for prefix in [&b"Exif\0\0"[..], b"Exif\0\xff", b"Exif\0\0Exif\0\0"] {
            is_turned(&format!("JPEG: {what}"), &jpeg(&[segment(0xe1, &[prefix, &note].concat())]));
        }
        for prefix in [&b""[..], b"Exif\0\0"] {
            let note = [prefix, &note].concat();
            is_turned(&format!("WebP: {what}"), &webp(*b"EXIF", &note));
            is_turned(&format!("PNG: {what}"), &of_chunk(*b"eXIf", &note, false));
            is_turned(&format!("PNG, at its end: {what}"), &of_chunk(*b"eXIf", &note, true));
        }
    }
}

#[test]
fn a_note_is_found_behind_other_segments_and_behind_a_note_that_says_nothing() {
    let tiff = Tiff { big: true };
    let note = segment(0xe1, &[b"Exif\0\0", &tiff.note(&[tiff.turned()], 0)[..]].concat());
    let silent = segment(0xe1, &[b"Exif\0\0", &tiff.note(&[], 0)[..]].concat());
    let xmp = segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x/>");
    let comment = segment(0xfe, b"II*\0\x08\0\0\0");
    for (what, segments) in [
        ("XMP before", vec![xmp.clone(), note.clone()]),
        ("XMP behind", vec![note.clone(), xmp.clone()]),
        ("a comment before", vec![comment, note.clone()]),
        ("a silent note before", vec![silent, note.clone()]),
        ("an empty segment before", vec![segment(0xe1, b""), note.clone()]),
        ("bytes of no segment before", vec![xmp, b"\0\0\0".to_vec(), note.clone()]),
        ("filling before", vec![vec![0xff; 9], note]),
    ] {
        is_turned(what, &jpeg(&segments));
    }
}

#[test]
fn a_note_without_a_usable_orientation_leaves_the_picture_upright() {
    let tiff = Tiff { big: false };
    let one = |kind: u16, value: [u8; 4]| tiff.note(&[tiff.entry(0x0112, kind, 1, value)], 0);
    for (what, note) in [
        ("empty", Vec::new()),
        ("only a header", b"II*\0\x08\0\0\0".to_vec()),
        ("no directory", b"II*\0\xff\xff\xff\xff".to_vec()),
        ("no byte order", tiff.note(&[tiff.turned()], 0).split_off(2)),
        ("orientation 0", one(SHORT, tiff.short(0))),
        ("orientation 9", one(SHORT, tiff.short(9))),
        ("orientation 262", one(SHORT, tiff.short(262))),
        ("a text", one(2, *b"6\0\0\0")),
        ("of the thumbnail alone", tiff.note(&[tiff.entry(0x0100, SHORT, 1, tiff.short(6))], 26)),
    ] {
        for file in [jpeg(&[segment(0xe1, &[b"Exif\0\0", &note[..]].concat())]), webp(*b"EXIF", &note)] {
            let header = inspect_input(&file).unwrap();
            assert_eq!((header.width, header.height, header.turned), (160, 90, false), "{what}");
        }
    }
}

#[test]
fn photos_with_broken_notes_are_seen_upright() {
    for name in ["exif-gps-next.jpg", "exif-ifd1-outside.jpg", "exif-sub-outside.jpg", "exif-prefix.webp"] {
        let header = inspect_input(&fs::read(format!("fixtures/sent/{name}")).unwrap()).unwrap();
        assert_eq!((header.width, header.height, header.turned), (54, 96, true), "{name}");
    }
}
