use std::{path::PathBuf, process::Command};

use toonmill_python::{python, run};
use toonmill_standins::{
    Running, Settings, Standins,
    faults::{Rule, Script},
};

const REQUIREMENTS: &str = include_str!("requirements.txt");
/// What a prompt has to hold for its call to fail, and how.
const FAULTS: &str = include_str!("faults.json");

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "sdks"].iter().collect()
}

async fn believes(script: &str, calls: fn(&Running) -> u64) {
    let rules: Vec<Rule> = serde_json::from_str(FAULTS).unwrap();
    let script_of_faults = Script { seed: 7, rules, ..Script::default() };
    let server = Standins::start(Settings { script: script_of_faults, ..Settings::default() }).await.unwrap();
    let (url, script) = (server.base_url(), folder().join(script));
    let test = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(python(env!("CARGO_TARGET_TMPDIR"), "sdk-venv", REQUIREMENTS));
        command.arg("-B").arg(script).current_dir(folder()).env("STANDINS_URL", url);
        // What the SDKs would read: keys, addresses, and proxies that know no loopback.
        for name in ["GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL", "ARK_API_KEY"] {
            command.env_remove(name);
        }
        run(command.env("NO_PROXY", "127.0.0.1"));
    });
    test.await.unwrap();
    assert!(calls(&server) > 20, "the stand-in was really asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn google_genai_takes_the_stand_in_for_gemini() {
    believes("gemini_sdk.py", |server| server.stats().calls).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openai_python_takes_the_stand_in_for_openai() {
    believes("openai_sdk.py", |server| server.stats().calls).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn byteplus_python_takes_the_stand_in_for_ark() {
    believes("ark_sdk.py", |server| server.stats().calls).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_telegram_bot_takes_the_stand_in_for_telegram() {
    believes("telegram_sdk.py", |server| server.telegram().version()).await;
}
