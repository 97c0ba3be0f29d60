//! Several threads that play one mode's seeds in order. Which thread plays a seed changes nothing of it.

use std::{
    ops::Range,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use toonmill_tests::sim::{Broken, Mode, Report, play as play_one};

/// How often a long run says how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(5);

/// What the seeds came to.
pub(super) struct Played {
    pub(super) report: Report,
    /// The first seed of all in which something did not hold.
    pub(super) broken: Option<Box<Broken>>,
}

#[expect(clippy::disallowed_methods, reason = "how much to play is the caller's to say, and no setting of a function")]
pub(super) fn told(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

pub(super) fn number(name: &str) -> Option<u64> {
    told(name).map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

/// Plays these seeds until one is broken; those before it are played to their end.
pub(super) fn play(mode: Mode, seeds: Range<u64>) -> Played {
    let next = AtomicU64::new(seeds.start);
    let end = AtomicU64::new(seeds.end);
    let played = Mutex::new(Played { report: Report::default(), broken: None });
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = number("SIM_THREADS").unwrap_or_else(|| u64::try_from(cores).unwrap_or(1));
    thread::scope(|scope| {
        let players: Vec<_> =
            (0..threads.max(1)).map(|_| scope.spawn(|| play_next(mode, &next, &end, &played))).collect();
        let (began, mut said) = (Instant::now(), Instant::now());
        while players.iter().any(|player| !player.is_finished()) {
            thread::park_timeout(Duration::from_millis(50));
            if said.elapsed() >= PROGRESS_EVERY {
                said = Instant::now();
                say(mode, next.load(Ordering::Relaxed) - seeds.start, seeds.end - seeds.start, began.elapsed());
            }
        }
    });
    played.into_inner().unwrap()
}

fn play_next(mode: Mode, next: &AtomicU64, end: &AtomicU64, played: &Mutex<Played>) {
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end.load(Ordering::Relaxed) {
            return;
        }
        match play_one(mode, seed) {
            Ok(report) => played.lock().unwrap().report.add(&report),
            Err(broken) => {
                end.fetch_min(seed, Ordering::Relaxed);
                let first = &mut played.lock().unwrap().broken;
                if first.as_ref().is_none_or(|first| seed < first.seed) {
                    *first = Some(broken);
                }
            }
        }
    }
}

#[expect(clippy::print_stdout, reason = "a run of many minutes says that it goes on")]
fn say(mode: Mode, played: u64, of: u64, time: Duration) {
    println!("mode {}: {played} of {of} seeds in {} s", mode.name(), time.as_secs());
}
