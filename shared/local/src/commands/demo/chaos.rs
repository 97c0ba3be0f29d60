//! `demo --chaos`: while the job runs, processes of its functions are killed and its messages doubled.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::Message;
use rustix::process::{Pid, Signal, kill_process};

use crate::deploy::sdk_config;
use crate::pause;
use crate::providers::Provider;
use crate::session::Ready;

/// After each killing some lease must run out, so that a demo without an end of them would have none itself.
const MOST_KILLED: u32 = 12;
/// Copies are doubled too: without an end of it their number would grow for ever.
const MOST_DOUBLED: u32 = 400;
const PACE_MS: u64 = 250;
/// Of the paces, one in so many also kills.
const KILL_EVERY: u32 = 5;
/// Within this time a copy comes back to its queue if the demo ends between its receipt and its deletion.
const HIDDEN_SECS: i32 = 20;
/// How late a copy may come.
const LATEST_SECS: i32 = 15;

const VICTIMS: [&str; 2] = ["GenerateImageFunction", "CompleteFunction"];

pub(super) struct Chaos<'a> {
    ready: &'a Ready,
    sqs: Client,
    queues: Vec<String>,
    killed: AtomicU32,
    doubled: AtomicU32,
}

impl<'a> Chaos<'a> {
    pub(super) async fn new(ready: &'a Ready) -> Result<Self> {
        let images = Provider::ALL.map(|provider| format!("{}ImageQueueUrl", provider.parameter()));
        let names = images.iter().map(String::as_str).chain(["ReconcileQueueUrl"]);
        let queues = names.map(|name| ready.outputs.get(name).map(str::to_owned)).collect::<Result<_>>()?;
        let sqs = Client::new(&sdk_config(&ready.endpoint).await);
        Ok(Self { ready, sqs, queues, killed: AtomicU32::new(0), doubled: AtomicU32::new(0) })
    }

    /// Goes on until it is dropped, or something fails that should not.
    pub(super) async fn reign(&self, seed: u64) -> Result<Infallible> {
        let mut dice = fastrand::Rng::with_seed(seed);
        loop {
            pause(Duration::from_millis(dice.u64(PACE_MS / 2..=PACE_MS * 3 / 2))).await;
            if self.doubled.load(Ordering::Relaxed) < MOST_DOUBLED {
                self.double(&mut dice).await?;
            }
            if dice.u32(0..KILL_EVERY) == 0 && self.killed.load(Ordering::Relaxed) < MOST_KILLED {
                self.kill(&mut dice)?;
            }
        }
    }

    pub(super) fn report(&self) -> String {
        let (killed, doubled) = (self.killed.load(Ordering::Relaxed), self.doubled.load(Ordering::Relaxed));
        format!("chaos: {killed} processes killed, {doubled} messages doubled")
    }

    /// Takes some messages of a queue and sends each twice: at once, and a while later.
    async fn double(&self, dice: &mut fastrand::Rng) -> Result<()> {
        let queue = self.queues.get(dice.usize(..self.queues.len())).context("there are queues")?;
        let request = self.sqs.receive_message().queue_url(queue).max_number_of_messages(10);
        let taken = request.visibility_timeout(HIDDEN_SECS).wait_time_seconds(0).send().await?;
        for Message { body, receipt_handle, .. } in taken.messages.unwrap_or_default() {
            let body = body.context("a message has a body")?;
            for delay in [0, dice.i32(0..=LATEST_SECS)] {
                self.sqs.send_message().queue_url(queue).message_body(&body).delay_seconds(delay).send().await?;
            }
            self.sqs.delete_message().queue_url(queue).set_receipt_handle(receipt_handle).send().await?;
            self.doubled.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Kills one process of a function, wherever it is in its work.
    fn kill(&self, dice: &mut fastrand::Rng) -> Result<()> {
        let victims = VICTIMS.map(|name| self.ready.outputs.get(name));
        let victims = victims.into_iter().collect::<Result<Vec<_>>>()?;
        let all: Vec<_> = children(self.ready.emulator_pid)?
            .into_iter()
            .filter(|(_, name)| victims.contains(&name.as_str()))
            .collect();
        let Some((pid, _)) = all.get(dice.usize(..all.len().max(1))) else { return Ok(()) };
        match kill_process(*pid, Signal::KILL) {
            Ok(()) => {
                self.killed.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error).context("cannot kill a process of our own emulator"),
        }
    }
}

/// The emulator's own children that run a function, and its name.
fn children(parent: u32) -> Result<HashMap<Pid, String>> {
    let mut found = HashMap::new();
    for entry in fs::read_dir("/proc").context("chaos needs /proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw) else { continue };
        // A process may end while it is looked at.
        let (Ok(status), Ok(variables)) = (
            fs::read_to_string(format!("/proc/{}/status", pid.as_raw_pid())),
            fs::read(format!("/proc/{}/environ", pid.as_raw_pid())),
        ) else {
            continue;
        };
        let is_child = status.lines().any(|line| line == format!("PPid:\t{parent}"));
        let function =
            variables.split(|byte| *byte == 0).find_map(|variable| variable.strip_prefix(b"AWS_LAMBDA_FUNCTION_NAME="));
        if let Some(function) = function.filter(|_| is_child) {
            found.insert(pid, String::from_utf8_lossy(function).into_owned());
        }
    }
    Ok(found)
}
