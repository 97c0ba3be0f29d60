//! What holds the parts together that no compiler compares: the template, the code, the event files and the
//! spelling of stored records.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "what is not there is a test that fails")]

mod alarms;
mod concurrency;
mod costs;
mod events;
mod layers;
mod records;
mod recursion;
mod roles;
mod safety;
mod template;

use std::{fs, path::PathBuf};

/// A path in the repository.
fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The folders under `functions/`.
fn functions() -> Vec<String> {
    let entries = fs::read_dir(repository("functions")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
