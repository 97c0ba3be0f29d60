//! What was found beside what is written down.

use std::{collections::BTreeMap, env, fs, process::ExitCode};

use serde::{Deserialize, Serialize};

/// A hundredth is chance: hashes are seeded anew in every process, and what comes over a socket comes in other pieces.
const TOLERANCE: f64 = 0.02;
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.json");

/// A thing that is counted, and the most that it may take.
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) instructions: u64,
    pub(crate) most: Option<u64>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Figures {
    compiler: String,
    instructions: BTreeMap<String, u64>,
}

pub(crate) fn compare(measured: &[Measured]) -> ExitCode {
    let mut written: Figures = serde_json::from_str(&fs::read_to_string(FILE).unwrap()).unwrap();
    if env::var_os("UPDATE_INSTRUCTIONS").is_some() {
        // What another compiler made is not beside what this one makes.
        if written.compiler != compiler() {
            written = Figures { compiler: compiler(), instructions: BTreeMap::new() };
        }
        written.instructions.extend(measured.iter().map(|one| (one.name.clone(), one.instructions)));
        fs::write(FILE, serde_json::to_string_pretty(&written).unwrap() + "\n").unwrap();
    }
    let same = written.compiler == compiler();
    if !same {
        println!(
            "the figures are of {}, and this is {}: they are shown and not compared",
            written.compiler,
            compiler()
        );
    }
    let mut good = true;
    for Measured { name, instructions, most } in measured {
        let before = written.instructions.get(name).copied();
        let change = before.map(|before| difference(*instructions, before));
        let told = change.map_or("new".to_owned(), |change| format!("{:+.1} %", change * 100.0));
        let above = most.is_some_and(|most| *instructions > most);
        let grown = same && change.is_none_or(|change| change > TOLERANCE);
        good &= !above && !grown;
        let verdict = match (above, grown) {
            (true, _) => "  MORE THAN IT MAY TAKE",
            (_, true) => "  MORE THAN BEFORE",
            _ => "",
        };
        println!("{name:<58} {:>14} {told:>9}{verdict}", grouped(*instructions));
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[expect(clippy::cast_precision_loss, reason = "billions at most")]
fn difference(now: u64, before: u64) -> f64 {
    now as f64 / before as f64 - 1.0
}

fn compiler() -> String {
    let told = std::process::Command::new("rustc").arg("-vV").output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let of = |name: &str| told.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    format!("rustc {} for {}", of("release:"), of("host:"))
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}
