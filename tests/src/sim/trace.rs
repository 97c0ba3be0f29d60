//! The trace of a run: a hash that tells two runs apart, and the lines that a failing seed prints.

use std::{collections::VecDeque, fmt::Write};

use toonmill_domain::Timestamp;

/// More lines than a run usually has.
const KEPT: usize = 6_000;

#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    lines: VecDeque<String>,
    began: Timestamp,
}

impl Trace {
    pub(crate) fn new(began: Timestamp) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, lines: VecDeque::new(), began }
    }

    pub(crate) fn note(&mut self, now: Timestamp, line: &str) {
        let millis = now.since(self.began).as_millis();
        let mut full = format!("{:>9}.{:03}  ", millis / 1_000, millis % 1_000);
        let _ = full.write_str(line);
        // FNV-1a: nothing here is worth a stronger one.
        for byte in full.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.lines.push_back(full);
        if self.lines.len() > KEPT {
            self.lines.pop_front();
        }
    }

    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }

    /// The last lines.
    pub(crate) fn tail(&self, count: usize) -> String {
        let skip = self.lines.len().saturating_sub(count);
        self.lines.iter().skip(skip).map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}
