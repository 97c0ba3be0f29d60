//! How far a client is: the id of every event that it is sent, and what it says when it comes back.

use std::{fmt, str::FromStr};

/// Written `entry.revision`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The number of the last entry of the job's log that it has, or that was before its first snapshot.
    pub(crate) entry: u64,
    /// The revision of its last snapshot.
    pub(crate) revision: u64,
}

/// Text that is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoPlace;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.entry, self.revision)
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (entry, revision) = text.trim().split_once('.').ok_or(NoPlace)?;
        let number = |text: &str| text.parse().map_err(|_| NoPlace);
        Ok(Self { entry: number(entry)?, revision: number(revision)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_nothing_else_is_one() {
        let place = Place { entry: 12, revision: 345 };
        assert_eq!(place.to_string().parse(), Ok(place));
        for bad in ["", "12", "12.", ".345", "a.b", "-1.2", "1.2.3", "99999999999999999999.1"] {
            assert_eq!(bad.parse::<Place>(), Err(NoPlace), "{bad}");
        }
    }
}
