//! What is looked at after each effect and each end of a handler.

use super::{
    debts::debts_of,
    gate::Waiting,
    handlers::{Task, Work},
    rescue::Trouble,
    rules::{self, Change},
    scheduler::Simulation,
};

impl Simulation {
    pub(super) fn trouble_of(&mut self, owner: u64, trouble: Trouble) {
        let task = self.tasks.iter().find(|task| task.id == owner);
        let job = task.and_then(|task| task.work.job()).or_else(|| self.born.get(&owner).copied());
        self.troubles.extend(job.map(|job| (job, trouble)));
    }

    pub(super) fn check_writes(&mut self, call: &Waiting) {
        let mut changes = Vec::new();
        for key in &call.writes {
            let new = self.world.network.dynamo().item(&key.0, &key.1);
            let old = self.shadow.put(key.clone(), new.clone());
            if old.is_none() && key.1 == "A" && new.is_some() {
                let job = key.0.strip_prefix("J#").and_then(|id| id.parse().ok());
                self.born.extend(job.map(|job| (call.owner, job)));
            }
            changes.push((key, old, new));
        }
        let now = self.now();
        let task = self.tasks.iter_mut().find(|task| task.id == call.owner);
        let holder = task.as_ref().and_then(|task| task.work.holder()).map(str::to_owned);
        let epoch = task.as_ref().and_then(|task| task.work.epoch());
        let buries = task.as_ref().and_then(|task| task.work.buries());
        let mut written = 0;
        if let Some(task) = task {
            for (key, old, new) in &changes {
                debts_of(key, old.as_ref(), new.as_ref(), &mut task.owes);
            }
        }
        for (key, old, new) in changes {
            if old == new {
                continue;
            }
            written += 1;
            if rules::is_claim(key, old.as_ref(), new.as_ref()) {
                *self.claims.entry(key.clone()).or_default() += 1;
            }
            let (old, new, holder, buries) = (old.as_ref(), new.as_ref(), holder.as_deref(), buries.as_ref());
            let change = Change { key, old, new, holder, epoch, buries, now };
            self.broken.extend(rules::check(&self.shadow, &change));
        }
        *self.counts.entry("writes".to_owned()).or_default() += written;
    }

    /// A handler that returns leaves no lease of its own.
    pub(super) fn check_left_behind(&mut self, task: &Task) {
        let Work::Draw { message, holder } = &task.work else { return };
        let slots = self.shadow.slots(message.job, message.stage.0);
        let Some(slot) = slots.get(&message.slot.0) else { return };
        if slot.text("state") == "leased" && slot.text("holder") == holder {
            self.broken.push(format!("{} returned and left its lease", task.work.name()));
        }
    }

    /// Notes what a handler that did not come to its end leaves behind.
    pub(super) fn leave(&mut self, task: &Task, trouble: Trouble) {
        let Some(job) = task.work.job().or_else(|| self.born.get(&task.id).copied()) else { return };
        self.troubles.insert((job, trouble));
        self.debts.extend(task.owes.iter().map(|debt| (job, *debt)));
    }
}
