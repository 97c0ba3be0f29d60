//! JSON, read with the place of every value, so that a value that cannot be one is told by its pointer.

use std::{
    cell::{Cell, RefCell},
    fmt::{self, Write as _},
};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Error, Map, Number, Value, map::Entry};

use crate::{FieldError, Problem, ProblemKind};

/// How many members that are there twice are reported. A body of 5 MB could hold a hundred thousand of them.
const MOST_TWICE: usize = 100;
/// A pointer ends before a name that is longer than this many bytes.
const LONGEST_NAME: usize = 128;

/// Reads a text that is more than white space.
pub(super) fn parse(text: &str) -> Result<Value, Problem> {
    let place = Place::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Node(&place).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    let value = read.map_err(|error| place.problem(&error))?;
    let twice = place.twice.into_inner();
    if twice.is_empty() { Ok(value) } else { Err(Problem::invalid(twice)) }
}

/// Where in the document the parser is. After a failure: where it failed.
#[derive(Default)]
struct Place {
    steps: RefCell<Vec<Step>>,
    /// Whether a member's name is being read, and not a value.
    in_name: Cell<bool>,
    twice: RefCell<Vec<FieldError>>,
}

enum Step {
    Member(String),
    Element(usize),
}

impl Place {
    fn pointer(&self) -> String {
        self.steps.borrow().iter().take_while(|step| step.is_short()).fold(String::new(), |mut pointer, step| {
            // Writing to a string does not fail.
            let _ = match step {
                Step::Member(name) => write!(pointer, "/{}", name.replace('~', "~0").replace('/', "~1")),
                Step::Element(at) => write!(pointer, "/{at}"),
            };
            pointer
        })
    }

    /// Reads a value that stands one step further.
    fn at<T, E>(&self, step: Step, read: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.steps.borrow_mut().push(step);
        let value = read()?;
        self.steps.borrow_mut().pop();
        Ok(value)
    }

    /// What is wrong where the parser stopped. Its own words would repeat parts of the body, so only the beginnings of
    /// those are looked at that are about a value and not about the grammar (`serde_json::error::ErrorCode`, 1.0).
    fn problem(&self, error: &Error) -> Problem {
        let told = error.to_string();
        let detail = if told.starts_with("number out of range") {
            "is a number that no 64-bit float holds (its size is beyond 1.8e308)"
        } else if told.starts_with("lone leading surrogate") || told.starts_with("unexpected end of hex escape") {
            if self.in_name.get() {
                "has a member whose name has half of a surrogate pair in it, which is no character"
            } else {
                "has half of a surrogate pair in it (an escape from \\ud800 to \\udfff without its other half), which is no character"
            }
        } else if told.starts_with("recursion limit exceeded") {
            return Problem::new(ProblemKind::MalformedJson, "The JSON is nested too deeply: 127 levels are read.");
        } else {
            let (line, column) = (error.line(), error.column());
            let detail = format!("The JSON breaks off or is wrong at line {line}, column {column}.");
            return Problem::new(ProblemKind::MalformedJson, detail);
        };
        Problem::invalid(vec![FieldError::new(self.pointer(), detail)])
    }

    /// One of the two values of a member that is there twice, if they do not contradict each other. Null is no value.
    fn either(&self, name: &str, first: Value, second: Value) -> Value {
        let is_same_number = || first.as_f64().is_some_and(|first| second.as_f64() == Some(first));
        if second.is_null() || first == second || is_same_number() {
            return first;
        }
        if !first.is_null() {
            self.steps.borrow_mut().push(Step::Member(name.to_owned()));
            let pointer = self.pointer();
            self.steps.borrow_mut().pop();
            let mut twice = self.twice.borrow_mut();
            if twice.len() < MOST_TWICE && twice.iter().all(|known| known.pointer != pointer) {
                twice.push(FieldError::new(pointer, "is there more than once, with different values"));
            }
        }
        second
    }
}

impl Step {
    fn is_short(&self) -> bool {
        match self {
            Self::Member(name) => name.len() <= LONGEST_NAME,
            Self::Element(_) => true,
        }
    }
}

/// A value of any type, at the place where the parser is.
#[derive(Clone, Copy)]
struct Node<'p>(&'p Place);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        // The parser refuses what is not finite before it comes here.
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = self.0.at(Step::Element(values.len()), || elements.next_element_seed(self))? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        loop {
            self.0.in_name.set(true);
            let Some(name) = members.next_key::<String>()? else { break };
            self.0.in_name.set(false);
            let value = self.0.at(Step::Member(name.clone()), || members.next_value_seed(self))?;
            match values.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                Entry::Occupied(mut entry) => {
                    let first = entry.get_mut().take();
                    let value = self.0.either(entry.key(), first, value);
                    entry.insert(value);
                }
            }
        }
        self.0.in_name.set(false);
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(text: &str) -> String {
        format!("{:?}", parse(text).unwrap_err())
    }

    #[test]
    fn json_of_every_type_is_read_as_it_is() {
        for text in [
            r#"{"a": [1, -2, 3.5, 1e3, 18446744073709551615, true, false, null, "\ud83d\ude00 가 \n", {}, []], "b/c~": {"": 0}}"#,
            "0",
            "null",
            " [ ] ",
            "1e-400",
        ] {
            assert_eq!(parse(text).unwrap(), serde_json::from_str::<Value>(text).unwrap(), "{text}");
        }
    }

    #[test]
    fn broken_json_is_told_by_its_line_and_column() {
        for text in ["{", "{\"a\": }", "[1,]", "{} {}", "'a'", "nul", "{a: 1}", "NaN", r#""\ud8zz""#, "01", "\"a\nb\""]
        {
            let refused = refused(text);
            assert!(refused.contains("MalformedJson") && refused.contains("at line"), "{text} {refused}");
        }
    }

    #[test]
    fn half_of_a_surrogate_pair_has_a_pointer_wherever_it_is() {
        for (text, pointer) in [
            (r#"{"stages": [{"prompt": "a"}, {"prompt": "a cat \ud83d"}]}"#, "/stages/1/prompt"),
            (r#"{"a": 1, "unread": {"b/c~d": ["\ude00"]}}"#, "/unread/b~1c~0d/0"),
            (r#""\ud83dx""#, ""),
            (r#"["\ud83d\ud83d"]"#, "/0"),
            (r#"["\ud83d\n"]"#, "/0"),
            (r#"{"a": {"\udc00": 1}}"#, "/a"),
            (r#"{"a": {"b": {}, "\udc00": 1}}"#, "/a"),
        ] {
            let refused = refused(text);
            assert!(refused.contains("InvalidRequest") && refused.contains("surrogate"), "{text} {refused}");
            assert!(refused.contains(&format!("pointer: {pointer:?}")), "{text} {refused}");
            assert_eq!(refused.contains("member whose name"), pointer == "/a", "{refused}");
        }
    }

    #[test]
    fn a_number_that_cannot_be_held_has_a_pointer() {
        let digits = format!("{{\"a\": [0, {}]}}", "9".repeat(400));
        for (text, pointer) in
            [(r#"{"unread": 1e400}"#, "/unread"), (r#"{"a": [0, -1e999]}"#, "/a/1"), (&digits, "/a/1")]
        {
            let refused = refused(text);
            assert!(refused.contains("64-bit") && refused.contains(&format!("pointer: {pointer:?}")), "{refused}");
        }
    }

    #[test]
    fn a_member_may_be_there_twice_only_with_one_value() {
        assert_eq!(
            parse(r#"{"a": 1, "a": 1.0, "b": null, "b": 2, "c": 3, "c": null}"#).unwrap(),
            json!({"a": 1, "b": 2, "c": 3})
        );
        let refused = refused(r#"{"x": {"a": 1, "a": 2, "a": 3}, "b": "y", "b": ["y"], "c": 0}"#);
        assert!(refused.contains("InvalidRequest"), "{refused}");
        assert!(refused.contains(r#"pointer: "/x/a""#) && refused.contains(r#"pointer: "/b""#), "{refused}");
        assert_eq!(refused.matches("FieldError").count(), 2, "{refused}");
        let many: Vec<_> = (0..1_000).map(|at| format!("\"{at}\": 1, \"{at}\": 2")).collect();
        let Err(problem) = parse(&format!("{{{}}}", many.join(","))) else { panic!("taken") };
        assert_eq!(format!("{problem:?}").matches("FieldError").count(), MOST_TWICE);
    }

    #[test]
    fn depth_and_names_are_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(127)).is_ok());
        let refused = refused(&nested(128));
        assert!(refused.contains("MalformedJson") && refused.contains("127 levels"), "{refused}");
        let long = format!("{{\"a\": {{\"{}\": 1e400}}}}", "n".repeat(1_000));
        assert!(format!("{:?}", parse(&long)).contains(r#"pointer: "/a""#));
    }
}
