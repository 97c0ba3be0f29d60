//! `cargo local cost`

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::CostArgs;
use crate::cost::{Habits, Stack, table};
use crate::deploy::template::Template;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace, args: &CostArgs) -> Result<ExitCode> {
    let stack = Stack::read(&Template::load(&workspace.template())?)?;
    let habits = Habits {
        images: f64::from(args.images),
        memory_mb: args.memory.map_or(stack.image_mb, f64::from),
        wait_seconds: args.wait,
        cpu_seconds: f64::from(args.cpu_ms) / 1_000.0,
        batch: f64::from(args.batch),
        polls: f64::from(args.polls),
        held_seconds: args.held,
        image_bytes: f64::from(args.image_kb) * 1_000.0,
        downloads: f64::from(args.downloads),
        provider_usd: args.provider_usd,
    };
    print!("{}", table(&habits, &stack)?);
    Ok(ExitCode::SUCCESS)
}
