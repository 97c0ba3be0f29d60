//! Records as the next release may write them: those of this version, with all that this version does not know added to them.
//! `tests/data/next-release.json` says what. This is what a rollback by one release finds.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::World;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NextRelease {
    /// Attributes that every record has besides: one of each type.
    every_record: Map<String, Value>,
    /// What is otherwise about the records of each kind.
    kinds: BTreeMap<String, Vec<Otherwise>>,
}

/// A value at a path into a record, written where its parent is. With a third member only in the place of that value.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Otherwise {
    InPlaceOf(String, Value, Value),
    Set(String, Value),
}

/// What was rewritten.
#[derive(Debug)]
pub struct Rewritten {
    /// The kinds of records of which there was one at least.
    pub kinds: BTreeSet<&'static str>,
    keys: Vec<(String, String)>,
}

fn next_release() -> NextRelease {
    serde_json::from_str(include_str!("../data/next-release.json")).unwrap()
}

/// The kinds of records that the data speaks of.
pub fn kinds() -> BTreeSet<String> {
    next_release().kinds.into_keys().collect()
}

/// Rewrites every record of the table as the next release may have written it.
pub fn rewrite(world: &World) -> Rewritten {
    rewrite_some(world, |_| true)
}

/// The same of the records of some kinds.
pub fn rewrite_some(world: &World, is_wanted: impl Fn(&str) -> bool) -> Rewritten {
    let next = next_release();
    let mut rewritten = Rewritten { kinds: BTreeSet::new(), keys: Vec::new() };
    for mut record in world.network.dynamo().items() {
        let (pk, sk) = key_of(&record);
        let kind = kind_of(&pk, &sk);
        if !is_wanted(kind) {
            continue;
        }
        for otherwise in next.kinds.get(kind).unwrap() {
            otherwise.apply(&mut record);
        }
        record.as_object_mut().unwrap().extend(next.every_record.clone());
        world.network.dynamo().put(&record);
        rewritten.kinds.insert(kind);
        rewritten.keys.push((pk, sk));
    }
    rewritten
}

impl Rewritten {
    /// The additions that are gone from records which are still there.
    pub fn losses(&self, world: &World) -> Vec<String> {
        let next = next_release();
        let mut losses = Vec::new();
        for (pk, sk) in &self.keys {
            let Some(record) = world.network.dynamo().item(pk, sk) else { continue };
            let lost = next.every_record.iter().filter(|(name, value)| !is_same(record.get(*name), value));
            losses.extend(lost.map(|(name, _)| format!("{name} of {pk} {sk}")));
        }
        losses
    }
}

impl Otherwise {
    fn apply(&self, record: &mut Value) {
        let (pointer, value) = match self {
            Self::InPlaceOf(pointer, _, was) if record.pointer(pointer) != Some(was) => return,
            Self::InPlaceOf(pointer, value, _) | Self::Set(pointer, value) => (pointer, value),
        };
        let path: Vec<_> = pointer.split('/').skip(1).collect();
        set(record, &path, value);
    }
}

/// Sets a value at a path, in which `*` is every member of a list. What is no attribute of its own replaces what is there.
fn set(at: &mut Value, path: &[&str], value: &Value) {
    let Some((name, rest)) = path.split_first() else {
        *at = value.clone();
        return;
    };
    match at {
        Value::Array(values) if *name == "*" => values.iter_mut().for_each(|at| set(at, rest, value)),
        Value::Array(values) => {
            if let Some(at) = name.parse::<usize>().ok().and_then(|place| values.get_mut(place)) {
                set(at, rest, value);
            }
        }
        Value::Object(members) => match members.get_mut(*name) {
            Some(at) => set(at, rest, value),
            None if rest.is_empty() && value.is_object() => {
                members.insert((*name).to_owned(), value.clone());
            }
            None => {}
        },
        _ => {}
    }
}

/// Sets have no order.
fn is_same(found: Option<&Value>, expected: &Value) -> bool {
    let sorted = |value: &Value| {
        let mut text: Vec<char> = value.to_string().chars().collect();
        text.sort_unstable();
        text
    };
    found.is_some_and(|found| sorted(found) == sorted(expected))
}

fn key_of(record: &Value) -> (String, String) {
    let text = |name: &str| record[name]["S"].as_str().unwrap().to_owned();
    (text("pk"), text("sk"))
}

/// The kind of the record with this key, as the table of ARCHITECTURE has them.
fn kind_of(pk: &str, sk: &str) -> &'static str {
    let family = pk.split('#').next().unwrap();
    let row = sk.split('#').next().unwrap();
    match (family, row) {
        ("J", _) if pk.contains("#S") => {
            if row == "HASH" {
                "content hash"
            } else {
                "slot"
            }
        }
        ("J", "A") => "job",
        ("J", "B") => "stage",
        ("J", "E") => "event",
        ("U", "A") => "account",
        ("U", "L") => "ledger entry",
        ("U", "JOB") => "row of the list of jobs",
        ("U", "CHAR") => "character",
        ("U", "HIST") => "history",
        ("U", "SHEET") => "sheet",
        ("U", "CUT") => "image of a cut",
        ("U", "F") => "row of the list of files",
        ("U", "UPLOADS") => "uploads",
        ("U", "USER") => "user",
        ("U", "KEY") => "row of a service key",
        ("U", "DW") => "delivery to a server",
        ("U", "DT") => "delivery to a chat",
        ("U", "HOOKS") => "secrets of hooks",
        ("U", "HOOKOFF") => "hook that is off",
        ("FILE", _) => "file",
        ("I", _) => "idempotency",
        ("K", _) => "service key",
        ("R", "H") => "requests of an hour",
        ("R", "D") => "use of a day",
        ("TG", _) => "update",
        ("TC", _) => "chat",
        ("P", "A") => "provider",
        ("P", "M") => "breaker",
        ("P", "T") => "budget",
        _ => panic!("a record of an unknown kind: {pk} {sk}"),
    }
}
