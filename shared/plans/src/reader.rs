//! Reads members of JSON objects by name and type, and notes every one that is wrong where it stands.

use std::str::FromStr;

use serde_json::{Map, Value};
use toonmill_domain::FileId;

use crate::findings::Findings;

/// The members of one object of the body.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    members: &'a Map<String, Value>,
    pointer: String,
    findings: &'a Findings,
}

/// A member: where it stands (or would), and its value if it is there and of the right type.
#[derive(Clone, Debug)]
pub struct Given<T> {
    pub pointer: String,
    pub value: Option<T>,
    /// Not there at all, or null; not merely wrong.
    pub absent: bool,
}

/// How long a list is, and its first elements with their places.
#[derive(Clone, Debug, Default)]
pub struct List<'a> {
    pub len: usize,
    pub first: Vec<(String, &'a Value)>,
}

impl Given<&str> {
    pub(crate) fn owned(self) -> Given<String> {
        Given { pointer: self.pointer, value: self.value.map(str::to_owned), absent: self.absent }
    }
}

impl<T> Given<T> {
    fn and_then<U>(self, read: impl FnOnce(&str, T) -> Option<U>) -> Given<U> {
        let value = self.value.and_then(|value| read(&self.pointer, value));
        Given { pointer: self.pointer, value, absent: self.absent }
    }
}

impl<'a> Fields<'a> {
    /// The members of a value that must be an object.
    pub fn of(value: &'a Value, pointer: &str, findings: &'a Findings) -> Option<Self> {
        let members = value.as_object();
        if members.is_none() {
            findings.add(pointer, format!("must be an object, not {}", kind(value)));
        }
        members.map(|members| Self { members, pointer: pointer.to_owned(), findings })
    }

    pub fn problem(&self, pointer: &str, detail: impl Into<String>) {
        self.findings.add(pointer, detail);
    }

    /// The names of all members.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.members.keys().map(String::as_str)
    }

    /// A member of any type, by any of its spellings. Null is as good as absent.
    pub fn any(&self, name: &str) -> Given<&'a Value> {
        let spelt = spellings(name).into_iter().find_map(|name| self.members.get_key_value(&name));
        let spelling = spelt.map_or(name, |(spelling, _)| spelling);
        let value = spelt.map(|(_, value)| value).filter(|value| !value.is_null());
        Given { pointer: format!("{}/{}", self.pointer, escaped(spelling)), value, absent: value.is_none() }
    }

    pub fn text(&self, name: &str) -> Given<&'a str> {
        self.typed(name, "a string", Value::as_str)
    }

    pub fn flag(&self, name: &str) -> Given<bool> {
        self.typed(name, "true or false", Value::as_bool)
    }

    pub fn object(&self, name: &str) -> Given<Self> {
        let findings = self.findings;
        self.any(name).and_then(|pointer, value| Fields::of(value, pointer, findings))
    }

    /// A list; of its elements the first `most`, since a body has room for a million.
    pub fn list(&self, name: &str, most: usize) -> Given<List<'a>> {
        self.typed(name, "a list", Value::as_array).and_then(|pointer, values| {
            let first = values.iter().enumerate().take(most);
            let first = first.map(|(at, value)| (format!("{pointer}/{at}"), value)).collect();
            Some(List { len: values.len(), first })
        })
    }

    /// The members of each object in a list of at most `most`.
    pub fn objects(&self, name: &str, most: usize) -> Vec<Self> {
        let list = self.list(name, most);
        let entries = list.value.unwrap_or_default();
        if entries.len > most {
            self.problem(&list.pointer, format!("must hold at most {most}, not {}", entries.len));
        }
        entries.first.into_iter().filter_map(|(at, value)| Fields::of(value, &at, self.findings)).collect()
    }

    pub fn integer(&self, name: &str, from: u32, to: u32) -> Given<u32> {
        self.typed(name, "a whole number", whole).and_then(|pointer, number| {
            let fits = u32::try_from(number).ok().filter(|number| (from..=to).contains(number));
            if fits.is_none() {
                self.problem(pointer, format!("must be from {from} to {to}, not {number}"));
            }
            fits
        })
    }

    pub fn fraction(&self, name: &str) -> Given<f64> {
        self.typed(name, "a number", Value::as_f64)
    }

    /// A string that is the name of something.
    pub fn parsed<T: FromStr>(&self, name: &str, expected: &str) -> Given<T> {
        self.text(name).and_then(|pointer, text| {
            let parsed = text.parse().ok();
            if parsed.is_none() {
                self.problem(pointer, format!("must be {expected}"));
            }
            parsed
        })
    }

    pub fn file_id(&self, pointer: &str, value: &Value) -> Option<FileId> {
        let id = value.as_str().and_then(|text| text.parse().ok());
        if id.is_none() {
            let got = if value.is_string() { String::new() } else { format!(", not {}", kind(value)) };
            self.problem(pointer, format!("must be the id of a file, a string{got}"));
        }
        id
    }

    /// Notes the absence of a member that must be there.
    pub fn require<T>(&self, given: Given<T>) -> Given<T> {
        if given.absent {
            self.problem(&given.pointer, "is required");
        }
        given
    }

    fn typed<T>(&self, name: &str, expected: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Given<T> {
        self.any(name).and_then(|pointer, value| {
            let read = read(value);
            if read.is_none() {
                self.problem(pointer, format!("must be {expected}, not {}", kind(value)));
            }
            read
        })
    }
}

/// A whole number however it is written: `5` and `5.0` are the same number in JSON.
fn whole(value: &Value) -> Option<i128> {
    let integer = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
    integer.or_else(|| {
        let text = value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e15)?.to_string();
        text.parse().ok()
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// `aspectRatio`, `aspect_ratio` and `aspect-ratio`, from either of the first two.
fn spellings(name: &str) -> [String; 4] {
    let joined = |gap: char| {
        name.chars().fold(String::new(), |mut text, c| {
            match c {
                '_' => text.push(gap),
                c if c.is_ascii_uppercase() => text.extend([gap, c.to_ascii_lowercase()]),
                c => text.push(c),
            }
            text
        })
    };
    let camel = name.split('_').enumerate().fold(String::new(), |mut text, (at, word)| {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if at > 0 => text.push(first.to_ascii_uppercase()),
            Some(first) => text.push(first),
            None => {}
        }
        text + letters.as_str()
    });
    [name.to_owned(), camel, joined('_'), joined('-')]
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_by_each_of_its_spellings() {
        let all = ["aspectRatio", "aspectRatio", "aspect_ratio", "aspect-ratio"];
        assert_eq!(spellings("aspectRatio"), all);
        assert_eq!(spellings("aspect_ratio")[1..], all[1..]);
        assert_eq!(spellings("prompt"), ["prompt"; 4]);
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point_and_a_fraction_is_none() {
        let read = |json: &str| whole(&serde_json::from_str(json).unwrap());
        assert_eq!(
            (read("5"), read("5.0"), read("-1"), read("5.5"), read("1e300")),
            (Some(5), Some(5), Some(-1), None, None)
        );
    }
}
