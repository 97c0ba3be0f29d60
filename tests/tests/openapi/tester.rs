//! Schemathesis, a property-based tester of HTTP APIs, against the document and the APIs: with a token and without. It is
//! installed once, by pip, into a folder of Cargo's; that takes a minute.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use crate::server::Server;

const REQUIREMENTS: &str = include_str!("requirements.txt");

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}\n{}{}", text(&output.stdout), text(&output.stderr));
}

/// The tester's program. It is installed if it is not there in this version.
fn program() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (venv, installed) = (folder.join("tester-venv"), folder.join("tester-venv/installed.txt"));
    // Two tests want it at once, maybe of two processes.
    let lock = File::create(folder.join("tester-venv.lock")).unwrap();
    lock.lock().unwrap();
    if fs::read_to_string(&installed).ok().as_deref() != Some(REQUIREMENTS) {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
        let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi/requirements.txt");
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        run(Command::new(venv.join("bin/python")).args(pip).arg(requirements));
        fs::write(&installed, REQUIREMENTS).unwrap();
    }
    venv.join("bin/schemathesis")
}

async fn is_true(header: Option<String>, url: String) {
    let test = tokio::task::spawn_blocking(move || {
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi/schemathesis.toml");
        let mut command = Command::new(program());
        command.arg("--config-file").arg(config).arg("run").arg(format!("{url}/openapi.json"));
        if let Some(header) = header {
            command.args(["--header", &header]);
        }
        // Where it keeps what it found, and nothing of a proxy.
        run(command.current_dir(env!("CARGO_TARGET_TMPDIR")).env("NO_PROXY", "127.0.0.1"));
    });
    test.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_with_a_token_is_answered_as_the_document_says() {
    let server = Server::start().await;
    is_true(Some(format!("Authorization: Bearer {}", server.token)), server.url.clone()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_without_a_token_is_answered_as_the_document_says() {
    let server = Server::start().await;
    is_true(None, server.url.clone()).await;
}
