//! One local cloud per workspace: who runs it, and where. A file lock tells, and the kernel gives it back however
//! its holder ends, so there are no stale locks and a state file without a lock is simply old.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use crate::deploy::stack::Outputs;
use crate::pause;
use crate::workspace::Workspace;

const START_LIMIT: Duration = Duration::from_mins(30);
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// What a running local cloud says about itself in `up.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) pid: u32,
    pub(crate) url: String,
    /// False for the cloud of a `demo`, which goes when its demo ends.
    pub(crate) stays: bool,
    /// Absent until everything is deployed.
    pub(crate) ready: Option<Ready>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ready {
    /// The functions' processes are its children; their variables say which is which.
    pub(crate) emulator_pid: u32,
    pub(crate) endpoint: String,
    pub(crate) outputs: Outputs,
    /// The stand-in providers' address. Absent when real ones are used.
    pub(crate) standins: Option<String>,
}

#[derive(Debug)]
pub(crate) enum Session {
    /// Nobody runs one: it is ours to start, for as long as the lock is held.
    Ours(Lock),
    Running(State),
}

/// Held as long as the file is open.
#[derive(Debug)]
pub(crate) struct Lock {
    _held: File,
    state: PathBuf,
}

impl Session {
    pub(crate) fn open(workspace: &Workspace) -> Result<Self> {
        match Lock::take(workspace)? {
            Some(lock) => Ok(Self::Ours(lock)),
            None => Ok(Self::Running(State::load(workspace)?)),
        }
    }

    /// Only one that is there already.
    pub(crate) fn running(workspace: &Workspace) -> Result<Option<State>> {
        match Self::open(workspace)? {
            Self::Ours(_) => Ok(None),
            Self::Running(state) => Ok(Some(state)),
        }
    }
}

impl Lock {
    fn take(workspace: &Workspace) -> Result<Option<Self>> {
        let path = workspace.lock_file();
        let opened = File::options().create(true).truncate(false).write(true).open(&path);
        let file = opened.with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {
                let lock = Self { _held: file, state: workspace.state_file() };
                lock.forget_state()?;
                Ok(Some(lock))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error).context("cannot lock the local cloud's state"),
        }
    }

    pub(crate) fn publish(&self, state: &State) -> Result<()> {
        let partial = self.state.with_extension("partial");
        fs::write(&partial, serde_json::to_vec_pretty(state)?)?;
        fs::rename(&partial, &self.state)?;
        Ok(())
    }

    fn forget_state(&self) -> Result<()> {
        match fs::remove_file(&self.state) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // If it cannot be removed, the next holder does it.
        let _ = self.forget_state();
    }
}

impl State {
    fn load(workspace: &Workspace) -> Result<Self> {
        let text = fs::read(workspace.state_file())
            .context("another command is just starting or stopping the local cloud: try again in a moment")?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// Waits until the other command has deployed everything.
    pub(crate) async fn ready(mut self, workspace: &Workspace) -> Result<(Self, Ready)> {
        let started = Instant::now();
        while started.elapsed() < START_LIMIT {
            if let Some(ready) = self.ready.clone() {
                return Ok((self, ready));
            }
            pause(Duration::from_millis(200)).await;
            self = Session::running(workspace)?.context("the other command ended before its local cloud was ready")?;
        }
        bail!("process {} is still starting the local cloud", self.pid)
    }

    /// Asks the process to end and waits until it has. That it holds the lock is the proof that it is ours.
    pub(crate) async fn end(&self, workspace: &Workspace) -> Result<()> {
        let pid = Pid::from_raw(self.pid.cast_signed()).context("not a process id")?;
        for signal in [Signal::TERM, Signal::KILL] {
            match kill_process(pid, signal) {
                Ok(()) | Err(rustix::io::Errno::SRCH) => {}
                Err(error) => return Err(error).with_context(|| format!("cannot end process {}", self.pid)),
            }
            let started = Instant::now();
            while started.elapsed() < STOP_LIMIT {
                if Lock::take(workspace)?.is_some() {
                    return Ok(());
                }
                pause(Duration::from_millis(50)).await;
            }
        }
        bail!("process {} does not end", self.pid)
    }
}
