//! The scheduler: starts, polls and ends handlers by hand, lets time pass, and checks every write.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use toonmill_domain::{Budget, JobId, Limit, Limits, SlotKey, Timestamp, health::BreakerRules};
use toonmill_flows::Budgets;
use toonmill_runtime::again::{Again, soon};

use super::{
    Broken, Mode, Report,
    debts::Debt,
    freeze::Frozen,
    gate::{Gate, Key},
    handlers::{Ended, Task, Work},
    modes::Odds,
    post::Post,
    rescue::Trouble,
    shadow::Shadow,
    studio::Studio,
    trace::Trace,
    users::Users,
};
use crate::{Artist, world::World};

/// Lines of the trace that a failing seed prints.
const TRACE_SHOWN: usize = 2_000;

pub(crate) struct Simulation {
    pub(super) mode: Mode,
    pub(super) odds: Odds,
    pub(super) dice: fastrand::Rng,
    pub(super) world: Rc<World>,
    pub(super) gate: Gate,
    pub(super) studio: Studio,
    pub(super) tasks: Vec<Task>,
    pub(super) started: u64,
    pub(super) post: Post,
    pub(super) shadow: Shadow,
    pub(super) users: Users,
    pub(super) trace: Trace,
    pub(super) counts: BTreeMap<String, u64>,
    pub(super) broken: Vec<String>,
    /// What went wrong, by job.
    pub(super) troubles: BTreeSet<(JobId, Trouble)>,
    /// What handlers that died or failed left undone.
    pub(super) debts: BTreeSet<(JobId, Debt)>,
    /// Slots whose messages died before anybody claimed them.
    pub(super) unclaimed: BTreeSet<SlotKey>,
    /// Claims of each slot, by the key of its record.
    pub(super) claims: BTreeMap<Key, u32>,
    pub(super) frozen: Frozen,
    /// Retries in the end, for the sake of those who wait for another epoch.
    pub(super) second_wind: u32,
    /// The call of the handler that woke last: it likes to be next.
    pub(super) woken: Option<u64>,
    /// The job that a submit made, by task.
    pub(super) born: BTreeMap<u64, JobId>,
    /// Since when the adversary rests.
    pub(super) rests_since: i64,
    /// The adversary rests: nothing fails any more.
    pub(super) fair: bool,
}

impl Simulation {
    pub(super) fn new(mode: Mode, seed: u64) -> Self {
        let odds = Odds::draw(mode, seed);
        let gate = Gate::default();
        let studio = Studio::new(gate.clone(), odds.clone());
        let mut world = World::over(Artist::tireless(), Arc::new(studio.clone()), Some(gate.clone()));
        (world.reconciler.window, world.worker.window) = (odds.window, odds.window);
        world.submitter.signup_grant = toonmill_domain::Credits::new(odds.credits).unwrap();
        let two = Limits::default().with(Limit::ActiveJobs, 2).with(Limit::ActiveSingleJobs, 2);
        (world.submitter.limits, world.retrier.limits) = (two.clone(), two);
        let cool_down = Duration::from_secs(u64::from(odds.cool_down_secs));
        world.worker.breaker_rules = BreakerRules { failures: odds.breaks_after, cool_down };
        let budget = NonZeroU32::new(odds.per_minute).map(|per_minute| ("gemini".parse().unwrap(), Budget(per_minute)));
        (world.worker.budgets, world.reconciler.budgets) = (Budgets::new(budget.clone()), Budgets::new(budget));
        let trace = Trace::new(world.now());
        Self {
            mode,
            dice: fastrand::Rng::with_seed(seed),
            world: Rc::new(world),
            gate,
            studio,
            tasks: Vec::new(),
            started: 0,
            post: Post::default(),
            shadow: Shadow::default(),
            users: Users::default(),
            trace,
            counts: BTreeMap::new(),
            broken: Vec::new(),
            troubles: BTreeSet::new(),
            debts: BTreeSet::new(),
            unclaimed: BTreeSet::new(),
            claims: BTreeMap::new(),
            frozen: Frozen::new(),
            second_wind: 1,
            woken: None,
            born: BTreeMap::new(),
            rests_since: 0,
            fair: false,
            odds,
        }
    }

    pub(super) async fn run(mut self) -> Result<Report, Box<Broken>> {
        for _ in 0..self.odds.steps {
            if self.broken.is_empty() {
                self.step().await;
            }
        }
        self.fair = true;
        self.note("-- the adversary rests --");
        if self.broken.is_empty() {
            self.come_to_rest().await;
        }
        if self.broken.is_empty() {
            self.look_back().await;
        }
        if self.broken.is_empty() {
            return Ok(Report { trace_hash: self.trace.hash(), counts: self.counts });
        }
        let trace = self.trace.tail(TRACE_SHOWN);
        Err(Box::new(Broken { mode: self.mode, seed: self.odds.seed, what: self.broken, trace }))
    }

    pub(super) fn now(&self) -> i64 {
        self.world.now().as_millis()
    }

    pub(super) fn note(&mut self, line: &str) {
        let now: Timestamp = self.world.now();
        self.trace.note(now, line);
    }

    pub(super) fn count(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }

    pub(super) fn has_sleepers(&self) -> bool {
        let owners = self.gate.owners();
        self.tasks.iter().any(|task| !owners.contains(&task.id))
    }

    /// Handlers that may go on.
    pub(super) fn active(&self) -> usize {
        self.tasks.iter().filter(|task| !self.is_frozen(task.id)).count()
    }

    pub(super) fn start(&mut self, work: Work, letter: Option<(u64, u64)>) {
        self.started += 1;
        let id = self.started;
        let mut killed_at = self.now() + i64::try_from(work.time_limit().as_millis()).unwrap();
        if !self.fair && self.dice.f64() < self.odds.zombie {
            killed_at += self.dice.i64(1_000..600_000);
        }
        self.note(&format!(
            "{id:>4}  {} begins{}",
            work.name(),
            letter.map_or(String::new(), |(id, _)| format!(" ({id})"))
        ));
        self.count("handlers");
        self.tasks.push(Task::start(id, &self.world, work, letter, killed_at));
        self.poll_all();
    }

    /// Polls whoever was woken until nobody is.
    pub(super) fn poll_all(&mut self) {
        while let Some(at) = self.tasks.iter().position(Task::is_woken) {
            self.poll(at);
        }
    }

    fn poll(&mut self, at: usize) {
        if let Some(ended) = self.run_on(at) {
            self.end(at, &ended);
        }
    }

    /// Lets a handler go on as far as it can.
    pub(super) fn run_on(&mut self, at: usize) -> Option<Ended> {
        let task = self.tasks.get_mut(at)?;
        self.gate.set_owner(task.id);
        let ended = task.poll();
        let new = self.post.collect(&self.world.queues, self.world.now().as_millis());
        for letter in new {
            self.upon_sending(letter);
        }
        ended
    }

    pub(super) fn end(&mut self, at: usize, ended: &Ended) {
        let task = self.tasks.remove(at);
        self.frozen.retain(|_, (owner, _)| *owner != task.id);
        match ended {
            Ended::Done(what) => {
                self.note(&format!("{:>4}  {} ends: {what}", task.id, task.work.name()));
                if let Some((letter, receipt)) = task.letter {
                    self.post.acknowledge(letter, receipt);
                }
                self.check_left_behind(&task);
            }
            Ended::Failed(why, again) => {
                self.note(&format!("{:>4}  {} fails: {why}", task.id, task.work.name()));
                self.count("handler fails");
                if why.starts_with("BUG") || self.mode == Mode::B {
                    self.broken.push(format!("{} failed: {why}", task.work.name()));
                }
                let trouble = Trouble::of(&task.work);
                self.leave(&task, trouble);
                self.show_again(&task, *again);
            }
        }
    }

    /// Makes a failed handler's letter visible again when its error says, as a batch of records does.
    fn show_again(&mut self, task: &Task, again: Again) {
        let delay = match again {
            Again::AfterTimeOut => return,
            Again::Soon => {
                let receives = task.letter.and_then(|(id, _)| self.post.get(id)).map_or(1, |letter| letter.receives);
                soon(receives, self.dice.u32(0..=1_000))
            }
            Again::After(time) => time.since(self.world.now()) + Duration::from_secs(1),
        };
        let Some((id, receipt)) = task.letter else { return };
        // The call that asks for it may fail like any other.
        if !self.fair && self.dice.f64() < self.odds.fault {
            return;
        }
        self.count("letters shown again soon");
        self.post.show(id, receipt, self.now() + i64::try_from(delay.as_millis()).unwrap());
    }

    /// Ends a handler where it stands. Its letter comes again.
    pub(super) fn kill(&mut self, at: usize, how: &str) {
        let task = self.tasks.remove(at);
        self.frozen.retain(|_, (owner, _)| *owner != task.id);
        self.note(&format!("{:>4}  {} {how}", task.id, task.work.name()));
        self.count(format!("handler {how}"));
        self.leave(&task, Trouble::of(&task.work));
    }

    /// Lets time pass, for tokio and for everybody's clock at once, and ends whoever's time is up.
    pub(super) async fn pass_time(&mut self, millis: i64) {
        let mut millis = millis.max(1);
        if self.mode == Mode::B {
            // Without faults nobody is late.
            let room = self.tasks.iter().map(|task| task.killed_at - self.now()).min().unwrap_or(i64::MAX) - 20_000;
            if room <= 1 {
                self.thaw_all();
            }
            millis = millis.min(room.max(1));
        }
        let time = Duration::from_millis(u64::try_from(millis).unwrap());
        self.world.wait(time);
        tokio::time::advance(time).await;
        tokio::task::yield_now().await;
        let now = self.now();
        while let Some(at) = self.tasks.iter().position(|task| task.killed_at <= now) {
            self.kill(at, "runs out of time");
        }
        self.poll_all();
    }
}
