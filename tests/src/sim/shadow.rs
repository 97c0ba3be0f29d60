//! A copy of the table, brought up to date after every write and read without the code under test.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use toonmill_domain::{Epoch, JobId, JobStatus, Round, Stamp};

use super::gate::Key;

/// A record, read leniently: what is missing is nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a>(&'a Value);

#[derive(Debug, Default)]
pub(crate) struct Shadow(BTreeMap<Key, Value>);

impl<'a> Record<'a> {
    pub(crate) const fn new(item: &'a Value) -> Self {
        Self(item)
    }

    pub(crate) fn text(self, name: &str) -> &'a str {
        self.0[name]["S"].as_str().unwrap_or_default()
    }

    pub(crate) fn number(self, name: &str) -> i64 {
        self.0[name]["N"].as_str().and_then(|digits| digits.parse().ok()).unwrap_or(0)
    }

    pub(crate) fn flag(self, name: &str) -> bool {
        self.0[name]["BOOL"].as_bool().unwrap_or(false)
    }

    pub(crate) fn has(self, name: &str) -> bool {
        !self.0[name].is_null()
    }

    pub(crate) fn numbers(self, name: &str) -> BTreeSet<u32> {
        let all = self.0[name]["NS"].as_array();
        all.into_iter().flatten().filter_map(|digits| digits.as_str()?.parse().ok()).collect()
    }

    pub(crate) fn texts(self, name: &str) -> BTreeSet<&'a str> {
        self.0[name]["SS"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    pub(crate) fn part(self, name: &str) -> Self {
        Self(&self.0[name]["M"])
    }

    pub(crate) fn list(self, name: &str) -> Vec<Self> {
        self.0[name]["L"].as_array().into_iter().flatten().map(|value| Self(&value["M"])).collect()
    }

    pub(crate) fn has_ended(self) -> bool {
        JobStatus::parse(self.text("status")).is_some_and(JobStatus::is_terminal)
    }
}

impl Shadow {
    pub(crate) fn get(&self, pk: &str, sk: &str) -> Option<Record<'_>> {
        self.0.get(&(pk.to_owned(), sk.to_owned())).map(Record)
    }

    /// Takes a record as it is now; what it was before.
    pub(crate) fn put(&mut self, key: Key, new: Option<Value>) -> Option<Value> {
        match new {
            Some(item) => self.0.insert(key, item),
            None => self.0.remove(&key),
        }
    }

    /// The records of a partition whose sort keys begin like this.
    pub(crate) fn under<'a>(&'a self, pk: &'a str, prefix: &'a str) -> impl Iterator<Item = (&'a str, Record<'a>)> {
        let from = (pk.to_owned(), prefix.to_owned());
        let same = move |(key, _): &(&'a Key, &'a Value)| key.0 == pk && key.1.starts_with(prefix);
        self.0.range(from..).take_while(same).map(|(key, item)| (key.1.as_str(), Record(item)))
    }

    /// Every job, in the order of the ids.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = (JobId, Record<'_>)> {
        self.0.iter().filter_map(|((pk, sk), item)| {
            let id = pk.strip_prefix("J#").filter(|_| sk == "A")?.parse().ok()?;
            Some((id, Record(item)))
        })
    }

    pub(crate) fn job(&self, job: JobId) -> Option<Record<'_>> {
        self.get(&format!("J#{job}"), "A")
    }

    /// The stages of a job: their number and record.
    pub(crate) fn stages(&self, job: JobId) -> Vec<(u16, Record<'_>)> {
        let pk = format!("J#{job}");
        let mut stages = Vec::new();
        for number in 0..100 {
            let Some(stage) = self.get(&pk, &format!("B#{number:03}")) else { break };
            stages.push((number, stage));
        }
        stages
    }

    /// The slots of a stage that have a record.
    pub(crate) fn slots(&self, job: JobId, stage: u16) -> BTreeMap<u32, Record<'_>> {
        let from = (format!("J#{job}#S{stage:03}"), "0".to_owned());
        let to = (from.0.clone(), "9999~".to_owned());
        self.0.range(from..to).filter_map(|(key, item)| Some((key.1.parse().ok()?, Record(item)))).collect()
    }
}

/// The stamp of a slot's or an attempt's record.
pub(crate) fn stamp_of(record: Record<'_>) -> Option<Stamp> {
    Stamp::from_number(u64::try_from(record.number("stamp")).ok()?)
}

/// The stamp that a stage is at.
pub(crate) fn stage_stamp(stage: Record<'_>) -> Stamp {
    let number = |name| u32::try_from(stage.number(name)).unwrap_or(0);
    Stamp::new(Epoch(number("epoch")), Round(number("round")))
}
