//! `cargo local up`

use std::future::pending;
use std::process::ExitCode;

use anyhow::Result;

use crate::cli::UpArgs;
use crate::local_cloud;
use crate::session::{Session, State};
use crate::signals::Interrupted;
use crate::workspace::Workspace;

pub(crate) async fn run(workspace: &Workspace, args: UpArgs) -> Result<ExitCode> {
    let lock = match Session::open(workspace)? {
        Session::Ours(lock) => lock,
        Session::Running(state) => {
            println!("{}", already_there(&state));
            return Ok(ExitCode::SUCCESS);
        }
    };
    let script = args.faults.script()?;
    let options = args.cloud.options(script, true);
    let result = local_cloud::with(workspace, lock, options, async |state, ready| {
        println!("the API is at {}/api/v1 (Ctrl-C ends it)", state.url);
        println!("  token:    cargo local token");
        println!("  emulator: {} (AWS_ENDPOINT_URL), log: {}", ready.endpoint, workspace.emulator_log().display());
        if let Some(url) = &ready.standins {
            println!("  providers: stand-ins, scripted at {url}/_control");
        } else {
            println!("  providers: the real ones that have a key; pictures cost money");
        }
        // Being asked to end is noticed by whoever stops the cloud.
        pending::<Result<()>>().await
    })
    .await;
    match result {
        Err(error) if error.is::<Interrupted>() => {
            println!("the local cloud has ended");
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Err(error),
        Ok(()) => Ok(ExitCode::SUCCESS),
    }
}

fn already_there(state: &State) -> String {
    let State { pid, url, ready, .. } = state;
    let verb = if ready.is_some() { "is running" } else { "is being started" };
    format!("the local cloud {verb}: {url}/api/v1 (process {pid}; cargo local down ends it)")
}
