//! The Python environment that the emulator runs in: made once under the target folder, never the user's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::workspace::Workspace;

/// One pip command, so that pip sees all the versions at once.
const PACKAGES: [&str; 3] = ["ministack==1.5.33", "aws-sam-translator==1.115.0", "cryptography==50.0.2"];

const INSTALL: [&str; 4] = ["install", "--quiet", "--disable-pip-version-check", "--no-input"];

const OLDEST_PYTHON: (u32, u32) = (3, 10);

/// Gives the environment's Python, and installs it first if it is missing or holds other versions.
pub(crate) async fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    let venv = workspace.venv();
    let python = venv.join("bin/python");
    let marker = venv.join("installed.txt");
    let wanted = PACKAGES.join("\n");
    if python.exists() && fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    eprintln!("installing the local cloud's Python packages into {}", venv.display());
    let system = system_python().await?;
    if venv.exists() {
        fs::remove_dir_all(&venv).with_context(|| format!("cannot replace {}", venv.display()))?;
    }
    let mut pip = create(&system, &venv, &python).await?;
    let install = pip.args(INSTALL).args(PACKAGES).output().await?;
    if !install.status.success() {
        bail!(
            "pip could not install {}. Is a package index reachable (or a proxy set)? pip said:\n{}",
            PACKAGES.join(", "),
            said(&install)
        );
    }
    fs::write(&marker, wanted)?;
    Ok(python)
}

async fn system_python() -> Result<String> {
    let mut too_old = None;
    for name in ["python3", "python"] {
        let Ok(output) = Command::new(name).args(["-c", "import sys; print(*sys.version_info[:2])"]).output().await
        else {
            continue;
        };
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let mut numbers = version.split(' ').filter_map(|number| number.parse::<u32>().ok());
        match (numbers.next(), numbers.next()) {
            (Some(major), Some(minor)) if (major, minor) >= OLDEST_PYTHON => return Ok(name.to_owned()),
            (Some(major), Some(minor)) => too_old = Some(format!("{name} is Python {major}.{minor}")),
            _ => {}
        }
    }
    let (major, minor) = OLDEST_PYTHON;
    bail!(
        "the local cloud needs Python {major}.{minor} or newer as python3 on the PATH{}",
        too_old.map(|found| format!(" ({found})")).unwrap_or_default()
    )
}

/// Makes the environment and gives a pip that installs into it: its own, or where a distribution has split that off,
/// the system's.
async fn create(system: &str, venv: &Path, python: &Path) -> Result<Command> {
    let whole = Command::new(system).args(["-m", "venv"]).arg(venv).output().await?;
    if whole.status.success() {
        let mut pip = Command::new(python);
        pip.args(["-m", "pip"]);
        return Ok(pip);
    }
    let bare = Command::new(system).args(["-m", "venv", "--clear", "--without-pip"]).arg(venv).output().await?;
    let mut pip = Command::new(system);
    pip.args(["-m", "pip", "--python"]).arg(python);
    let mut check = Command::new(system);
    let has_pip = check.args(["-m", "pip", "--version"]).output().await?.status.success();
    if bare.status.success() && has_pip {
        return Ok(pip);
    }
    bail!(
        "{system} has neither a complete venv module nor pip. Install one of them (Debian and Ubuntu: apt install \
         python3-venv). It said:\n{}",
        said(&whole)
    )
}

fn said(output: &Output) -> String {
    let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    text.join("").trim().to_owned()
}
