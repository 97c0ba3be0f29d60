//! Query parameters, read by name; all that are wrong are told at once.

use std::{cell::RefCell, str::FromStr};

use axum::extract::{FromRequestParts, Query};
use http::request::Parts;

use crate::{FieldError, Problem};

/// The parameters of a request. Unknown ones are ignored.
#[derive(Debug, Default)]
pub struct Params {
    pairs: Vec<(String, String)>,
    problems: RefCell<Vec<FieldError>>,
}

impl Params {
    pub fn text(&self, name: &str) -> Option<&str> {
        let mut values = self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let value = values.next();
        if values.next().is_some() {
            self.problem(name, "is given more than once");
        }
        value
    }

    pub fn number<T: FromStr + PartialOrd + Copy + std::fmt::Display>(&self, name: &str, from: T, to: T) -> Option<T> {
        let number = self.text(name)?.parse().ok().filter(|number| (&from..=&to).contains(&number));
        if number.is_none() {
            self.problem(name, format!("must be a whole number from {from} to {to}"));
        }
        number
    }

    /// A parameter that names something.
    pub fn named<T>(&self, name: &str, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = parse(self.text(name)?);
        if value.is_none() {
            self.problem(name, format!("must be {expected}"));
        }
        value
    }

    pub fn problem(&self, name: &str, detail: impl Into<String>) {
        self.problems.borrow_mut().push(FieldError::new(format!("/query/{name}"), detail));
    }

    /// To be called once all parameters were read.
    pub fn finish(self) -> Result<(), Problem> {
        let problems = self.problems.into_inner();
        if problems.is_empty() { Ok(()) } else { Err(Problem::invalid(problems)) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let unreadable = |_| Problem::invalid(vec![FieldError::new("/query", "cannot be read")]);
        let Query(pairs) = Query::try_from_uri(&parts.uri).map_err(unreadable)?;
        Ok(Self { pairs, problems: RefCell::default() })
    }
}
