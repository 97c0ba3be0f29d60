//! The simulation, in three modes. `SIM_SEEDS=n` plays so many seeds of each, `SIM_FROM=n` begins with another than
//! the first, `SIM_THREADS=n` uses so many threads, and `SIM_SEED=n SIM_MODE=A` replays one seed.

mod players;

use std::{
    fmt::Write,
    sync::{Mutex, PoisonError},
};

use players::{number, told};
use toonmill_tests::sim::{Mode, play};

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
    let mut summary = String::new();
    for (name, count) in &played.report.counts {
        let _ = write!(summary, "\n    {count:>9} {name}");
    }
    println!(
        "mode {}: {seeds} seeds in {seconds:.1} s, {:.1} a second, hash {:016x}{summary}",
        mode.name(),
        f64::from(u32::try_from(seeds).unwrap_or(u32::MAX)) / seconds,
        played.report.trace_hash
    );
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
