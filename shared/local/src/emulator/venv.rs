//! The Python environment that the emulator runs in: made once under the target folder, never the user's own.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::workspace::Workspace;

/// One pip command, so that pip sees all the versions at once.
const PACKAGES: [&str; 3] = ["ministack==1.5.33", "aws-sam-translator==1.115.0", "cryptography==50.0.2"];

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
    create(&system, &venv.display().to_string()).await?;
    let install = Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"])
        .args(PACKAGES)
        .output()
        .await?;
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

/// With the standard venv module, or where a distribution has split that off, with virtualenv.
async fn create(python: &str, folder: &str) -> Result<()> {
    let standard = Command::new(python).args(["-m", "venv", folder]).output().await?;
    if standard.status.success() {
        return Ok(());
    }
    let other = Command::new(python).args(["-m", "virtualenv", "--quiet", folder]).output().await?;
    if other.status.success() {
        return Ok(());
    }
    bail!(
        "{python} can make no virtual environment. Install its venv module (Debian and Ubuntu: apt install python3-venv) \
         or virtualenv (pip install --user virtualenv). It said:\n{}",
        said(&standard)
    )
}

fn said(output: &Output) -> String {
    let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    text.join("").trim().to_owned()
}
