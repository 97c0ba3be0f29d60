//! `cargo local telegram`: a chat with the bot in a terminal, by the stand-in of Telegram.

mod control;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::demo::grant;
use crate::cli::TelegramArgs;
use crate::local_cloud;
use crate::session::{Ready, Session, State};
use crate::workspace::Workspace;
use control::Control;

/// How long `--say` waits for the last picture.
const PATIENCE: Duration = Duration::from_mins(5);
const LOOK: Duration = Duration::from_secs(2);

const HELP: &str = "\
Write as in Telegram: /help, /draw a cat, or just a prompt. Besides:
  :photo FILE CAPTION   sends a picture
  :quit                 ends (as Ctrl-D does)
";

pub(crate) async fn run(workspace: &Workspace, args: TelegramArgs) -> Result<ExitCode> {
    let script = args.faults.script()?;
    match Session::open(workspace)? {
        Session::Ours(lock) => {
            let options = args.cloud.clone().options(script, false);
            local_cloud::with(workspace, lock, options, async |state, ready| chat(workspace, &args, state, ready).await)
                .await
        }
        Session::Running(state) => {
            ensure!(state.stays, "a demo is running (process {}): wait for it", state.pid);
            let (state, ready) = state.ready(workspace).await?;
            chat(workspace, &args, &state, &ready).await
        }
    }
}

async fn chat(workspace: &Workspace, args: &TelegramArgs, _: &State, ready: &Ready) -> Result<ExitCode> {
    let Some(standins) = &ready.standins else {
        bail!("a local cloud with real providers has no bot: start it without their keys");
    };
    grant(workspace, ready, &format!("telegram-{}", args.user)).await?;
    let folder = args.out.clone().unwrap_or_else(|| workspace.root.join("out/telegram"));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut chat = Chat { control: Control::new(standins)?, args, folder, shown: BTreeMap::new(), version: 0 };
    if args.say.is_empty() {
        chat.converse().await?;
    } else {
        for text in &args.say {
            chat.say(text).await?;
        }
        chat.see_through().await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is typed, line by line. The thread that reads ends with the program.
fn typed() -> UnboundedReceiver<String> {
    let (sender, receiver) = unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

struct Chat<'a> {
    control: Control,
    args: &'a TelegramArgs,
    folder: PathBuf,
    /// What was printed of each message.
    shown: BTreeMap<i64, String>,
    version: u64,
}

impl Chat<'_> {
    async fn converse(&mut self) -> Result<()> {
        print!("{HELP}");
        let mut lines = typed();
        loop {
            tokio::select! {
                line = lines.recv() => match line.as_deref().map(str::trim) {
                    None | Some(":quit") => return Ok(()),
                    Some("") => {}
                    Some(":help") => print!("{HELP}"),
                    Some(line) => {
                        if let Err(error) = self.say(line).await {
                            println!("! {error:#}");
                        }
                    }
                },
                looked = self.control.changed(self.args.user, self.version, LOOK) => self.show(&looked?).await?,
            }
        }
    }

    /// Sends a line as the user, and waits until the bot has it.
    async fn say(&mut self, line: &str) -> Result<()> {
        let from = json!({ "id": self.args.user, "first_name": "You", "language_code": self.args.language });
        let action = match line.strip_prefix(":photo ") {
            None => json!({ "from": from, "kind": "text", "text": line }),
            Some(rest) => {
                let (file, caption) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
                json!({ "from": from, "kind": "photo", "data": control::file(Path::new(file))?, "caption": caption })
            }
        };
        println!("you: {line}");
        let started = Instant::now();
        self.control.act(&action).await?;
        println!("     (taken in {} ms)", started.elapsed().as_millis());
        Ok(())
    }

    /// Shows what comes until each wish has its picture.
    async fn see_through(&mut self) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let looked = self.control.changed(self.args.user, self.version, LOOK).await?;
            self.show(&looked).await?;
            if self.control.is_settled(self.args.user, self.args.say.len()).await? {
                return Ok(());
            }
        }
        bail!("nothing more came in {} s", PATIENCE.as_secs())
    }

    async fn show(&mut self, history: &Value) -> Result<()> {
        let at = |value: &Value, path: &str| value.pointer(path).cloned().unwrap_or_default();
        self.version = at(history, "/version").as_u64().unwrap_or(self.version);
        for entry in at(history, "/messages").as_array().into_iter().flatten() {
            if at(entry, "/by_bot") != true || !at(entry, "/deleted_at_ms").is_null() {
                continue;
            }
            let id = at(entry, "/message/message_id").as_i64().unwrap_or(0);
            let words = ["/message/text", "/message/caption"].map(|path| at(entry, path));
            let text = words.iter().find_map(Value::as_str).unwrap_or_default();
            let is_picture = at(entry, "/file").is_object();
            let line = format!("{}{text}", if is_picture { "[picture] " } else { "" });
            if self.shown.get(&id) == Some(&line) {
                continue;
            }
            let verb = if self.shown.contains_key(&id) { "edits" } else { "says" };
            println!("bot {verb} #{id}: {line}");
            if is_picture {
                let place = self.folder.join(format!("message-{id}.png"));
                fs::write(&place, self.control.picture(self.args.user, id).await?)?;
                println!("     {}", place.display());
            }
            self.shown.insert(id, line);
        }
        Ok(())
    }
}
