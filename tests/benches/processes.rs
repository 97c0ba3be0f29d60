//! What functions take as Lambda runs them: release builds in processes of their own, with real HTTP to the runtime API,
//! to storage and to a provider. CPU is the process's user time, memory its peak.
//!
//! `cargo bench --bench processes` measures all; `cargo bench --bench processes -- images` (`batches`, `api`, `complete`)
//! a part of it.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for measuring")]

mod lambda;
mod processes {
    pub(crate) mod answers;
    pub(crate) mod api;
    pub(crate) mod complete;
    pub(crate) mod images;
    pub(crate) mod usage;
}

use std::env;

use processes::{api, complete, images};

const PARTS: [(&str, fn()); 4] = [
    ("images", images::one_by_one),
    ("batches", images::in_batches),
    ("api", api::requests),
    ("complete", complete::jobs),
];

fn main() {
    // Cargo adds `--bench`.
    let wanted: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    for (name, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|part| part == name) {
            measure();
            println!();
        }
    }
}
