//! The largest job there is: how long it takes, what it sends, and what ending it costs.

use std::{num::NonZeroU32, time::Duration};

use toonmill_domain::{Budget, Credits};
use toonmill_flows::Budgets;
use toonmill_tests::{Artist, World, recursion::Lambda, stage, template::TEMPLATE};

const STAGES: usize = 5;
const QUANTITY: u32 = 1_000;
const SLOTS: u32 = 5_000;
const PER_MINUTE: u32 = 600;

/// Each of its stages is sent in fifty parts, every one by who stored the half of the last: chains of a hundred messages, of
/// which Lambda would stop each at the sixteenth if the template did not allow it.
#[tokio::test]
async fn five_thousand_slots_end_at_the_speed_of_their_budget() {
    let mut world = World::new(Artist::tireless());
    world.submitter.signup_grant = Credits::new(100_000).unwrap();
    let budgets = Budgets::new([("gemini".parse().unwrap(), Budget(NonZeroU32::new(PER_MINUTE).unwrap()))]);
    (world.worker.budgets, world.reconciler.budgets) = (budgets.clone(), budgets);
    let job = world.submit(vec![stage("a year of episodes", QUANTITY); STAGES]).await;
    let mut lambda = Lambda::new(&world, &TEMPLATE, None);
    let at_full_speed = Duration::from_secs(u64::from(SLOTS * 60 / PER_MINUTE)) + Duration::from_mins(1);
    let ended = lambda.run_until(at_full_speed, |world| world.status_of(job).is_terminal()).await;
    assert!(ended && lambda.stopped.is_empty() && lambda.dead == 0, "stopped: {:?}", lambda.stopped);
    let (ended, _) = world.job(job).await;
    assert_eq!(ended.captured.get(), u64::from(SLOTS) * 4);
    let (messages, largest) = (world.queues.taken(), lambda.most_calls["Complete"]);
    println!("{messages} messages, at most {largest} calls in a reconcile");
    assert!(messages <= 3 * u64::from(SLOTS), "{messages} messages");
    // Reading five thousand records takes pages, and twice; nothing else grows with them.
    assert!(largest <= 60, "{largest} calls in one reconcile");
    world.audit(job).await;
}
