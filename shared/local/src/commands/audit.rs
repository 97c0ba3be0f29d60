//! `cargo local audit`: the operator's audit, page after page, of every account and if asked of a job.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use super::invoke::invoke;
use crate::cli::AuditArgs;
use crate::session::{Ready, Session};
use crate::workspace::Workspace;

/// What an audit found.
#[derive(Debug, Default)]
pub(crate) struct Audited {
    accounts: usize,
    pub(crate) violations: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Page {
    accounts: usize,
    violations: Vec<String>,
    next: Option<Value>,
}

pub(crate) async fn run(workspace: &Workspace, args: AuditArgs) -> Result<ExitCode> {
    let running = Session::running(workspace)?.context("no local cloud is running: start one with `cargo local up`")?;
    let (_, ready) = running.ready(workspace).await?;
    let audited = audit(&ready, args.job.as_deref()).await?;
    for violation in &audited.violations {
        println!("violated: {violation}");
    }
    println!("{}", audited.summary());
    Ok(if audited.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Audited {
    pub(crate) fn summary(&self) -> String {
        format!("audit: ledgers re-added: {}, violations: {}", self.accounts, self.violations.len())
    }
}

/// Re-adds every ledger; of a job also its slots, its images and its own money.
pub(crate) async fn audit(ready: &Ready, job: Option<&str>) -> Result<Audited> {
    let mut audited = Audited::default();
    if let Some(job) = job {
        audited.violations.extend(ask(ready, &json!({ "action": "audit", "jobId": job })).await?.violations);
    }
    let mut after = Value::Null;
    loop {
        let page = ask(ready, &json!({ "action": "audit", "after": after })).await?;
        audited.accounts += page.accounts;
        audited.violations.extend(page.violations);
        match page.next {
            Some(next) => after = next,
            None => return Ok(audited),
        }
    }
}

async fn ask(ready: &Ready, action: &Value) -> Result<Page> {
    let answer = invoke(ready, "OperatorFunction", serde_json::to_vec(action)?).await?;
    match answer.error {
        None => serde_json::from_value(answer.payload).context("the operator answered something unexpected"),
        Some(error) => bail!("the operator could not audit ({error}): {}", answer.payload),
    }
}
