//! Libraries of Python as witnesses: others' clients and verifiers, against what we serve and send.
//!
//! They are installed by pip into a folder of Cargo's, once for each list of requirements, so that such a test is one of
//! Cargo's like any other. That takes up to a minute, and the tests then seconds.

#![expect(clippy::missing_panics_doc, clippy::unwrap_used, reason = "a library that is not there is a test that fails")]

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

/// The Python that has these libraries. They are installed in a folder of this name under `target` (a test's
/// `CARGO_TARGET_TMPDIR`), if they are not there in these versions.
pub fn python(target: &str, name: &str, requirements: &str) -> PathBuf {
    let folder = Path::new(target);
    let venv = folder.join(name);
    let (installed, list) = (venv.join("installed.txt"), venv.join("requirements.txt"));
    // Several tests want it at once, maybe of two processes.
    let lock = File::create(folder.join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    if fs::read_to_string(&installed).ok().as_deref() != Some(requirements) {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
        fs::write(&list, requirements).unwrap();
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        run(Command::new(venv.join("bin/python")).args(pip).arg(&list));
        fs::write(&installed, requirements).unwrap();
    }
    venv.join("bin/python")
}

/// What a command prints. One that fails is a panic with all that it said.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}\n{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}
