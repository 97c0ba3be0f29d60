//! What Telegram takes. Its texts are counted in UTF-16 units: an emoji is two, a Korean syllable one.
//!
//! The numbers are those of python-telegram-bot 22.8 (`constants.py`), whose megabytes are a million bytes.

use std::borrow::Cow;

/// UTF-16 units of a message's text.
pub const TEXT_UNITS: usize = 4096;
/// UTF-16 units of a caption.
pub const CAPTION_UNITS: usize = 1024;
/// What is sent as a photo.
pub const PHOTO_BYTES: usize = 10_000_000;
/// What is sent as a file.
pub const DOCUMENT_BYTES: usize = 50_000_000;
/// What a bot can download: 20 MB, which some take for 20 MiB.
pub const DOWNLOAD_BYTES: usize = 20 << 20;
/// A photo's width and height together, in pixels.
pub const PHOTO_SIDES: u32 = 10_000;
/// A photo's longer side over its shorter one.
pub const PHOTO_RATIO: u32 = 20;
/// Pictures that are one message.
pub const ALBUM: std::ops::RangeInclusive<usize> = 2..=10;
/// Pictures that one command can ask for: as many as one album takes.
pub const PICTURES: std::ops::RangeInclusive<u8> = 1..=10;

const ELLIPSIS: char = '…';

pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The text before and after so many UTF-16 units; none if there are not so many, or a character would be cut.
pub fn split_at_utf16(text: &str, units: usize) -> Option<(&str, &str)> {
    let mut left = units;
    for (at, char) in text.char_indices() {
        if left == 0 {
            return Some(text.split_at(at));
        }
        left = left.checked_sub(char.len_utf16())?;
    }
    (left == 0).then_some((text, ""))
}

/// The text if it has at most so many UTF-16 units, else its beginning with an ellipsis that fits.
pub fn shortened(text: &str, most_units: usize) -> Cow<'_, str> {
    if utf16_len(text) <= most_units {
        return Cow::Borrowed(text);
    }
    let Some(mut left) = most_units.checked_sub(ELLIPSIS.len_utf16()) else { return Cow::Borrowed("") };
    let cut = text.char_indices().find(|(_, char)| match left.checked_sub(char.len_utf16()) {
        Some(rest) => {
            left = rest;
            false
        }
        None => true,
    });
    let beginning = cut.and_then(|(at, _)| text.get(..at)).unwrap_or(text);
    Cow::Owned(format!("{}{ELLIPSIS}", beginning.trim_end()))
}

/// A caption that Telegram takes; none if it says nothing.
pub fn caption(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    (!text.is_empty()).then(|| shortened(text, CAPTION_UNITS))
}

/// Whether a picture of this size may be sent as a photo. Others are files.
pub fn is_photo(width: u32, height: u32, bytes: usize) -> bool {
    let (long, short) = (width.max(height), width.min(height));
    bytes <= PHOTO_BYTES && width.saturating_add(height) <= PHOTO_SIDES && long <= short.saturating_mul(PHOTO_RATIO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_counted_as_telegram_counts_them() {
        assert_eq!(["", "a", "한", "🎨", "👩‍🎨"].map(utf16_len), [0, 1, 1, 2, 5]);
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        let text = "🎨한a";
        assert_eq!(split_at_utf16(text, 0), Some(("", text)));
        assert_eq!(split_at_utf16(text, 1), None);
        assert_eq!(split_at_utf16(text, 2), Some(("🎨", "한a")));
        assert_eq!(split_at_utf16(text, 3), Some(("🎨한", "a")));
        assert_eq!(split_at_utf16(text, 4), Some((text, "")));
        assert_eq!(split_at_utf16(text, 5), None);
    }

    #[test]
    fn what_is_too_long_ends_in_an_ellipsis_and_fits() {
        assert_eq!(shortened("abc", 3), "abc");
        assert_eq!(shortened("abcd", 3), "ab…");
        assert_eq!(shortened("a bcd", 3), "a…");
        assert_eq!(shortened("🎨🎨", 4), "🎨🎨");
        assert_eq!(shortened("🎨🎨", 3), "🎨…");
        assert_eq!(shortened("🎨🎨", 2), "…");
        assert_eq!(shortened("🎨🎨", 0), "");
        for text in ["가".repeat(5000), "🎨".repeat(5000), "a🎨".repeat(5000)] {
            for most in [CAPTION_UNITS, TEXT_UNITS, TEXT_UNITS + 1] {
                let short = shortened(&text, most);
                assert!((most - 1..=most).contains(&utf16_len(&short)), "{most}");
                assert!(short.ends_with('…'));
            }
        }
    }

    #[test]
    fn a_caption_without_words_is_none() {
        assert_eq!(caption(" \n"), None);
        assert_eq!(caption(" Done. ").as_deref(), Some("Done."));
        assert_eq!(utf16_len(&caption(&"가".repeat(2000)).unwrap()), CAPTION_UNITS);
    }

    #[test]
    fn a_photo_is_light_small_and_not_too_long() {
        assert!(is_photo(5000, 5000, PHOTO_BYTES));
        assert!(!is_photo(5000, 5000, PHOTO_BYTES + 1));
        assert!(!is_photo(5000, 5001, 1));
        assert!(is_photo(2000, 100, 1));
        assert!(!is_photo(100, 2001, 1));
        assert!(!is_photo(u32::MAX, u32::MAX, 1));
    }
}
