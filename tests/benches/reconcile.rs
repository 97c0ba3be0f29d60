//! A reconcile of jobs of several sizes, over simulated storage, whose part is in the figures: what is to be seen is
//! that they grow as the slots do. `cargo bench --bench reconcile`.

#![expect(clippy::unwrap_used, reason = "a job that does not end is no measurement")]

use divan::Bencher;
use tokio::runtime::{Builder, Runtime};
use toonmill_domain::{Credits, JobId};
use toonmill_tests::{Artist, World, stage};

const SLOTS: [u32; 4] = [10, 100, 1_000, 5_000];
const LARGEST_STAGE: u32 = 1_000;

fn main() {
    divan::main();
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A job that was submitted and not looked at yet.
fn submitted(runtime: &Runtime, slots: u32) -> (World, JobId) {
    runtime.block_on(async {
        let mut world = World::new(Artist::tireless());
        world.submitter.signup_grant = Credits::new(100_000).unwrap();
        world.reconciler.window = LARGEST_STAGE;
        world.unaudited("an audit takes longer than what is measured");
        let quantity = slots.min(LARGEST_STAGE);
        let stages = usize::try_from(slots / quantity).unwrap();
        let job = world.submit(vec![stage("a crowd", quantity); stages]).await;
        (world, job)
    })
}

/// Everything is missing and is sent.
#[divan::bench(args = SLOTS, sample_count = 10, sample_size = 1)]
fn dispatch(bencher: Bencher, slots: u32) {
    let runtime = runtime();
    bencher.with_inputs(|| submitted(&runtime, slots)).bench_local_values(|(world, _)| {
        runtime.block_on(world.reconcile_all());
        world
    });
}

/// Everything was sent, nothing was drawn, and the job is cancelled.
#[divan::bench(args = SLOTS, sample_count = 5, sample_size = 1)]
fn give_up(bencher: Bencher, slots: u32) {
    let runtime = runtime();
    bencher
        .with_inputs(|| {
            let (world, job) = submitted(&runtime, slots);
            runtime.block_on(async {
                world.reconcile_all().await;
                world.table.request_cancel(job, &"ann".parse().unwrap(), world.now()).await.unwrap();
            });
            (world, job)
        })
        .bench_local_values(|(world, job)| {
            runtime.block_on(world.ring(job));
            world
        });
}
