//! What must hold when a test is over: no function did what its role does not allow, and every job and ledger is exact.

use std::sync::Mutex;

use tokio::runtime::Builder;
use toonmill_cloud::{Blobs, Table};
use toonmill_flows::audit::{audit_account, audit_job};

use crate::{network::Network, policy};

/// Checks a world when it is dropped, unless its test has failed already.
#[derive(Debug)]
pub(crate) struct End {
    network: Network,
    table: Table,
    blobs: Blobs,
    /// Why there is no audit.
    unaudited: Mutex<Option<&'static str>>,
}

impl End {
    /// `table` and `blobs` are those whose calls are no function's.
    pub(crate) fn new(network: Network, table: Table, blobs: Blobs) -> Self {
        Self { network, table, blobs, unaudited: Mutex::default() }
    }

    pub(crate) fn unaudited(&self, why: &'static str) {
        assert!(!why.is_empty(), "there must be a reason");
        *self.unaudited.lock().unwrap() = Some(why);
    }

    /// What is wrong, each as a line.
    fn findings(&self) -> Vec<String> {
        let used = self.network.rights();
        let mut findings: Vec<_> = used.iter().flat_map(|(function, used)| policy::missing(function, used)).collect();
        let stale = self.network.stale_reads();
        findings.extend(stale.iter().map(|(function, call)| format!("{function} reads what may be stale: {call}")));
        if self.unaudited.lock().unwrap().is_none() {
            self.network.pardon();
            findings.extend(self.audit());
        }
        findings
    }

    /// Audits every job and account of the table. On a thread of its own, since a drop cannot await: a world's calls end
    /// inside the process and need nothing of the test's runtime, which stands still meanwhile.
    fn audit(&self) -> Vec<String> {
        let audit = async {
            let mut findings = Vec::new();
            for job in self.network.dynamo().jobs() {
                match audit_job(&self.table, &self.blobs, job).await {
                    Ok(violations) => findings.extend(violations.iter().map(ToString::to_string)),
                    Err(error) => findings.push(format!("job {job} cannot be audited: {error}")),
                }
            }
            for account in self.network.dynamo().accounts() {
                match audit_account(&self.table, &account).await {
                    Ok(violations) => findings.extend(violations.iter().map(ToString::to_string)),
                    Err(error) => findings.push(format!("account {account} cannot be audited: {error}")),
                }
            }
            findings
        };
        let run = || Builder::new_current_thread().enable_time().build().unwrap().block_on(audit);
        let findings = std::thread::scope(|scope| scope.spawn(run).join());
        let mut findings = findings.unwrap_or_else(|_| vec!["the audit has panicked".to_owned()]);
        // An account is looked at with each of its jobs.
        findings.sort();
        findings.dedup();
        findings
    }
}

impl Drop for End {
    fn drop(&mut self) {
        // A second panic would end the process, and hide the first.
        if std::thread::panicking() {
            return;
        }
        let findings = self.findings();
        assert!(findings.is_empty(), "at the end of the test:\n{}", findings.join("\n"));
    }
}
