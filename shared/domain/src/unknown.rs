//! Names that only a newer version knows.

use tinystr::TinyAsciiStr;

/// The longest of our names has 32 characters.
const LONGEST: usize = 48;

/// A name of a record that this version does not know: a newer version wrote it, and this one runs again since a rollback. It is
/// kept as it is written, shown, and written back unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownName(TinyAsciiStr<LONGEST>);

impl UnknownName {
    /// A name as our names are spelt: 1 to 48 lower-case letters, digits, `_`, `-` and `.`. None of anything else, which no
    /// version writes.
    pub fn new(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte);
        let is_name = !text.is_empty() && text.bytes().all(plain);
        TinyAsciiStr::try_from_str(text).ok().filter(|_| is_name).map(Self)
    }

    pub const fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_it_is_written_and_nonsense_is_none() {
        for name in ["moonrise", "moon_rise-2.1", "7", &"m".repeat(LONGEST)] {
            assert_eq!(UnknownName::new(name).unwrap().as_str(), name);
        }
        for nonsense in ["", "Moonrise", "moon rise", "달", "moon\u{0}rise", &"m".repeat(LONGEST + 1)] {
            assert_eq!(UnknownName::new(nonsense), None, "{nonsense:?}");
        }
    }
}
