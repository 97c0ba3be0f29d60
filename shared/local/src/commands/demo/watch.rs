//! Progress while a job runs: a bar per stage on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal as _, stderr};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::api::{Api, Job};
use crate::pause;

/// However often the job changes: so many requests are within what a minute allows.
const PACE: Duration = Duration::from_millis(1_200);
/// Without a terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

pub(super) async fn until_ended(api: &Api, id: &str) -> Result<Job> {
    let mut display = Display::new();
    let mut revision = 0;
    loop {
        let asked = Instant::now();
        let job = api.job(id, revision).await?;
        revision = job.revision;
        display.show(&job)?;
        if job.ended() {
            display.finish();
            return Ok(job);
        }
        pause(PACE.saturating_sub(asked.elapsed())).await;
    }
}

enum Display {
    Bars(MultiProgress, Vec<ProgressBar>),
    Lines { last: Option<Instant> },
}

impl Display {
    fn new() -> Self {
        if stderr().is_terminal() { Self::Bars(MultiProgress::new(), Vec::new()) } else { Self::Lines { last: None } }
    }

    fn show(&mut self, job: &Job) -> Result<()> {
        match self {
            Self::Bars(all, bars) => {
                for (index, stage) in job.stages.iter().enumerate() {
                    if bars.len() <= index {
                        bars.push(all.add(bar(index, stage.quantity)?));
                    }
                    let bar = bars.get(index).context("a bar for every stage")?;
                    bar.set_position(stage.stored);
                    bar.set_message(note(stage.round, stage.given_up));
                }
            }
            Self::Lines { last } => {
                let due = last.is_none_or(|last| last.elapsed() >= LINE_EVERY);
                if due || job.ended() {
                    *last = Some(Instant::now());
                    eprintln!("{}", line(job));
                }
            }
        }
        Ok(())
    }

    fn finish(self) {
        if let Self::Bars(_, bars) = self {
            for bar in bars {
                bar.abandon();
            }
        }
    }
}

fn bar(index: usize, quantity: u64) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("{prefix} {wide_bar:.cyan/blue} {pos:>4}/{len} {elapsed:>4} {msg}")?;
    let bar = ProgressBar::new(quantity).with_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    bar.set_prefix(format!("stage {index}"));
    bar.enable_steady_tick(Duration::from_millis(500));
    Ok(bar)
}

fn note(round: u64, given_up: u64) -> String {
    match given_up {
        0 => format!("round {round}"),
        missing => format!("round {round}, {missing} given up"),
    }
}

fn line(job: &Job) -> String {
    let stages = job.stages.iter().enumerate().map(|(index, stage)| {
        let note = note(stage.round, stage.given_up);
        format!("stage {index}: {}/{} ({note})", stage.stored, stage.quantity)
    });
    format!("{}: {}", job.status, stages.collect::<Vec<_>>().join(", "))
}
