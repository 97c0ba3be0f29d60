//! The simulation: one process in which a seed decides everything that the real world leaves to chance.
//!
//! The real flows run over the real SDK clients. Every call stops at the gate, below the SDK's own retries, where the
//! scheduler answers it, fails it before or after its effect, or never answers; handlers are killed at any await;
//! letters are doubled, delayed, lost and buried; users submit, cancel and retry; the provider plays every outcome.
//! After each write the rules hold, and when nothing moves any more every job has ended and the audit finds nothing.

mod adversary;
mod debts;
mod ending;
mod fates;
mod freeze;
pub(crate) mod gate;
mod handlers;
mod modes;
mod post;
mod rescue;
mod rules;
mod scheduler;
mod shadow;
mod studio;
mod trace;
mod users;
mod watch;

use std::{collections::BTreeMap, fmt};

pub use modes::Mode;

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Tells two runs apart.
    pub trace_hash: u64,
    /// What happened, counted: faults, crashes, doubled letters, jobs by their ends, rescues by their causes.
    pub counts: BTreeMap<String, u64>,
}

/// A run in which something did not hold.
#[derive(Clone, Debug)]
pub struct Broken {
    pub mode: Mode,
    pub seed: u64,
    pub what: Vec<String>,
    /// The last lines of the trace.
    pub trace: String,
}

impl Report {
    pub fn add(&mut self, other: &Self) {
        // In any order: the seeds of a run are played by several threads.
        self.trace_hash = self.trace_hash.wrapping_add(other.trace_hash);
        for (name, count) in &other.counts {
            *self.counts.entry(name.clone()).or_default() += count;
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.trace)?;
        for what in &self.what {
            writeln!(f, "BROKEN: {what}")?;
        }
        write!(f, "replay: SIM_SEED={} SIM_MODE={} cargo simulate", self.seed, self.mode.name())
    }
}

/// Plays one seed in one mode.
pub fn play(mode: Mode, seed: u64) -> Result<Report, Box<Broken>> {
    // The SDK's back-off and the flows' jitter draw from the thread's generator.
    fastrand::seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(scheduler::Simulation::new(mode, seed).run())
}
