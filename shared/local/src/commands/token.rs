//! `cargo local token`

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::cli::TokenArgs;
use crate::tokens::SigningKey;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace, args: &TokenArgs) -> Result<ExitCode> {
    let life = Duration::from_hours(u64::from(args.hours));
    let key = match &args.signing_key {
        Some(file) => SigningKey::of_secret(file)?,
        None => SigningKey::load_or_make(workspace)?,
    };
    println!("{}", key.token(&args.user, life)?);
    Ok(ExitCode::SUCCESS)
}
