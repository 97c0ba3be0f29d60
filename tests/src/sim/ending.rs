//! How a run ends: everything that waits is answered and delivered, until nothing moves. Then every job has ended,
//! and whatever can be checked of a whole run is.

use std::collections::BTreeSet;

use toonmill_domain::{FailureCode, JobId};
use toonmill_flows::audit::audit_job;

use super::{
    Mode,
    handlers::Work,
    rescue,
    scheduler::Simulation,
    shadow::stamp_of,
    users::{Users, is_published},
};

/// More than any run takes to come to rest.
const LONGEST_REST: u32 = 40_000;
const SWEEP_EVERY_MS: i64 = 60_000;
/// Once nothing fails any more a job ends long before its deadline: in its rounds, each with its tries and its re-sends.
const LONGEST_CALM_MS: i64 = 8 * 3_600_000;

impl Simulation {
    /// Goes on without faults until nothing moves and every job has ended.
    pub(super) async fn come_to_rest(&mut self) {
        let now = self.now();
        if !self.users.has_asked()
            && let Some(work) = self.users.submit(&mut self.dice, &self.odds, now)
        {
            self.start(work, None);
        }
        self.rests_since = now;
        for _ in 0..LONGEST_REST {
            if !self.broken.is_empty() || !self.move_on().await {
                return;
            }
        }
        self.broken.push("the world does not come to rest".to_owned());
    }

    /// One step; false when all is done.
    async fn move_on(&mut self) -> bool {
        self.thaw();
        self.poll_all();
        let calls = self.gate.ready(self.now());
        if !calls.is_empty() {
            let call = self.pick_call(&calls);
            self.answer(call);
            return true;
        }
        let letters = self.post.visible(self.now());
        if !letters.is_empty() {
            let letter = self.pick(&letters);
            self.deliver(letter);
            return true;
        }
        if self.active() > 0 {
            // Those between two tries of the SDK, those that doze, and those that hang until they are killed.
            let millis = if self.has_sleepers() { 20 } else { 5_000 };
            self.pass_time(millis).await;
            return true;
        }
        let open: Vec<JobId> = self.shadow.jobs().filter(|(_, job)| !job.has_ended()).map(|(id, _)| id).collect();
        if let Some(at) = self.post.next_visible() {
            let millis = at - self.now();
            let millis = if self.mode == Mode::A && !open.is_empty() { millis.min(SWEEP_EVERY_MS) } else { millis };
            self.pass_time(millis).await;
            if self.mode == Mode::A && millis == SWEEP_EVERY_MS {
                self.start(Work::Sweep, None);
            }
            return true;
        }
        if !self.frozen.is_empty() && self.go_past_the_frozen(&open).await {
            return true;
        }
        let Some(first) = open.first().copied() else { return false };
        if self.now() - self.rests_since > LONGEST_CALM_MS {
            self.broken.push(format!("nothing fails any more, and job {first} does not end"));
        }
        match self.mode {
            Mode::A => {
                self.pass_time(SWEEP_EVERY_MS).await;
                self.start(Work::Sweep, None);
            }
            Mode::B if rescue::is_held(self, first) => self.rescue(&open).await,
            Mode::B => self.broken.push(format!("nothing moves any more, and job {first} is open")),
            Mode::C => self.rescue(&open).await,
        }
        true
    }

    /// Nobody moves but those who stand still: others go on without them as long as they can.
    async fn go_past_the_frozen(&mut self, open: &[JobId]) -> bool {
        if self.mode == Mode::A && !open.is_empty() {
            return false;
        }
        if open.is_empty()
            && let Some(work) = Users::retry(&mut self.dice, &self.odds, &self.shadow).filter(|_| self.second_wind > 0)
        {
            self.second_wind -= 1;
            self.start(work, None);
            return true;
        }
        self.pass_time(1).await;
        self.thaw_all()
    }

    /// Nothing moves: the sweep must help, and it must be one of the cases that are left to it.
    async fn rescue(&mut self, open: &[JobId]) {
        let next = open.iter().filter_map(|id| self.shadow.job(*id)).map(|job| job.number("nextCheckAt")).min();
        self.pass_time((next.unwrap_or(0) - self.now()).max(1)).await;
        let now = self.now();
        for id in open {
            if self.shadow.job(*id).is_some_and(|job| job.number("nextCheckAt") > now) {
                continue;
            }
            match rescue::cause(self, *id) {
                Ok(cause) => {
                    self.note(&format!("nothing moves: {cause}: the sweep must ring for {id}"));
                    self.count(format!("rescues: {cause}"));
                }
                Err(why) => self.broken.push(format!("nothing moves, and only the sweep could help job {id}: {why}")),
            }
        }
        self.start(Work::Sweep, None);
    }

    /// Whatever can be said of a whole run.
    pub(super) async fn look_back(&mut self) {
        self.gate.set_open(true);
        let jobs: Vec<JobId> = self.shadow.jobs().map(|(id, _)| id).collect();
        for id in &jobs {
            match audit_job(&self.world.table, &self.world.blobs, *id).await {
                Ok(violations) => self.broken.extend(violations.iter().map(ToString::to_string)),
                Err(error) => self.broken.push(format!("the audit of {id} failed: {error}")),
            }
            self.check_end(*id);
            let status = self.shadow.job(*id).map(|job| job.text("status").to_owned()).unwrap_or_default();
            self.count(format!("jobs {status}"));
        }
        self.check_history(&jobs);
        for id in &jobs {
            self.check_telling(*id);
        }
        for _ in 0..self.world.worker.caches.take_opened() {
            self.count("breakers opened");
        }
        let mut names: Vec<&str> = self.shadow.jobs().map(|(_, job)| job.text("productionId")).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            self.broken.push("one Idempotency-Key made two jobs".to_owned());
        }
    }

    /// What was stored is in the history once, if it was to be, and nothing else is.
    fn check_history(&mut self, jobs: &[JobId]) {
        let accounts: BTreeSet<&str> =
            jobs.iter().filter_map(|id| self.shadow.job(*id)).map(|job| job.text("account")).collect();
        let rows = |account: &str| self.shadow.under(&format!("U#{account}"), "HIST#").count();
        let rows: usize = accounts.into_iter().map(rows).sum();
        let published =
            jobs.iter().filter(|id| self.shadow.job(**id).is_some_and(|job| is_published(job.text("productionId"))));
        let stages = published.flat_map(|id| self.shadow.stages(*id));
        let stored: usize = stages.map(|(_, stage)| stage.numbers("stored").len()).sum();
        if rows != stored {
            self.broken.push(format!("the histories have {rows} rows of {stored} pictures"));
        }
        (0..rows).for_each(|_| self.count("rows of histories"));
    }

    /// Who is to be told of a job is told of each entry of its log once, but of its retries, and nobody of anything else.
    fn check_telling(&mut self, id: JobId) {
        let Some(job) = self.shadow.job(id) else { return };
        let account = format!("U#{}", job.text("account"));
        let told = self.shadow.under(&account, "DW#").filter(|(_, row)| row.text("job") == id.to_string()).count();
        let log = format!("J#{id}");
        let entries = self.shadow.under(&log, "E#").filter(|(_, entry)| entry.text("event") != "job.reopened").count();
        let due = if job.has("webhookUrl") { entries } else { 0 };
        if told != due {
            self.broken.push(format!("job {id} has {told} deliveries of {due} entries"));
        }
        (0..told).for_each(|_| self.count("deliveries"));
    }

    /// A job that ended short has a reason for every slot; no slot was drawn more often than the bound.
    fn check_end(&mut self, id: JobId) {
        let Some(job) = self.shadow.job(id) else { return };
        let calls = self.studio.calls();
        let all_calls = self.studio.all_calls();
        let name = job.text("productionId").to_owned();
        let (rounds, epochs) = (job.number("maxRounds"), job.number("epoch"));
        let by_itself = job.text("closing") == "finished";
        let (mut wrong, mut moved) = (Vec::new(), 0);
        for (number, stage) in self.shadow.stages(id) {
            let slots = self.shadow.slots(id, number);
            let first = stage.text("provider");
            let stored = slots.values().filter(|slot| slot.text("state") == "stored");
            moved += stored.filter(|slot| slot.part("artifact").text("provider") != first).count();
            for index in 0..u32::try_from(stage.number("quantity")).unwrap_or(0) {
                let called = calls.get(&format!("{name}/{number}/{index}")).copied().unwrap_or(0);
                if i64::from(called) > 3 * rounds * epochs {
                    wrong.push(format!("SL-3: slot {number}/{index} was drawn {called} times"));
                }
                let claims =
                    self.claims.get(&(format!("J#{id}#S{number:03}"), format!("{index:04}"))).copied().unwrap_or(0);
                let called = all_calls.get(&format!("{name}/{number}/{index}")).copied().unwrap_or(0);
                if called > claims {
                    wrong.push(format!(
                        "SL-3: slot {number}/{index} was drawn {called} times and claimed {claims} times"
                    ));
                }
                let slot = slots.get(&index).copied();
                let last_round = stage.number("round") >= rounds;
                if !by_itself || last_round || slot.is_some_and(|slot| slot.text("state") == "stored") {
                    continue;
                }
                // Short before its last round: its worker must have given the slot up.
                let attempt = slot.and_then(|slot| slot.list("attempts").last().copied());
                let epoch = attempt.and_then(stamp_of).is_some_and(|stamp| i64::from(stamp.epoch.0) == epochs);
                let code = attempt.and_then(|attempt| FailureCode::parse(attempt.text("code")));
                let gives_up = code.is_some_and(|code| {
                    use toonmill_domain::outcome::Follow;
                    code.policy().follow != Follow::TryAgain
                });
                if !epoch || !gives_up {
                    wrong.push(format!("slot {number}/{index} was left out with rounds to go: {code:?}"));
                }
            }
        }
        self.broken.extend(wrong);
        (0..moved).for_each(|_| self.count("images drawn by another than the first choice"));
    }
}
