//! What becomes of each call: its effect, a fault before or after it, a sleep; and what dies with it.

use super::{
    debts::Debt,
    gate::{Verdict, Waiting},
    handlers::Work,
    rescue::Trouble,
    scheduler::Simulation,
};
use crate::network::Fate;

/// Calls in a row by which one message is lost: the SDK's tries.
const TRIES_OF_THE_SDK: u32 = 3;

impl Simulation {
    /// Decides what becomes of a call, and lets it.
    pub(super) fn answer(&mut self, id: u64) {
        let Some(call) = self.gate.look(id) else { return };
        let is_provider = call.name.starts_with("Provider");
        let verdict: Verdict = if !self.fair && self.dice.f64() < self.odds.hang {
            self.gate.put_to_sleep(id, i64::MAX);
            self.count("calls hung");
            self.note(&format!("{:>4}  {} {} is never answered", call.owner, call.name, call.text));
            return;
        } else if !self.fair && call.asleep_until == 0 && self.dice.f64() < self.odds.doze {
            self.doze(&call);
            return;
        } else if !self.fair && self.freeze(&call) {
            return;
        } else if !self.fair && !is_provider && self.dice.f64() < self.odds.fault {
            let faults = [
                Fate::LostBefore,
                Fate::LostAfter,
                Fate::ServerError,
                Fate::ServerErrorAfter,
                Fate::TimedOutAfter,
                Fate::Throttled,
            ];
            let is_single_write = call.name == "DynamoDB.UpdateItem";
            let conflicts = is_single_write && self.dice.u32(0..4) == 0;
            Some(if conflicts { Fate::Conflict } else { faults[self.dice.usize(..faults.len())] })
        } else {
            None
        };
        if !self.fair && self.odds.fault > 0.0 && call.name == "SQS.SendMessageBatch" && self.dice.u32(0..20) == 0 {
            self.world.queues.refuse_entries(2);
            self.count("batches refused in part");
            self.trouble_of(call.owner, Trouble::Machine);
            self.owe(call.owner, [Debt::Send]);
        }
        if let Some(fault) = verdict {
            self.count(format!("calls {fault:?}"));
        }
        if call.unsure {
            self.broken.push(format!("{} {} may be stale", call.name, call.text));
        }
        self.count("calls");
        // A sweep every minute of a long calm would leave no room for anything else.
        let is_sweep = self.tasks.iter().any(|task| task.id == call.owner && matches!(task.work, Work::Sweep));
        if !is_sweep || verdict.is_some() || !call.name.ends_with("Query") {
            self.note(&format!("{:>4}  {} {} {verdict:?}", call.owner, call.name, call.text));
        }
        self.note_unsent(&call, verdict);
        self.gate.decide(id, verdict);
        if let Some(at) = self.tasks.iter().position(|task| task.id == call.owner) {
            let ended = self.run_on(at);
            self.check_writes(&call);
            let effect =
                !matches!(verdict, Some(Fate::LostBefore | Fate::ServerError | Fate::Throttled | Fate::Conflict));
            let cut = effect && (!call.writes.is_empty() || call.name.starts_with("SQS"));
            match ended {
                Some(ended) => self.end(at, &ended),
                None if cut && !self.fair && self.dice.f64() < self.odds.cut => self.kill(at, "dies after an effect"),
                None => {}
            }
        }
        self.world.queues.refuse_entries(0);
    }

    /// What a handler leaves undone while it goes on.
    fn owe(&mut self, owner: u64, debts: impl IntoIterator<Item = Debt>) {
        let task = self.tasks.iter().find(|task| task.id == owner);
        if let Some(job) = task.and_then(|task| task.work.job()) {
            self.debts.extend(debts.into_iter().map(|debt| (job, debt)));
        }
    }

    /// A handler falls asleep in the middle of a call: its lease may lapse before it wakes, and others go on.
    fn doze(&mut self, call: &Waiting) {
        let until = self.now() + self.dice.i64(40_000..900_000);
        self.gate.put_to_sleep(call.id, until);
        if self.dice.u32(0..4) > 0
            && let Some(task) = self.tasks.iter_mut().find(|task| task.id == call.owner)
        {
            task.killed_at = task.killed_at.max(until + 60_000);
        }
        self.count("handler dozes");
        self.note(&format!("{:>4}  {} {} sleeps", call.owner, call.name, call.text));
    }

    /// A message is lost when every try of the SDK to send it failed before its effect.
    fn note_unsent(&mut self, call: &Waiting, verdict: Verdict) {
        if !call.name.starts_with("SQS.") {
            return;
        }
        let Some(task) = self.tasks.iter_mut().find(|task| task.id == call.owner) else { return };
        let unsent = matches!(verdict, Some(Fate::LostBefore | Fate::ServerError | Fate::Throttled));
        task.unsent = if unsent { task.unsent + 1 } else { 0 };
        if !unsent {
            task.owes.clear();
        }
        if task.unsent >= TRIES_OF_THE_SDK {
            let (trouble, owes) = (Trouble::of(&task.work), task.owes.clone());
            self.trouble_of(call.owner, trouble);
            self.owe(call.owner, owes);
        }
    }
}
