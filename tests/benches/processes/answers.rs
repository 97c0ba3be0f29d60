//! A provider's answers with pictures in them.

use std::io::Cursor;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use image::{ImageFormat, Rgb, RgbImage};

/// Waves with a grain: about one and a half bytes a pixel as a PNG, as the pictures of providers have. Each number gives
/// another.
pub(crate) fn answer(side: u32, number: u64) -> Bytes {
    let mut dice = fastrand::Rng::with_seed(number);
    let picture = RgbImage::from_fn(side, side, |x, y| {
        let wave = |at: u32| {
            let [level, ..] = (at * 600 / side).to_le_bytes();
            if level < 128 { level } else { 255 - level }
        };
        Rgb([wave(x), wave(y), wave(x / 2 + y)].map(|level| level + dice.u8(..GRAIN)))
    });
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Png).unwrap();
    let data = BASE64_STANDARD.encode(file.into_inner());
    format!(
        r#"{{"candidates":[{{"content":{{"parts":[{{"inlineData":{{"mimeType":"image/png","data":"{data}"}}}}],"role":"model"}},"finishReason":"STOP","index":0}}],"usageMetadata":{{"promptTokenCount":12,"candidatesTokenCount":1120,"totalTokenCount":1132}},"modelVersion":"gemini-3-pro-image"}}"#
    )
    .into()
}

const GRAIN: u8 = 6;
