//! How a stored picture is shown in a chat: as a PNG, which every client of Telegram's can show, where a photo can be so
//! large; else as a file.
//!
//! The pixels are never whole: the WebP's planes, 1.5 bytes a pixel, become rows of RGB one at a time, which go straight
//! into the PNG. The planes are gone before anything is sent.

mod rows;

use std::io::{self, Write};

use bytes::Bytes;
use png::{BitDepth, ColorType, Compression, Encoder};
use toonmill_imaging::{Format, Header, inspect};
use toonmill_webp::Planes;

use self::rows::Rows;
use crate::{
    limits::{DOCUMENT_BYTES, is_photo},
    upload::{Upload, UploadKind},
};

/// What to send of a stored WebP: a photo `image.png`, or the PNG as a file where it is too large for a photo, or the WebP
/// itself where it is too large even for that, or cannot be decoded. It takes up to 100 ms of CPU a megapixel, and awaits
/// nothing.
pub fn shown(webp: Bytes) -> Upload {
    match png_of(&webp) {
        Some((png, kind)) => Upload { kind, file_name: "image.png", mime_type: "image/png", bytes: png.into() },
        None => Upload {
            kind: UploadKind::Document,
            file_name: "image.webp",
            mime_type: Format::WebP.mime_type(),
            bytes: webp,
        },
    }
}

fn png_of(webp: &[u8]) -> Option<(Vec<u8>, UploadKind)> {
    let Header { format: Format::WebP, width, height } = inspect(webp).ok()? else { return None };
    let planes = toonmill_webp::decode(webp, width, height).ok()?.planes;
    let png = encode(&planes)?;
    let kind = if is_photo(width, height, png.len()) { UploadKind::Photo } else { UploadKind::Document };
    Some((png, kind))
}

/// None if it has more bytes than can be sent.
fn encode(planes: &Planes) -> Option<Vec<u8>> {
    let mut file = Capped(Vec::new());
    let mut encoder = Encoder::new(&mut file, planes.width(), planes.height());
    encoder.set_depth(BitDepth::Eight);
    encoder.set_color(if planes.alpha().is_some() { ColorType::Rgba } else { ColorType::Rgb });
    // Telegram encodes photos anew, so bytes that are saved are worth little, and the CPU for them is billed.
    encoder.set_compression(Compression::Fast);
    let mut writer = encoder.write_header().ok()?;
    let mut stream = writer.stream_writer().ok()?;
    let mut rows = Rows::of(planes);
    while let Some(row) = rows.next_row() {
        stream.write_all(row).ok()?;
    }
    stream.finish().ok()?;
    writer.finish().ok()?;
    Some(file.0)
}

/// A file that can still be sent.
struct Capped(Vec<u8>);

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > DOCUMENT_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
