//! Where things are: the workspace, cargo's target folder, and the folder that the local cloud keeps its things in.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tokio::process::Command;

#[derive(Debug, Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

/// Folders and files of one local cloud. Everything is under cargo's target folder, so `cargo clean` removes it all.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Shared by every local cloud of this workspace: the Python environment and the packaged functions.
    shared: PathBuf,
    /// This cloud's own: state, keys, logs, data.
    home: PathBuf,
}

impl Workspace {
    /// Asks cargo, so that a target folder set anywhere (variable, configuration file) is found.
    pub(crate) async fn find(name: &str) -> Result<Self> {
        let output = Command::new("cargo")
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .output()
            .await
            .context("cannot run cargo: is Rust installed and on the PATH?")?;
        ensure!(
            output.status.success(),
            "cargo metadata failed: run this inside the workspace\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
        let shared = metadata.target_directory.join("local");
        let home = shared.join(name);
        fs::create_dir_all(&home).with_context(|| format!("cannot create {}", home.display()))?;
        Ok(Self { root: metadata.workspace_root, shared, home })
    }

    pub(crate) fn template(&self) -> PathBuf {
        self.root.join("template.yaml")
    }

    pub(crate) fn event(&self, name: &str) -> PathBuf {
        self.root.join("events").join(name)
    }

    pub(crate) fn venv(&self) -> PathBuf {
        self.shared.join("venv")
    }

    pub(crate) fn packages(&self) -> PathBuf {
        self.shared.join("packages")
    }

    /// Held while what all clouds share is made.
    pub(crate) async fn lock_shared(&self) -> Result<File> {
        let path = self.shared.join("lock");
        let locked = tokio::task::spawn_blocking(move || {
            let file = File::options().create(true).truncate(false).write(true).open(path)?;
            file.lock()?;
            io::Result::Ok(file)
        });
        locked.await?.context("cannot lock the folder of the local clouds")
    }

    pub(crate) fn lock_file(&self) -> PathBuf {
        self.home.join("lock")
    }

    pub(crate) fn state_file(&self) -> PathBuf {
        self.home.join("up.json")
    }

    pub(crate) fn signing_key(&self) -> PathBuf {
        self.home.join("signing-key.pk8")
    }

    pub(crate) fn receipt_key(&self) -> PathBuf {
        self.home.join("receipt-key.pk8")
    }

    pub(crate) fn emulator_log(&self) -> PathBuf {
        self.home.join("emulator.log")
    }

    /// Of the function that the launcher runs itself.
    pub(crate) fn streaming_log(&self) -> PathBuf {
        self.home.join("job-events.log")
    }

    pub(crate) fn emulator_script(&self) -> PathBuf {
        self.home.join("emulator.py")
    }

    pub(crate) fn objects(&self) -> PathBuf {
        self.home.join("objects")
    }

    pub(crate) fn scratch(&self) -> PathBuf {
        self.home.join("tmp")
    }

    /// The emulator forgets everything when it stops; what it left on disk would only confuse the next one.
    pub(crate) fn wipe_data(&self) -> Result<()> {
        for folder in [self.objects(), self.scratch()] {
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot empty {}", folder.display()));
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}
