//! The adversary: what happens next, and what goes wrong with it.

use super::{
    handlers::{Work, text_of},
    post::Content,
    rescue::Trouble,
    rules::never_claimed,
    scheduler::Simulation,
    users::Users,
};

impl Simulation {
    /// One thing happens.
    pub(super) async fn step(&mut self) {
        let asleep = self.has_sleepers();
        let calls = self.gate.ready(self.now());
        let letters = self.post.visible(self.now());
        self.thaw();
        let room = self.active() < self.odds.tasks_at_once;
        let odds = self.odds.clone();
        let favours = self.favours();
        let all = [
            if calls.is_empty() { 0 } else { odds.answer },
            if letters.is_empty() || !room { 0 } else { odds.deliver },
            if asleep { 60 } else { odds.tick },
            // Those under way seldom live through a leap. With nobody under way it is what there is to do.
            if self.active() == 0 && letters.is_empty() { 100 } else { odds.leap },
            if self.tasks.is_empty() { 0 } else { odds.crash },
            odds.sweep,
            if room { odds.submit } else { 0 },
            odds.cancel,
            odds.retry,
            odds.settle,
            odds.echo,
            odds.snatch,
            if favours.is_empty() { 0 } else { odds.favour },
        ];
        match self.choose(&all) {
            0 => {
                let call = self.pick_call(&calls);
                self.answer(call);
            }
            1 => {
                let letter = self.pick(&letters);
                self.deliver(letter);
            }
            2 => {
                let millis = self.dice.i64(1..if asleep { 20 } else { 8_000 });
                self.pass_time(millis).await;
            }
            3 => {
                let millis = self.leap();
                self.pass_time(millis).await;
            }
            4 => {
                let at = self.dice.usize(..self.tasks.len());
                self.kill(at, "dies");
            }
            5 => self.start(Work::Sweep, None),
            6 => {
                let now = self.now();
                if let Some(work) = self.users.submit(&mut self.dice, &self.odds, now) {
                    self.start(work, None);
                }
            }
            7 => {
                if let Some(work) = Users::cancel(&mut self.dice, &self.shadow) {
                    self.start(work, None);
                }
            }
            8 => {
                if let Some(work) = Users::retry(&mut self.dice, &self.odds, &self.shadow) {
                    self.start(work, None);
                }
            }
            9 => {
                if let Some(work) = Users::settle(&mut self.dice, &self.shadow) {
                    self.start(work, None);
                }
            }
            10 => {
                let now = self.now();
                if let Some(message) = self.post.echo(&mut self.dice, now) {
                    self.count("letters come again");
                    self.note(&format!("      once more: {}", text_of(&message)));
                }
            }
            11 => {
                // A doubled letter's other receiver acknowledged it: nobody gets it again.
                let held: Vec<u64> = self.tasks.iter().filter_map(|task| task.letter).map(|(id, _)| id).collect();
                if !held.is_empty() {
                    let id = self.pick(&held);
                    self.note(&format!("letter {id} is acknowledged by another"));
                    self.count("letters snatched");
                    self.post.remove(id);
                }
            }
            _ => {
                let favour = favours[self.dice.usize(..favours.len())];
                if let Some(work) = Users::oblige(favour, &self.odds, &self.shadow) {
                    self.count("users make somebody late");
                    self.start(work, None);
                }
            }
        }
        self.poll_all();
        tokio::task::yield_now().await;
        self.poll_all();
    }

    /// Whose call is answered: at times anybody's, else the one's whom this seed likes best, while the others stand
    /// with what they have read until it is old.
    pub(super) fn pick_call(&mut self, calls: &[u64]) -> u64 {
        if let Some(woken) = self.woken.take().filter(|woken| calls.contains(woken))
            && self.dice.u32(0..4) > 0
        {
            return woken;
        }
        if self.odds.fickle || self.dice.u32(0..12) == 0 {
            return self.pick(calls);
        }
        let liking = |call: &u64| {
            let owner = self.gate.look(*call).map_or(0, |call| call.owner);
            (owner ^ self.odds.seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20
        };
        calls.iter().copied().max_by_key(liking).unwrap_or_default()
    }

    /// A leap to a moment just after which something can happen that cannot now: nothing is found by waiting for it.
    fn leap(&mut self) -> i64 {
        let now = self.now();
        let mut times = self.gate.wakes();
        times.extend(self.post.all().iter().map(|letter| letter.visible_at));
        let open = self.shadow.jobs().filter(|(_, job)| !job.has_ended());
        for (id, job) in open {
            times.push(job.number("nextCheckAt"));
            for (number, _) in self.shadow.stages(id) {
                let slots = self.shadow.slots(id, number);
                times.extend(slots.values().map(|slot| slot.number("leaseUntil").max(slot.number("notBefore"))));
            }
        }
        times.retain(|time| *time > now && *time < i64::MAX);
        times.sort_unstable();
        let at = if self.dice.bool() { times.len().min(2) } else { times.len() };
        let to = if at == 0 { now + 300_000 } else { times[self.dice.usize(..at)] };
        to - now + self.dice.i64(1..1_500)
    }

    pub(super) fn pick(&mut self, of: &[u64]) -> u64 {
        of[self.dice.usize(..of.len())]
    }

    fn choose(&mut self, weights: &[u32]) -> usize {
        let mut left = self.dice.u32(..weights.iter().sum::<u32>().max(1));
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        2
    }

    pub(super) fn deliver(&mut self, id: u64) {
        let now = self.now();
        if !self.fair && self.dice.f64() < self.odds.lose {
            self.note(&format!("letter {id} is lost"));
            self.count("letters lost");
            self.post.remove(id);
            return;
        }
        let is_ring = self.post.get(id).is_some_and(|letter| matches!(letter.content, Content::Ring(_)));
        if !self.fair && self.dice.f64() < self.odds.throttle {
            self.throttle(id, now);
            return;
        }
        self.hand_out(id, now);
        if !self.fair && is_ring && self.dice.f64() < self.odds.pair {
            self.count("reconciles in pairs");
            if let Some(second) = self.post.double(id, now) {
                self.hand_out(second, now);
            }
        }
    }

    /// A letter is received and the function cannot be started: the account has no concurrency left.
    fn throttle(&mut self, id: u64, now: i64) {
        let was_dead = self.post.get(id).is_some_and(|letter| letter.dead);
        let Some(letter) = self.post.receive(id, now) else { return };
        self.note(&format!("letter {id} is received and its function throttled ({})", letter.receives));
        self.count("letters throttled");
        if letter.dead && !was_dead {
            self.upon_death(letter.content);
        }
    }

    /// A letter moved to the dead letters. If it was never claimed, its slot waits for a re-send from now on.
    fn upon_death(&mut self, content: Content) {
        self.count("dead letters");
        match content {
            Content::Ring(ring) => {
                self.troubles.insert((ring.job, Trouble::DeadRing));
            }
            Content::Image(message) => {
                self.troubles.insert((message.job, Trouble::Machine));
                let slots = self.shadow.slots(message.job, message.stage.0);
                if never_claimed(slots.get(&message.slot.0).copied(), &message) {
                    self.unclaimed.insert(message.key());
                    self.count("dead letters that nobody claimed");
                }
            }
        }
    }

    fn hand_out(&mut self, id: u64, now: i64) {
        let was_dead = self.post.get(id).is_some_and(|letter| letter.dead);
        let Some(letter) = self.post.receive(id, now) else { return };
        let work = match letter.content {
            Content::Ring(ring) if letter.dead => Work::BuryRing(ring.job),
            Content::Ring(ring) => Work::Reconcile(ring),
            Content::Image(message) if letter.dead => Work::BuryImage(message),
            Content::Image(message) => Work::Draw { message, holder: format!("{id}/{}", letter.receives) },
        };
        if letter.dead && !was_dead {
            self.upon_death(letter.content);
        } else if letter.receives > 1 {
            self.count("letters received again");
        }
        self.start(work, Some((id, letter.receipt)));
    }

    pub(super) fn upon_sending(&mut self, letter: u64) {
        let what = match self.post.get(letter).map(|letter| letter.content) {
            Some(Content::Image(message)) => text_of(&message),
            Some(Content::Ring(ring)) => format!("ring {} ({:?})", ring.job, ring.cause),
            None => String::new(),
        };
        self.note(&format!("      letter {letter}: {what}"));
        if !self.fair && self.dice.f64() < self.odds.double {
            self.count("letters doubled");
            let at = self.post.get(letter).map_or(0, |letter| letter.visible_at);
            self.post.double(letter, at);
        }
        if !self.fair && self.dice.f64() < self.odds.delay {
            let millis = self.dice.i64(1_000..400_000);
            self.count("letters delayed");
            self.post.delay(letter, millis);
        }
    }
}
