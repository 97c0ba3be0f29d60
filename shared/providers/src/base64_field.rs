//! Pictures inside JSON: written without a second copy, read without one.

use std::ops::Range;

use base64::{
    Engine, alphabet,
    display::Base64Display,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use serde::{Serialize, Serializer};

/// Bytes that serialise as base64, written straight into the output.
pub(crate) struct Base64<'a>(pub(crate) &'a [u8]);

impl Serialize for Base64<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0, &STANDARD))
    }
}

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes that `text` within `buffer` is the base64 of, in the same memory: at 4K the
/// difference is 20 MB. `None` if it is not base64.
pub(crate) fn decode_in_place(mut buffer: Vec<u8>, text: Range<usize>) -> Option<Vec<u8>> {
    // A multiple of four, so that every step but the last decodes to exactly three quarters.
    let mut step = [0; 8192];
    let (mut read, mut written) = (text.start, 0);
    while read < text.end {
        let taken = step.get_mut(..(text.end - read).min(8192))?;
        taken.copy_from_slice(buffer.get(read..read + taken.len())?);
        read += taken.len();
        // What is written never reaches what is still to be read: it is shorter, and starts at 0.
        let decoded = LENIENT.decode_slice(&*taken, buffer.get_mut(written..)?).ok()?;
        if read < text.end && decoded * 4 != taken.len() * 3 {
            return None;
        }
        written += decoded;
    }
    buffer.truncate(written);
    buffer.shrink_to_fit();
    Some(buffer)
}

/// The same for text that is not part of a buffer.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    LENIENT.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_in_place_gives_what_decoding_gives() {
        for length in [0, 1, 2, 3, 6143, 6144, 6145, 50_000] {
            let bytes: Vec<u8> = (0..length).map(|at: u32| at.wrapping_mul(2_654_435_761).to_be_bytes()[1]).collect();
            for text in [STANDARD.encode(&bytes), STANDARD.encode(&bytes).trim_end_matches('=').to_owned()] {
                let buffer = format!("{{\"data\":\"{text}\"}}").into_bytes();
                assert_eq!(decode_in_place(buffer, 9..9 + text.len()).as_deref(), Some(&*bytes), "{length}");
            }
        }
    }

    #[test]
    fn what_is_not_base64_is_refused() {
        for text in ["a", "ab\"d", "=abc", "ab cd"] {
            assert_eq!(decode_in_place(text.into(), 0..text.len()), None, "{text}");
        }
        let padded_in_the_middle = "A".repeat(8190) + "==AAAA";
        assert_eq!(decode_in_place(padded_in_the_middle.clone().into(), 0..padded_in_the_middle.len()), None);
    }
}
