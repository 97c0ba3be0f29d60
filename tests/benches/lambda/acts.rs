//! What there is to do for a job when `complete` is rung.

use serde_json::json;
use toonmill_domain::JobId;
use toonmill_tests::{World, stage};

use super::world::batch;

const STAGES: usize = 5;

pub(crate) const ACTS: [(&str, Prepare); 3] =
    [("sends what is missing", submitted), ("gives up what is missing", cancelled), ("ends what is stored", stored)];

/// A job of so many slots, and how many of them there is something to do for; none if that is as many as are sent.
type Prepare = fn(&World, u32) -> (JobId, Option<u32>);

pub(crate) fn ring(job: JobId) -> String {
    batch(&[json!({"v": 1, "job": job.to_string(), "cause": "settled"}).to_string()])
}

/// Of a large one a window is sent, and not all of it.
pub(crate) fn submitted(world: &World, slots: u32) -> (JobId, Option<u32>) {
    let quantity = slots / u32::try_from(STAGES).unwrap();
    (run(world.submit(vec![stage("a crowd", quantity); STAGES])), None)
}

/// A window was sent, and nothing was drawn. What was never sent has no record that would have to change.
fn cancelled(world: &World, slots: u32) -> (JobId, Option<u32>) {
    let (job, _) = submitted(world, slots);
    let mut sent = 0;
    run(async {
        world.reconcile_all().await;
        sent += world.take_images().len();
        world.table.request_cancel(job, &"ann".parse().unwrap(), world.submitter.clock.now()).await.unwrap();
    });
    (job, Some(u32::try_from(sent).unwrap()))
}

/// Everything is drawn, and the last ring is still to come.
fn stored(world: &World, slots: u32) -> (JobId, Option<u32>) {
    let (job, _) = submitted(world, slots);
    run(async {
        loop {
            world.reconcile_all().await;
            for message in world.take_images() {
                world.draw(&message).await;
            }
            let (_, stages) = world.job(job).await;
            if stages.iter().all(toonmill_domain::Stage::all_stored) {
                break;
            }
        }
    });
    (job, Some(slots))
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
