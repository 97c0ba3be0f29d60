//! `cargo local down`

use std::process::ExitCode;

use anyhow::Result;

use crate::session::Session;
use crate::workspace::Workspace;

pub(crate) async fn run(workspace: &Workspace) -> Result<ExitCode> {
    match Session::running(workspace)? {
        None => println!("no local cloud is running"),
        Some(state) => {
            state.end(workspace).await?;
            println!("the local cloud has ended (process {})", state.pid);
        }
    }
    Ok(ExitCode::SUCCESS)
}
