//! The largest job there is: what it sends, and what ending it costs.

use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

use toonmill_cloud::queues::read_message;
use toonmill_domain::{Budget, Credits, Timestamp};
use toonmill_flows::Budgets;
use toonmill_tests::{
    Artist, World, stage,
    world::{IMAGES, RECONCILE},
};

const STAGES: usize = 5;
const QUANTITY: u32 = 1_000;
const SLOTS: u64 = 5_000;

#[tokio::test]
async fn five_thousand_slots_at_a_hundred_a_minute_send_few_messages_and_end_in_few_calls() {
    let mut world = World::new(Artist::tireless());
    world.submitter.signup_grant = Credits::new(100_000).unwrap();
    let budgets = Budgets::new([("gemini".parse().unwrap(), Budget(NonZeroU32::new(100).unwrap()))]);
    (world.worker.budgets, world.reconciler.budgets) = (budgets.clone(), budgets);
    let job = world.submit(vec![stage("a year of episodes", QUANTITY); STAGES]).await;

    // Messages by when they are due; and a sweep every minute.
    let mut due: BTreeMap<(i64, u64), String> = BTreeMap::new();
    let (mut arrivals, mut next_sweep) = (0, world.now());
    let mut largest = 0;
    while !world.status_of(job).is_terminal() {
        if world.now() >= next_sweep {
            world.sweeper.sweep().await.unwrap();
            next_sweep = next_sweep.plus(Duration::from_mins(1));
        }
        while world.queues.count(RECONCILE) > 0 {
            world.network.take_calls();
            world.reconcile_all().await;
            largest = largest.max(world.network.take_calls().len());
        }
        for waiting in world.queues.take(IMAGES) {
            arrivals += 1;
            due.insert((world.now().as_millis() + waiting.delay_secs * 1_000, arrivals), waiting.body);
        }
        let next = due.first_key_value().map_or(next_sweep.as_millis(), |((at, _), _)| *at);
        world.wait(Timestamp::from_millis(next.min(next_sweep.as_millis())).since(world.now()));
        if let Some(entry) = due.first_entry()
            && entry.key().0 <= world.now().as_millis()
        {
            world.draw(&read_message(&entry.remove()).unwrap()).await;
        }
    }
    let (ended, _) = world.job(job).await;
    assert_eq!(ended.captured.get(), SLOTS * 4);
    assert!(world.queues.taken() <= 3 * SLOTS, "{} messages", world.queues.taken());
    println!("{} messages, at most {largest} calls in a reconcile", world.queues.taken());
    // Reading five thousand records takes pages, and twice; nothing else grows with them.
    assert!(largest <= 60, "{largest} calls in one reconcile");
    world.audit(job).await;
}
