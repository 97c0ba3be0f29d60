//! generate-image, beside the floor: `shared/webp/examples/floor.rs`.

use std::{fs, path::Path, process::Command};

use bytes::Bytes;
use toonmill_cloud::queues::read_message;
use toonmill_domain::{SlotMessage, sha256::hex_of};
use toonmill_tests::{World, stage, world::IMAGES};

use super::{
    answers::answer,
    usage::{Usage, usage},
};
use crate::lambda::{
    Lambda, programs,
    world::{batch, world},
};

/// What is measured: sides of the pictures, how many one invocation draws, and libwebp's method.
#[derive(Clone, Copy)]
struct Row {
    side: u32,
    batch: usize,
    invocations: usize,
    method: u32,
    /// Megabytes: of Lambda's smallest size, or what is wanted of less.
    most_mb: f64,
}

/// How far the whole process may be above the floor.
const MOST_OF_FLOOR: f64 = 1.15;
/// As many pictures as a batch has: those of a stage must differ.
const PICTURES: usize = 10;

pub(crate) fn one_by_one() {
    let row = |side, invocations, method, most_mb| Row { side, batch: 1, invocations, method, most_mb };
    measure(&[row(1_024, 50, 2, 20.0), row(1_024, 50, 4, 20.0), row(2_048, 20, 2, 40.0), row(4_096, 10, 2, 110.0)]);
}

pub(crate) fn in_batches() {
    let row = |side, most_mb| Row { side, batch: 10, invocations: 3, method: 2, most_mb };
    measure(&[row(1_024, 128.0), row(2_048, 128.0)]);
}

fn measure(rows: &[Row]) {
    let program = programs::functions().join("generate-image");
    let floor_program = programs::example("toonmill-webp", "floor");
    println!("generate-image            batch  method      CPU an image         floor   ratio    memory   floor");
    for row in rows {
        let drawn: Vec<Bytes> = (0..PICTURES).map(|number| answer(row.side, number.try_into().unwrap())).collect();
        let floor = floor(&floor_program, &drawn, *row);
        let (process, stored) = drawn_by_process(&program, drawn, *row);
        let Row { side, batch, method, .. } = *row;
        let (user, system) = process.each;
        let ratio = user / floor.user_ms;
        println!(
            "{side:>4}x{side:<4} {:>12} {batch:>6} {method:>7} {user:>9.1} ms (+{system:>4.1}) {:>9.1} ms {ratio:>7.2} {:>6.1} MB {:>5.1}",
            "", floor.user_ms, process.peak_mb, floor.peak_mb
        );
        assert!(stored.iter().any(|key| key.contains(&floor.sha256)), "what is stored is not what the floor makes");
        if process.peak_mb > row.most_mb || ratio > MOST_OF_FLOOR {
            println!("  too much: {} MB and {MOST_OF_FLOOR} of the floor are wanted", row.most_mb);
        }
    }
}

struct Drawn {
    /// User and system time, in milliseconds.
    each: (f64, f64),
    peak_mb: f64,
}

fn drawn_by_process(program: &Path, drawn: Vec<Bytes>, row: Row) -> (Drawn, Vec<String>) {
    let world = world();
    // One more stage, by which the process is warm.
    let messages = sent(&world, row.batch * (row.invocations + 1));
    let mut command = Command::new(program);
    command.env("WEBP_METHOD", row.method.to_string());
    let mut function = Lambda::start(&world.network, drawn, command);
    let mut invocations = messages.chunks(row.batch).map(batch);
    let mut invoke = || {
        let answer = function.invoke(invocations.next().unwrap());
        assert_eq!(answer, r#"{"batchItemFailures":[]}"#, "{}", String::from_utf8_lossy(&answer));
        usage(function.child.id())
    };
    let warm = invoke();
    let mut last = warm;
    (0..row.invocations).for_each(|_| last = invoke());
    let Usage { user_ms, system_ms, peak_mb } = last;
    let images = f64::from(u32::try_from(row.batch * row.invocations).unwrap());
    let each = ((user_ms - warm.user_ms) / images, (system_ms - warm.system_ms) / images);
    function.stop();
    let stored = world.object_keys();
    assert_eq!(
        stored.iter().filter(|key| key.starts_with("accounts/")).count(),
        messages.len(),
        "every picture is stored"
    );
    (Drawn { each, peak_mb }, stored)
}

/// Messages of so many slots of one job, stage by stage; a stage has as many as there are pictures.
fn sent(world: &World, slots: usize) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let quantity = u32::try_from(PICTURES).unwrap();
    runtime.block_on(async {
        world.submit(vec![stage("a still life", quantity); slots.div_ceil(PICTURES)]).await;
        world.reconcile_all().await;
    });
    let mut messages: Vec<String> = world.queues.take(IMAGES).into_iter().map(|waiting| waiting.body).collect();
    messages.sort_by_key(|message| {
        let message: SlotMessage = read_message(message).unwrap();
        (message.stage.0, message.slot.0)
    });
    messages.truncate(slots);
    messages
}

struct Floor {
    user_ms: f64,
    peak_mb: f64,
    /// As much of it as a key has.
    sha256: String,
}

fn floor(program: &Path, drawn: &[Bytes], row: Row) -> Floor {
    let folder = tempfile::tempdir().unwrap();
    let (file, webp) = (folder.path().join("answer.json"), folder.path().join("stored.webp"));
    fs::write(&file, drawn.first().unwrap()).unwrap();
    let times = (row.batch * row.invocations).to_string();
    let told = Command::new(program).arg(file).args([row.method.to_string(), times]).arg(&webp).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let (user_ms, peak_kb) = told.trim().split_once(' ').unwrap();
    let sha256 = hex_of(&fs::read(webp).unwrap()).chars().take(8).collect();
    Floor { user_ms: user_ms.parse().unwrap(), peak_mb: peak_kb.parse::<f64>().unwrap() / 1_024.0, sha256 }
}
