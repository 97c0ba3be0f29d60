//! `cargo local cost`

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::CostArgs;
use crate::cost::{Habits, table};

pub(crate) fn run(args: &CostArgs) -> Result<ExitCode> {
    let habits = Habits {
        images: f64::from(args.images),
        memory_mb: f64::from(args.memory),
        wait_seconds: args.wait,
        cpu_seconds: f64::from(args.cpu_ms) / 1_000.0,
        batch: f64::from(args.batch),
        polls: f64::from(args.polls),
        image_bytes: f64::from(args.image_kb) * 1_000.0,
        downloads: f64::from(args.downloads),
        provider_usd: args.provider_usd,
    };
    print!("{}", table(&habits)?);
    Ok(ExitCode::SUCCESS)
}
