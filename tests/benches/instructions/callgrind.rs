//! Programs under callgrind, and how many instructions they took.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

pub(crate) fn is_there() -> bool {
    Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// One run of a program.
pub(crate) struct Run {
    folder: TempDir,
}

impl Run {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("callgrind.out")
    }

    /// The program as it is to be started.
    pub(crate) fn of(&self, program: &Path) -> Command {
        let mut option = OsStr::new("--callgrind-out-file=").to_owned();
        option.push(self.file());
        let mut command = Command::new("valgrind");
        command.args(["--quiet", "--tool=callgrind"]).arg(option).arg(program);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Once it has ended.
    pub(crate) fn instructions(self) -> u64 {
        let counted = fs::read_to_string(self.file()).unwrap();
        if let Some(kept) = env::var_os("KEEP_CALLGRIND") {
            fs::write(kept, &counted).unwrap();
        }
        let total = counted.lines().find_map(|line| line.strip_prefix("totals: ")).unwrap();
        total.trim().parse().unwrap()
    }
}
