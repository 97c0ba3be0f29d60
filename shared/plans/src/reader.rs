//! Reads members of JSON objects by name and type, and notes every one that is wrong where it stands.

use std::{str::FromStr, sync::LazyLock};

use serde_json::{Map, Value};
use toonmill_domain::FileId;

use crate::{findings::Findings, letters};

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

    /// A member of any type, by any of its spellings. Null is the same as absent. Several spellings may be there if they
    /// have one value; two different values are noted as wrong, and neither is used.
    pub fn any(&self, name: &str) -> Given<&'a Value> {
        let all = spellings(name);
        let spelt = || all.iter().filter_map(|name| self.members.get_key_value(name));
        let mut valued = spelt().filter(|(_, value)| !value.is_null());
        let first = valued.next();
        let spelling = first.or_else(|| spelt().next()).map_or(name, |(spelling, _)| spelling);
        let pointer = self.pointer_to(spelling);
        let Some((_, value)) = first else { return Given { pointer, value: None, absent: true } };
        let other = valued.find(|(_, other)| !is_same(value, other));
        if let Some((other, _)) = other {
            let detail = format!("is also given as {}, with another value", self.pointer_to(other));
            if !self.findings.has(&pointer) {
                self.problem(&pointer, detail);
            }
        }
        Given { pointer, value: other.is_none().then_some(value), absent: false }
    }

    /// A member whose name is data, and so has one spelling.
    fn exactly(&self, name: &str) -> Given<&'a Value> {
        let value = self.members.get(name).filter(|value| !value.is_null());
        Given { pointer: self.pointer_to(name), value, absent: value.is_none() }
    }

    fn pointer_to(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, escaped(name))
    }

    pub fn text(&self, name: &str) -> Given<&'a str> {
        self.typed(name, "a string", Value::as_str)
    }

    /// A text that a person wrote, composed (NFC): what is counted, compared, kept and sent is this. Names of models,
    /// URLs and the like are read by [`Self::text`], as they are.
    pub fn words(&self, name: &str) -> Given<String> {
        let given = self.text(name);
        let value = given.value.map(|text| letters::composed(text).into_owned());
        Given { pointer: given.pointer, value, absent: given.absent }
    }

    pub fn flag(&self, name: &str) -> Given<bool> {
        self.typed(name, "true or false", Value::as_bool)
    }

    /// A string where an empty or blank one says nothing: forms send every field, the ones left empty as well.
    pub fn choice(&self, name: &str) -> Given<&'a str> {
        let given = self.text(name);
        if given.value.is_some_and(|text| text.trim().is_empty()) {
            return Given { value: None, absent: true, ..given };
        }
        given
    }

    /// The members of a member. An empty list is an empty object: PHP writes both as `[]`.
    pub fn object(&self, name: &str) -> Given<Self> {
        static EMPTY: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        let findings = self.findings;
        self.any(name).and_then(|pointer, value| {
            let is_empty_list = value.as_array().is_some_and(Vec::is_empty);
            let empty = is_empty_list.then(|| Self { members: &EMPTY, pointer: pointer.to_owned(), findings });
            empty.or_else(|| Fields::of(value, pointer, findings))
        })
    }

    /// A list; of its elements the first `most`, since a body has room for a million. An empty object is an empty list:
    /// languages with one type for both write either.
    pub fn list(&self, name: &str, most: usize) -> Given<List<'a>> {
        static EMPTY: Vec<Value> = Vec::new();
        let read = |value: &'a Value| {
            let is_empty_object = value.as_object().is_some_and(Map::is_empty);
            if is_empty_object { Some(&EMPTY) } else { value.as_array() }
        };
        self.typed(name, "a list", read).and_then(|pointer, values| {
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
        self.ranged(self.any(name), from, to)
    }

    /// A number whose member's name is data, and so has one spelling.
    pub(crate) fn integer_of(&self, name: &str, from: u32, to: u32) -> Given<u32> {
        self.ranged(self.exactly(name), from, to)
    }

    fn ranged(&self, given: Given<&'a Value>, from: u32, to: u32) -> Given<u32> {
        self.read_as(given, "a whole number", whole).and_then(|pointer, number| {
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

    /// A string that is the name of something. A blank one is absent.
    pub fn parsed<T: FromStr>(&self, name: &str, expected: &str) -> Given<T> {
        self.choice(name).and_then(|pointer, text| {
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
        self.read_as(self.any(name), expected, read)
    }

    fn read_as<T>(
        &self,
        given: Given<&'a Value>,
        expected: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Given<T> {
        given.and_then(|pointer, value| {
            let read = read(value);
            if read.is_none() {
                self.problem(pointer, format!("must be {expected}, not {}", kind(value)));
            }
            read
        })
    }
}

/// Whether two values are one: `1` and `1.0` are the same number.
fn is_same(one: &Value, other: &Value) -> bool {
    one == other || one.as_f64().is_some_and(|number| other.as_f64() == Some(number))
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
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_known_by_each_of_its_spellings() {
        let all = ["aspectRatio", "aspectRatio", "aspect_ratio", "aspect-ratio"];
        assert_eq!(spellings("aspectRatio"), all);
        assert_eq!(spellings("aspect_ratio")[1..], all[1..]);
        assert_eq!(spellings("prompt"), ["prompt"; 4]);
    }

    fn with<T>(body: &Value, read: impl FnOnce(&Fields<'_>) -> T) -> (T, Vec<(String, String)>) {
        let findings = Findings::default();
        let read = read(&Fields::of(body, "", &findings).unwrap());
        (read, findings.into_vec().into_iter().map(|finding| (finding.pointer, finding.detail)).collect())
    }

    #[test]
    fn a_null_in_one_spelling_does_not_hide_another() {
        for body in [
            json!({"aspectRatio": null, "aspect_ratio": "9:7"}),
            json!({"aspect_ratio": "9:7", "aspectRatio": null, "aspect-ratio": null}),
            json!({"aspect-ratio": "9:7", "aspect_ratio": "9:7"}),
        ] {
            for name in ["aspectRatio", "aspect_ratio"] {
                let (given, problems) = with(&body, |fields| fields.text(name).owned());
                assert_eq!((given.value.as_deref(), given.absent), (Some("9:7"), false), "{body} {name}");
                assert_eq!(problems, vec![], "{body} {name}");
                assert!(body[given.pointer.trim_start_matches('/')].is_string(), "{}", given.pointer);
            }
        }
        let (given, problems) = with(&json!({"aspect_ratio": null}), |fields| fields.text("aspectRatio").owned());
        assert_eq!(
            (given.value, given.absent, given.pointer.as_str(), problems),
            (None, true, "/aspect_ratio", vec![])
        );
    }

    #[test]
    fn two_spellings_with_two_values_are_a_problem_that_is_told_once() {
        let body = json!({"max_rounds": 3, "maxRounds": 2, "quantity": 1, "input-text": 1.0, "inputText": 1});
        let (given, problems) = with(&body, |fields| {
            assert!(!fields.any("maxRounds").absent);
            fields.require(fields.integer("maxRounds", 1, 9))
        });
        assert_eq!((given.value, given.absent), (None, false));
        let told = "is also given as /max_rounds, with another value".to_owned();
        assert_eq!(problems, [("/maxRounds".to_owned(), told)]);
        let (given, problems) = with(&body, |fields| fields.integer("inputText", 1, 9));
        assert_eq!((given.value, problems), (Some(1), vec![]));
    }

    #[test]
    fn names_that_are_data_have_one_spelling() {
        let body = json!({"O_Neil": 0, "oNeil": 1, "O-Neil": null});
        let (given, problems) =
            with(&body, |fields| ["O_Neil", "oNeil", "O-Neil"].map(|name| fields.integer_of(name, 0, 9).value));
        assert_eq!((given, problems), ([Some(0), Some(1), None], vec![]));
    }

    #[test]
    fn what_says_nothing_in_another_way_is_nothing() {
        let body = json!({"map": [], "list": {}, "ratio": " ", "text": ""});
        let (map, problems) = with(&body, |fields| fields.object("map").value.map(|map| map.names().count()));
        assert_eq!((map, problems), (Some(0), vec![]));
        let (list, problems) = with(&body, |fields| fields.list("list", 9).value.map(|list| list.len));
        assert_eq!((list, problems), (Some(0), vec![]));
        let (ratio, problems) = with(&body, |fields| fields.parsed::<FileId>("ratio", "an id"));
        assert_eq!((ratio.value, ratio.absent, problems), (None, true, vec![]));
        let (text, _) = with(&body, |fields| fields.text("text").owned().value);
        assert_eq!(text.as_deref(), Some(""), "a text may be empty");
        let wrong = json!({"map": [1], "list": {"a": 1}, "ratio": "x"});
        let ((), problems) = with(&wrong, |fields| {
            fields.object("map");
            fields.list("list", 9);
            fields.parsed::<FileId>("ratio", "an id");
        });
        assert_eq!(
            problems.iter().map(|(pointer, _)| pointer.as_str()).collect::<Vec<_>>(),
            ["/map", "/list", "/ratio"]
        );
        assert!(
            Fields::of(&json!([]), "", &Findings::default()).is_none(),
            "an element or a whole body is no empty map"
        );
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
