//! Attribute values, written and read without a serializer: a record of another shape is an error that names
//! the attribute.

use std::{collections::HashMap, fmt::Display, str::FromStr};

use aws_sdk_dynamodb::types::AttributeValue;
use toonmill_domain::Timestamp;

use crate::error::CloudError;

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn text(value: impl Display) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

pub(crate) fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn time(value: Timestamp) -> AttributeValue {
    number(value.as_millis())
}

pub(crate) fn flag(value: bool) -> AttributeValue {
    AttributeValue::Bool(value)
}

/// A set of numbers. A set attribute cannot be empty, so an empty one is an absent attribute.
pub(crate) fn numbers<N: ToString>(values: impl IntoIterator<Item = N>) -> Option<AttributeValue> {
    let values: Vec<_> = values.into_iter().map(|value| value.to_string()).collect();
    (!values.is_empty()).then_some(AttributeValue::Ns(values))
}

/// A list of texts, which keeps their order.
pub(crate) fn texts(values: &[String]) -> AttributeValue {
    AttributeValue::L(values.iter().map(text).collect())
}

/// Collects attributes, leaving out those that are absent.
#[derive(Default)]
pub(crate) struct Attributes(Item);

impl Attributes {
    pub(crate) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn with_some(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(crate) fn into_item(self) -> Item {
        self.0
    }
}

/// Reads one record.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    item: &'a Item,
    what: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(item: &'a Item, what: &'static str) -> Self {
        Self { item, what }
    }

    pub(crate) fn corrupt(&self, name: &str) -> CloudError {
        CloudError::corrupt(format!("{name} of the {}", self.what))
    }

    /// The names of all attributes.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.item.keys().map(String::as_str)
    }

    pub(crate) fn opt_text(&self, name: &str) -> Result<Option<&'a str>, CloudError> {
        match self.item.get(name) {
            None => Ok(None),
            Some(AttributeValue::S(text)) => Ok(Some(text)),
            Some(_) => Err(self.corrupt(name)),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Result<&'a str, CloudError> {
        self.opt_text(name)?.ok_or_else(|| self.corrupt(name))
    }

    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Result<T, CloudError> {
        self.text(name)?.parse().map_err(|_| self.corrupt(name))
    }

    /// A text that names one of an enum's variants.
    pub(crate) fn named<T>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, CloudError> {
        parse(self.text(name)?).ok_or_else(|| self.corrupt(name))
    }

    pub(crate) fn opt_named<T>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, CloudError> {
        self.opt_text(name)?.map(|text| parse(text).ok_or_else(|| self.corrupt(name))).transpose()
    }

    pub(crate) fn opt_number<T: FromStr>(&self, name: &str) -> Result<Option<T>, CloudError> {
        match self.item.get(name) {
            None => Ok(None),
            Some(AttributeValue::N(digits)) => digits.parse().map(Some).map_err(|_| self.corrupt(name)),
            Some(_) => Err(self.corrupt(name)),
        }
    }

    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Result<T, CloudError> {
        self.opt_number(name)?.ok_or_else(|| self.corrupt(name))
    }

    pub(crate) fn opt_time(&self, name: &str) -> Result<Option<Timestamp>, CloudError> {
        Ok(self.opt_number(name)?.map(Timestamp::from_millis))
    }

    pub(crate) fn time(&self, name: &str) -> Result<Timestamp, CloudError> {
        self.number(name).map(Timestamp::from_millis)
    }

    /// A flag; an absent one is false.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, CloudError> {
        match self.item.get(name) {
            None => Ok(false),
            Some(AttributeValue::Bool(value)) => Ok(*value),
            Some(_) => Err(self.corrupt(name)),
        }
    }

    pub(crate) fn numbers<T: FromStr, C: FromIterator<T>>(&self, name: &str) -> Result<C, CloudError> {
        match self.item.get(name) {
            None => Ok(C::from_iter([])),
            Some(AttributeValue::Ns(values)) => {
                values.iter().map(|digits| digits.parse().map_err(|_| self.corrupt(name))).collect()
            }
            Some(_) => Err(self.corrupt(name)),
        }
    }

    /// The texts of a list; an absent list is empty.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, CloudError> {
        let Some(value) = self.item.get(name) else { return Ok(Vec::new()) };
        let values = value.as_l().map_err(|_| self.corrupt(name))?;
        values.iter().map(|value| value.as_s().cloned().map_err(|_| self.corrupt(name))).collect()
    }

    /// A set of texts; an absent one is empty.
    pub(crate) fn text_set<T: FromStr, C: FromIterator<T>>(&self, name: &str) -> Result<C, CloudError> {
        match self.item.get(name) {
            None => Ok(C::from_iter([])),
            Some(AttributeValue::Ss(values)) => {
                values.iter().map(|text| text.parse().map_err(|_| self.corrupt(name))).collect()
            }
            Some(_) => Err(self.corrupt(name)),
        }
    }

    /// The records of a list; an absent list is empty.
    pub(crate) fn maps(&self, name: &str, what: &'static str) -> Result<Vec<Reader<'a>>, CloudError> {
        match self.item.get(name) {
            None => Ok(Vec::new()),
            Some(AttributeValue::L(values)) => values
                .iter()
                .map(|value| match value {
                    AttributeValue::M(item) => Ok(Reader::new(item, what)),
                    _ => Err(self.corrupt(name)),
                })
                .collect(),
            Some(_) => Err(self.corrupt(name)),
        }
    }

    pub(crate) fn opt_map(&self, name: &str, what: &'static str) -> Result<Option<Reader<'a>>, CloudError> {
        match self.item.get(name) {
            None => Ok(None),
            Some(AttributeValue::M(item)) => Ok(Some(Reader::new(item, what))),
            Some(_) => Err(self.corrupt(name)),
        }
    }
}
