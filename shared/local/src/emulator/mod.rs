//! The emulator's process: started clean, in a process group of its own, and gone when the launcher is gone.

pub(crate) mod venv;

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStdin, Command};

use crate::pause;
use crate::workspace::Workspace;

const START_LIMIT: Duration = Duration::from_mins(1);

/// The running emulator. Dropping it kills it and every function process that it started.
#[derive(Debug)]
pub(crate) struct Emulator {
    child: Child,
    /// While this end is open the emulator lives. Not left with `child`: waiting for a child closes its input.
    _lifeline: Option<ChildStdin>,
    group: Pid,
    pub(crate) port: u16,
}

impl Emulator {
    /// With `account_concurrency`, no more functions run at the same time, all of them together: what is called beyond it is
    /// throttled, and a message that is received beyond it counts as received (as with AWS's quota of an account).
    pub(crate) async fn start(
        workspace: &Workspace,
        python: &Path,
        https_proxy: Option<&str>,
        account_concurrency: Option<u32>,
    ) -> Result<Self> {
        workspace.wipe_data()?;
        fs::create_dir_all(workspace.scratch())?;
        fs::write(workspace.emulator_script(), include_str!("emulator.py"))?;
        let log = File::create(workspace.emulator_log())?;
        let port = free_port()?;
        let mut child = Command::new(python)
            .arg(workspace.emulator_script())
            .current_dir(workspace.scratch())
            // Functions inherit the emulator's variables: none of the user's shell may reach them.
            .env_clear()
            .envs(environment(workspace, port))
            .envs(https_proxy.map(|proxy| ("HTTPS_PROXY", proxy)))
            .envs(account_concurrency.map(|most| ("LAMBDA_ACCOUNT_CONCURRENCY", most.to_string())))
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the emulator")?;
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let Some(group) = group else {
            let status = child.wait().await?;
            bail!("the emulator ended at once: {status}");
        };
        let lifeline = child.stdin.take();
        let mut emulator = Self { child, _lifeline: lifeline, group, port };
        emulator.wait_until_ready(workspace).await?;
        Ok(emulator)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.group.as_raw_pid().cast_unsigned()
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    async fn wait_until_ready(&mut self, workspace: &Workspace) -> Result<()> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let url = format!("{}/_ministack/health", self.endpoint());
        let started = Instant::now();
        while started.elapsed() < START_LIMIT {
            if let Some(status) = self.child.try_wait()? {
                bail!("the emulator did not start ({status}); its log ends with\n{}", tail(workspace));
            }
            if client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            pause(Duration::from_millis(50)).await;
        }
        bail!("the emulator did not answer within {} s; its log ends with\n{}", START_LIMIT.as_secs(), tail(workspace))
    }

    /// Ends when the emulator does, which it should not while somebody needs it.
    pub(crate) async fn ended(&mut self) -> anyhow::Error {
        match self.child.wait().await {
            Ok(status) => match status.signal() {
                Some(signal) => anyhow::anyhow!("the emulator was killed by signal {signal}"),
                None => anyhow::anyhow!("the emulator ended by itself ({status})"),
            },
            Err(error) => error.into(),
        }
    }

    /// At once: it keeps nothing that a farewell could save.
    pub(crate) async fn stop(mut self) {
        let _ = kill_process_group(self.group, Signal::KILL);
        let _ = self.child.wait().await;
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = kill_process_group(self.group, Signal::KILL);
    }
}

fn environment(workspace: &Workspace, port: u16) -> Vec<(&'static str, String)> {
    let path = |path: std::path::PathBuf| path.display().to_string();
    let endpoint = format!("http://127.0.0.1:{port}");
    vec![
        ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
        ("HOME", path(workspace.scratch())),
        ("TMPDIR", path(workspace.scratch())),
        // By default it listens on every interface.
        ("BIND_HOST", "127.0.0.1".to_owned()),
        ("GATEWAY_PORT", port.to_string()),
        // Functions get this only if the emulator itself has it.
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", crate::deploy::ACCESS_KEY.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", crate::deploy::SECRET_KEY.to_owned()),
        ("AWS_DEFAULT_REGION", crate::deploy::REGION.to_owned()),
        ("MINISTACK_REGION", crate::deploy::REGION.to_owned()),
        // Signatures are checked and every function is held to its own role's policies, as in AWS.
        ("AUTH", "true".to_owned()),
        ("NO_PROXY", "127.0.0.1,localhost".to_owned()),
        // Objects stay out of memory.
        ("S3_PERSIST", "1".to_owned()),
        ("S3_DATA_DIR", path(workspace.objects())),
        // Listeners that nobody here needs would only take ports.
        ("IOT_MTLS_ENABLED", "0".to_owned()),
        ("SFTP_ENABLED", "0".to_owned()),
    ]
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// The last lines of the emulator's log, for an error message.
pub(crate) fn tail(workspace: &Workspace) -> String {
    let log = fs::read_to_string(workspace.emulator_log()).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines.get(lines.len().saturating_sub(15)..).unwrap_or_default().join("\n")
}
