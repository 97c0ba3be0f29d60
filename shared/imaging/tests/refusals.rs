//! What is refused costs no memory: its header says enough. In a program of its own, whose every allocation is counted.

use peak_alloc::PeakAlloc;
use toonmill_imaging::{ImageProblem, inspect_input};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What one refusal may take beside the bytes themselves.
const MOST_BYTES: usize = 1 << 20;

fn png_start(width: u32, height: u32) -> Vec<u8> {
    let mut start = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    start.extend(width.to_be_bytes());
    start.extend(height.to_be_bytes());
    start.extend(b"\x08\x02\0\0\0\0\0\0\0");
    start
}

#[test]
fn bombs_giants_and_stumps_are_refused_in_little_memory() {
    let long = |mut start: Vec<u8>| {
        start.resize(30 << 20, 0);
        start
    };
    let webp = b"RIFF\xff\xff\xff\x01WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff".to_vec();
    let jpeg = b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x11\0\x02\x11\x01\x03\x11\x01".to_vec();
    let jpeg_without_end = b"\xff\xd8\xff\xc0\x00\x11\x08\x10\0\x10\0\x03\x01\x11\0\x02\x11\x01\x03\x11\x01".to_vec();
    let too_long = |width: u32, height: u32| ImageProblem::TooLong { width, height, most: 65_535 };
    for (what, bytes, problem) in [
        ("70,000 pixels wide", long(png_start(70_000, 100)), too_long(70_000, 100)),
        ("70,000 pixels high", long(png_start(100, 70_000)), too_long(100, 70_000)),
        ("a bomb", png_start(16_000, 16_000), ImageProblem::TooLarge { width: 16_000, height: 16_000 }),
        (
            "a bomb beyond counting",
            png_start(u32::MAX, u32::MAX),
            ImageProblem::TooLarge { width: u32::MAX, height: u32::MAX },
        ),
        ("a JPEG bomb", long(jpeg), ImageProblem::TooLarge { width: 65_535, height: 65_535 }),
        ("a WebP bomb", long(webp), ImageProblem::TooLarge { width: 1 << 24, height: 1 << 24 }),
        ("the stump of a PNG", long(png_start(4_000, 3_000)), ImageProblem::Truncated),
        ("the stump of a JPEG", long(jpeg_without_end), ImageProblem::Truncated),
        ("a page", long(b"<html>".to_vec()), ImageProblem::NotAnImage),
        ("nothing", Vec::new(), ImageProblem::NotAnImage),
    ] {
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        assert_eq!(inspect_input(&bytes), Err(problem), "{what}");
        let taken = MEMORY.peak_usage().saturating_sub(before);
        assert!(taken < MOST_BYTES, "{what} took {taken} bytes");
    }
}
