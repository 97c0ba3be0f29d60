//! Lambda as far as it looks after chains of messages: it stops functions that start themselves through queues.
//!
//! Lambda counts in the trace header of a message how often each function has run in the chain of messages that led to it,
//! and refuses the next run of a function after about 16, unless that function's `RecursiveLoop` is `Allow`. What is refused
//! counts as a receive and comes again after the visibility time-out of its queue
//! (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>). How batches of several messages count is not
//! documented; here every message is a batch of its own, which is the strictest.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_yaml_ng::Value;
use toonmill_cloud::queues::read_message;
use toonmill_deliver::Deliverer;
use toonmill_domain::{DeliveryMessage, ReconcileMessage, SlotMessage, Timestamp};

use crate::{
    template::bare,
    world::{DELIVER, IMAGES, IMAGES_ELSEWHERE, RECONCILE, TEXTS, World},
};

/// Runs of one function in a chain, after which the next is stopped.
const LONGEST_CHAIN: u32 = 16;
const SWEEP_EVERY: Duration = Duration::from_mins(1);
/// The dead letters' function, whose queues the others' messages end in.
const DEAD_LETTER: &str = "DeadLetter";

/// How often each function has run in the chain that led to a message.
type Lineage = BTreeMap<&'static str, u32>;

/// A queue of the world, and what the template says of it.
#[derive(Clone, Copy, Debug)]
struct Route {
    queue: &'static str,
    function: &'static str,
    visibility: Duration,
    receives: u64,
}

struct Letter {
    route: Route,
    body: String,
    lineage: Lineage,
    receives: u64,
    is_dead: bool,
}

/// Runs functions one message at a time, in the order in which the messages are due, and lets time pass between them.
pub struct Lambda<'a> {
    world: &'a World,
    deliverer: Option<&'a Deliverer>,
    routes: Vec<Route>,
    allowed: BTreeSet<String>,
    letters: BTreeMap<(Timestamp, u64), Letter>,
    arrivals: u64,
    next_sweep: Timestamp,
    /// Runs that were stopped, by function.
    pub stopped: BTreeMap<&'static str, u32>,
    /// When each function ran.
    pub runs: BTreeMap<&'static str, Vec<Timestamp>>,
    /// The most calls that one run of a function made.
    pub most_calls: BTreeMap<&'static str, usize>,
    /// Messages that became dead letters.
    pub dead: u32,
}

impl<'a> Lambda<'a> {
    /// The functions of a world, as a template has them. The deliveries' runs only if it is given what delivers.
    pub fn new(world: &'a World, template: &Value, deliverer: Option<&'a Deliverer>) -> Self {
        let route = |queue, id: &str, function| {
            let queue_of = &template["Resources"][id]["Properties"];
            let visibility = Duration::from_secs(queue_of["VisibilityTimeout"].as_u64().unwrap());
            Route {
                queue,
                function,
                visibility,
                receives: queue_of["RedrivePolicy"]["maxReceiveCount"].as_u64().unwrap(),
            }
        };
        let routes = vec![
            route(RECONCILE, "ReconcileQueue", "Complete"),
            route(IMAGES, "GeminiImageQueue", "GenerateImage"),
            route(IMAGES_ELSEWHERE, "SeedreamImageQueue", "GenerateImage"),
            route(TEXTS, "TextQueue", "GenerateText"),
            route(DELIVER, "DeliverQueue", "Deliver"),
        ];
        Self {
            world,
            deliverer,
            routes,
            allowed: allowed(template),
            letters: BTreeMap::new(),
            arrivals: 0,
            next_sweep: world.now(),
            stopped: BTreeMap::new(),
            runs: BTreeMap::new(),
            most_calls: BTreeMap::new(),
            dead: 0,
        }
    }

    /// Runs until this holds, for so long at most. Whether it came to hold.
    pub async fn run_until(&mut self, longest: Duration, mut holds: impl FnMut(&World) -> bool) -> bool {
        let until = self.world.now().plus(longest);
        // What was sent before began no chain: an API's function is started by a request.
        self.collect(&Lineage::new());
        while !holds(self.world) {
            let due = self.letters.first_key_value().map(|(&(due, number), _)| (due, number));
            let next = due.map_or(self.next_sweep, |(at, _)| at.min(self.next_sweep));
            if next > until {
                return false;
            }
            self.world.wait(next.since(self.world.now()));
            match due.filter(|(at, _)| *at < self.next_sweep) {
                Some(due) => self.receive(due).await,
                None => self.sweep().await,
            }
        }
        true
    }

    async fn sweep(&mut self) {
        self.next_sweep = self.world.now().plus(SWEEP_EVERY);
        self.world.sweeper.sweep().await.unwrap();
        self.collect(&Lineage::new());
    }

    async fn receive(&mut self, due: (Timestamp, u64)) {
        let Some(mut letter) = self.letters.remove(&due) else { return };
        letter.receives += 1;
        if !letter.is_dead && letter.receives > letter.route.receives {
            (letter.is_dead, letter.receives) = (true, 1);
            self.dead += 1;
        }
        let function = if letter.is_dead { DEAD_LETTER } else { letter.route.function };
        let chain = letter.lineage.get(function).copied().unwrap_or(0);
        let now = self.world.now();
        if chain >= LONGEST_CHAIN && !self.allowed.contains(function) {
            *self.stopped.entry(function).or_default() += 1;
            self.put(now.plus(letter.route.visibility), letter);
            return;
        }
        self.runs.entry(function).or_default().push(now);
        self.world.network.take_calls();
        self.run(&letter).await;
        let made = self.world.network.take_calls();
        assert!(made.iter().all(|call| call.consistent != Some(false)), "a read may be stale: {made:?}");
        let most = self.most_calls.entry(function).or_default();
        *most = made.len().max(*most);
        let mut lineage = letter.lineage;
        lineage.insert(function, chain + 1);
        self.collect(&lineage);
    }

    async fn run(&self, letter: &Letter) {
        let (world, body) = (self.world, letter.body.as_str());
        match letter.route.queue {
            RECONCILE if letter.is_dead => {
                let ring: ReconcileMessage = read_message(body).unwrap();
                world.undertaker.bury_reconcile(ring.job).await.unwrap();
            }
            RECONCILE => {
                let ring: ReconcileMessage = read_message(body).unwrap();
                world.reconciler.reconcile(ring.job, ring.cause).await.unwrap();
            }
            // Its record says when it is next to be seen to.
            DELIVER if letter.is_dead => {}
            DELIVER => {
                let message: DeliveryMessage = read_message(body).unwrap();
                if let Some(deliverer) = self.deliverer {
                    world.deliver(deliverer, &message).await;
                }
            }
            _ => {
                let message: SlotMessage = read_message(body).unwrap();
                if letter.is_dead {
                    world.undertaker.bury_image(&message).await.unwrap();
                } else {
                    world.draw(&message).await;
                }
            }
        }
    }

    /// Takes what was sent, in a chain.
    fn collect(&mut self, lineage: &Lineage) {
        for route in self.routes.clone() {
            for waiting in self.world.queues.take(route.queue) {
                let delay = Duration::from_secs(u64::try_from(waiting.delay_secs).unwrap());
                let (body, lineage) = (waiting.body, lineage.clone());
                let letter = Letter { route, body, lineage, receives: 0, is_dead: false };
                self.put(self.world.now().plus(delay), letter);
            }
        }
    }

    fn put(&mut self, due: Timestamp, letter: Letter) {
        self.arrivals += 1;
        self.letters.insert((due, self.arrivals), letter);
    }
}

/// The functions that may start themselves.
fn allowed(template: &Value) -> BTreeSet<String> {
    let resources = template["Resources"].as_mapping().unwrap();
    let allowing = resources.iter().filter(|(_, resource)| bare(&resource["Properties"]["RecursiveLoop"]) == "Allow");
    allowing.map(|(id, _)| id.as_str().unwrap().to_owned()).collect()
}
