//! Pictures inside JSON: written without a second copy, read without one.

use std::{borrow::Cow, fmt, ops::Range};

use base64::{
    Engine, alphabet,
    display::Base64Display,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use bytes::Bytes;
use serde::{Deserializer, Serialize, Serializer, de};
use toonmill_domain::{Failure, FailureCode};

use crate::Reference;

/// Bytes that serialise as base64, written straight into the output.
pub(crate) struct Base64<'a>(pub(crate) &'a [u8]);

impl Serialize for Base64<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0, &STANDARD))
    }
}

/// A picture as a data URI. The type is in lower case, as BytePlus ARK insists.
pub(crate) struct DataUri<'a>(pub(crate) &'a Reference);

impl Serialize for DataUri<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let data = Base64Display::new(&self.0.bytes, &STANDARD);
        serializer.collect_str(&format_args!("data:{};base64,{data}", self.0.mime_type.to_ascii_lowercase()))
    }
}

/// How long the base64 of some references is, for buffers that are to be made once.
pub(crate) fn encoded_len(references: &[Reference]) -> usize {
    references.iter().map(|reference| reference.bytes.len().div_ceil(3) * 4).sum()
}

/// For fields that hold a picture: borrowed from the body, unless a `/` or `=` in it was escaped on the way. `null`
/// is the empty text. `Option<Cow>` would always be copied.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    struct Text;

    impl<'de> de::Visitor<'de> for Text {
        type Value = Cow<'de, str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("text or null")
        }

        fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(text))
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Cow::Owned(text.to_owned()))
        }

        fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(""))
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_str(self)
        }
    }

    deserializer.deserialize_option(Text)
}

/// Where the base64 of a picture is.
pub(crate) enum Encoded {
    Inside(Range<usize>),
    Copied(String),
}

impl Encoded {
    pub(crate) fn locate(text: Cow<'_, str>, body: &[u8]) -> Self {
        match text {
            Cow::Borrowed(text) => {
                let start = text.as_ptr().addr().saturating_sub(body.as_ptr().addr());
                Self::Inside(start..start + text.len())
            }
            Cow::Owned(text) => Self::Copied(text),
        }
    }

    pub(crate) fn decode(self, body: Vec<u8>) -> Result<Bytes, Failure> {
        let bytes = match self {
            Self::Inside(range) => decode_in_place(body, range),
            Self::Copied(text) => LENIENT.decode(text).ok(),
        };
        match bytes {
            Some(bytes) if !bytes.is_empty() => Ok(Bytes::from(bytes)),
            Some(_) => Err(Failure::new(FailureCode::Empty).detail("a picture of no bytes")),
            None => Err(Failure::new(FailureCode::InvalidImage).detail("the picture is not base64")),
        }
    }
}

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes that `text` within `buffer` is the base64 of, in the same memory: at 4K the
/// difference is 20 MB. `None` if it is not base64.
fn decode_in_place(mut buffer: Vec<u8>, text: Range<usize>) -> Option<Vec<u8>> {
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
