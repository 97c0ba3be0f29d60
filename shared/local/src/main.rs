//! `cargo local`: the whole of Toonmill on this machine.
//!
//! It builds the functions, starts an emulator of the cloud, deploys `template.yaml` to it through a CloudFormation
//! change set, stands in for the image providers, and opens the HTTP API on a port of its own. It refuses to know
//! what a job is: what the commands need they ask the API, as any other client does.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to its caller")]

mod bot;
mod cli;
mod commands;
mod cost;
mod deploy;
mod emulator;
mod gateway;
mod local_cloud;
mod providers;
mod session;
mod signals;
mod streaming;
mod tokens;
mod workspace;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use cli::{Cli, Command};
use workspace::Workspace;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find(&cli.name).await?;
    match cli.command {
        Command::Up(args) => commands::up::run(&workspace, args).await,
        Command::Down => commands::down::run(&workspace).await,
        Command::Token(args) => commands::token::run(&workspace, &args),
        Command::Keys(args) => commands::keys::run(&args),
        Command::Smoke(args) => commands::smoke::run(args).await,
        Command::Invoke(args) => commands::invoke::run(&workspace, args).await,
        Command::Demo(args) => commands::demo::run(&workspace, args).await,
        Command::Load(args) => commands::load::run(&workspace, args).await,
        Command::Audit(args) => commands::audit::run(&workspace, args).await,
        Command::Cost(args) => commands::cost::run(&workspace, &args),
        Command::Telegram(args) => commands::telegram::run(&workspace, args).await,
        Command::SetWebhook(args) => commands::set_webhook::run(args).await,
        Command::Verify(args) => commands::verify::run(args).await,
    }
}

/// Nothing here runs as a Lambda: a command may wait.
#[expect(clippy::disallowed_methods, reason = "a command may wait; only functions are billed for it")]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
