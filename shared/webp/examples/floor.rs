//! The floor: the least that a picture can cost. A provider's answer, read from a file, becomes WebP by nothing but the
//! base64, PNG and WebP libraries, as a whole frame; no check of the picture, no hash, no network, no storage. What the
//! worker costs is compared with it (`cargo bench --bench worker`).
//!
//! ```console
//! $ cargo build --release -p toonmill-webp --example floor
//! $ target/release/examples/floor answer.json 2 10 stored.webp
//! ```
//!
//! The numbers are libwebp's method and how often it is done. What it prints is read by that bench: milliseconds of user
//! time a picture, and the process's peak in kilobytes.
#![expect(unsafe_code, reason = "libwebp is C")]
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a tool for measuring")]

use std::{env, ffi::c_int, fs, io::Cursor, slice};

use base64::{Engine, engine::general_purpose::STANDARD};
use libwebp_sys::{
    WebPConfig, WebPEncode, WebPMemoryWrite, WebPMemoryWriter, WebPMemoryWriterClear, WebPPicture, WebPPictureFree,
    WebPPictureImportRGB,
};

const FIELD: &[u8] = b"\"data\":\"";
/// As the worker stores.
const QUALITY: f32 = 90.0;

fn main() {
    let mut arguments = env::args().skip(1);
    let answer = arguments.next().expect("a file of an answer");
    let method: c_int = arguments.next().expect("a method").parse().expect("a number");
    let times: u32 = arguments.next().expect("how often").parse().expect("a number");
    let mut webp = Vec::new();
    for _ in 0..times {
        webp = picture(fs::read(&answer).expect("a file to read"), method);
    }
    if let Some(path) = arguments.next() {
        fs::write(path, &webp).expect("a file to write");
    }
    println!("{:.2} {}", user_ms() / f64::from(times), peak_kb());
}

fn picture(answer: Vec<u8>, method: c_int) -> Vec<u8> {
    let start = answer.windows(FIELD.len()).position(|bytes| bytes == FIELD).expect("a picture") + FIELD.len();
    let text = answer.get(start..).unwrap_or_default();
    let end = text.iter().position(|byte| *byte == b'"').expect("its end");
    let file = STANDARD.decode(text.get(..end).unwrap_or_default()).expect("base64");
    drop(answer);
    let mut reader = png::Decoder::new(Cursor::new(file)).read_info().expect("a PNG");
    let mut frame = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut frame).expect("a picture");
    assert_eq!(
        (info.color_type, info.bit_depth),
        (png::ColorType::Rgb, png::BitDepth::Eight),
        "the kind that is measured"
    );
    drop(reader);
    encode(frame, info.width, info.height, method)
}

fn encode(frame: Vec<u8>, width: u32, height: u32, method: c_int) -> Vec<u8> {
    let mut config = WebPConfig::new().expect("a configuration");
    (config.quality, config.method) = (QUALITY, method);
    let mut picture = WebPPicture::new().expect("a picture");
    picture.use_argb = 0;
    (picture.width, picture.height) = (width.cast_signed(), height.cast_signed());
    // SAFETY: the frame is `height` rows of three bytes a pixel, as its decoder says, and libwebp reads no more.
    let imported = unsafe { WebPPictureImportRGB(&raw mut picture, frame.as_ptr(), (width * 3).cast_signed()) };
    assert!(imported != 0, "no memory");
    drop(frame);
    let mut writer = WebPMemoryWriter { mem: std::ptr::null_mut(), size: 0, max_size: 0, pad: [0] };
    picture.writer = Some(WebPMemoryWrite);
    picture.custom_ptr = (&raw mut writer).cast();
    // SAFETY: the configuration and the picture are initialised, and the writer is the one that its function expects.
    let encoded = unsafe { WebPEncode(&raw const config, &raw mut picture) };
    assert!(encoded != 0, "libwebp does not encode it");
    // SAFETY: what the writer has, it was given by the call before.
    let webp = unsafe { slice::from_raw_parts(writer.mem, writer.size) }.to_vec();
    // SAFETY: it is the writer's own, and nobody refers to it any more.
    unsafe { WebPMemoryWriterClear(&raw mut writer) };
    // SAFETY: likewise of the picture.
    unsafe { WebPPictureFree(&raw mut picture) };
    webp
}

/// Of this process so far. The kernel counts in hundredths of a second.
fn user_ms() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let ticks = stat.rsplit(')').next().and_then(|fields| fields.split_whitespace().nth(11));
    ticks.expect("a time").parse::<f64>().expect("a number") * 10.0
}

fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse().expect("a number")
}
