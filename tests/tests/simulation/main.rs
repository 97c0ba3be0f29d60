//! The simulation, in three modes. `SIM_SEEDS=n` plays so many seeds of each, `SIM_FROM=n` begins with another than
//! the first, `SIM_THREADS=n` uses so many threads, and `SIM_SEED=n SIM_MODE=A` replays one seed.

#![expect(clippy::unwrap_used, reason = "a lock that a panic left is a run that failed")]

mod players;

use std::{
    fmt::Write,
    sync::{Mutex, PoisonError},
};

use players::{number, told};
use toonmill_tests::sim::{Mode, Report, play};

/// Seeds of each mode, unless told.
const SEEDS: u64 = 100;

/// The modes take turns, so that each has all threads and their lines do not mix.
static TURN: Mutex<()> = Mutex::new(());

#[expect(clippy::print_stdout, reason = "the summary of a long run is what it is for")]
fn play_all(mode: Mode) {
    if told("SIM_MODE").is_some_and(|only| only != mode.name()) {
        return;
    }
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let one = number("SIM_SEED");
    let from = one.or_else(|| number("SIM_FROM")).unwrap_or(1);
    let seeds = if one.is_some() { 1 } else { number("SIM_SEEDS").unwrap_or(SEEDS) };
    let began = std::time::Instant::now();
    let played = players::play(mode, from..from + seeds);
    if let Some(broken) = played.broken {
        panic!("{broken}\nafter {} seeds", broken.seed - from + 1);
    }
    let seconds = began.elapsed().as_secs_f64();
    let rate = f64::from(u32::try_from(seeds).unwrap_or(u32::MAX)) / seconds;
    let (name, hash) = (mode.name(), played.report.trace_hash);
    println!("mode {name}: {seeds} seeds in {seconds:.1} s, {rate:.1} a second, hash {hash:016x}");
    println!("{}", summary(&played.report));
}

/// The adversity of a run in one line, then everything that was counted.
fn summary(report: &Report) -> String {
    let of = |kinds: &[&str]| -> u64 {
        let counts = report.counts.iter();
        counts.filter(|(name, _)| kinds.iter().any(|kind| name.starts_with(kind))).map(|(_, count)| count).sum()
    };
    let crashes = of(&["handler dies", "handler runs out of time"]);
    let late = of(&["handler dozes", "handler stands still"]);
    let duplicates = of(&["letters doubled", "letters come again", "letters received again", "reconciles in pairs"]);
    let losses = of(&["letters lost", "letters snatched"]);
    let failures = of(&["calls ", "batches refused"]);
    let mut text = format!(
        "    {crashes} handler crashes, {late} late handlers, {duplicates} duplicates, {losses} lost messages, \
         {failures} SDK failures"
    );
    for (name, count) in &report.counts {
        let _ = write!(text, "\n    {count:>9} {name}");
    }
    text
}

#[test]
fn mode_a_faults_losses_and_a_sweep() {
    play_all(Mode::A);
}

#[test]
fn mode_b_no_faults_and_no_sweep() {
    play_all(Mode::B);
}

#[test]
fn mode_c_faults_no_losses_and_a_sweep_only_for_what_nobody_else_notices() {
    play_all(Mode::C);
}

#[test]
fn a_seed_always_plays_the_same() {
    for mode in Mode::ALL {
        for seed in 1..=3 {
            let hashes: Vec<_> = (0..3).map(|_| play(mode, seed).map(|report| report.trace_hash).ok()).collect();
            assert!(hashes[0].is_some() && hashes.windows(2).all(|pair| pair[0] == pair[1]), "{mode:?} {seed}");
        }
    }
}
