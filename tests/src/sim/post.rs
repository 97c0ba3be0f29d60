//! SQS as an adversary sees it: letters that wait, are in somebody's hands, come again, and die after five receives.

use toonmill_cloud::queues::read_message;
use toonmill_domain::{ReconcileMessage, SlotMessage};

use crate::{
    queues::Queues,
    world::{IMAGES, IMAGES_ELSEWHERE, RECONCILE},
};

/// How long a letter that was received stays hidden: six times the consumer's time-out, as in `template.yaml`.
const VISIBILITY_MS: i64 = 360_000;
/// As in `template.yaml`. A receive counts, whether or not a handler runs.
const MAX_RECEIVES: u32 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Ring(ReconcileMessage),
    Image(SlotMessage),
}

#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) id: u64,
    pub(crate) content: Content,
    pub(crate) visible_at: i64,
    pub(crate) receives: u32,
    /// Names the last receive: only its receiver can acknowledge the letter.
    pub(crate) receipt: u64,
    /// In the dead-letter queue.
    pub(crate) dead: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Post {
    letters: Vec<Letter>,
    next: u64,
    /// What image letters ever said.
    said: Vec<SlotMessage>,
}

impl Post {
    /// Takes what was sent. The new letters' ids.
    pub(crate) fn collect(&mut self, queues: &Queues, now: i64) -> Vec<u64> {
        let mut new = Vec::new();
        for (queue, is_image) in [(RECONCILE, false), (IMAGES, true), (IMAGES_ELSEWHERE, true)] {
            for waiting in queues.take(queue) {
                let content = if is_image {
                    Content::Image(read_message(&waiting.body).unwrap())
                } else {
                    Content::Ring(read_message(&waiting.body).unwrap())
                };
                if let Content::Image(message) = content {
                    self.said.push(message);
                }
                new.push(self.add(content, now + waiting.delay_secs * 1_000));
            }
        }
        new
    }

    fn add(&mut self, content: Content, visible_at: i64) -> u64 {
        self.next += 1;
        self.letters.push(Letter { id: self.next, content, visible_at, receives: 0, receipt: 0, dead: false });
        self.next
    }

    /// A second letter just like this one.
    pub(crate) fn double(&mut self, id: u64, visible_at: i64) -> Option<u64> {
        let content = self.get(id)?.content;
        Some(self.add(content, visible_at))
    }

    /// An image letter of long ago comes once more.
    pub(crate) fn echo(&mut self, dice: &mut fastrand::Rng, now: i64) -> Option<SlotMessage> {
        let message = *self.said.get(dice.usize(..self.said.len().max(1)))?;
        self.add(Content::Image(message), now);
        Some(message)
    }

    /// Makes a letter wait longer.
    pub(crate) fn delay(&mut self, id: u64, millis: i64) {
        if let Some(letter) = self.letters.iter_mut().find(|letter| letter.id == id) {
            letter.visible_at += millis;
        }
    }

    /// Makes a letter visible at another time, for the receiver that had it last.
    pub(crate) fn show(&mut self, id: u64, receipt: u64, at: i64) {
        if let Some(letter) = self.letters.iter_mut().find(|letter| letter.id == id && letter.receipt == receipt) {
            letter.visible_at = at;
        }
    }

    /// Removes a letter for whoever received it last. An earlier receiver's acknowledgement comes too late: were it
    /// taken, the letter would be lost when the later one dies, and losses are mode A's.
    pub(crate) fn acknowledge(&mut self, id: u64, receipt: u64) {
        self.letters.retain(|letter| letter.id != id || letter.receipt != receipt);
    }

    pub(crate) fn remove(&mut self, id: u64) {
        self.letters.retain(|letter| letter.id != id);
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Letter> {
        self.letters.iter().find(|letter| letter.id == id)
    }

    pub(crate) fn all(&self) -> &[Letter] {
        &self.letters
    }

    pub(crate) fn visible(&self, now: i64) -> Vec<u64> {
        self.letters.iter().filter(|letter| letter.visible_at <= now).map(|letter| letter.id).collect()
    }

    pub(crate) fn next_visible(&self) -> Option<i64> {
        self.letters.iter().map(|letter| letter.visible_at).min()
    }

    /// Hands a letter out; a receive too many moves it to the dead letters instead.
    pub(crate) fn receive(&mut self, id: u64, now: i64) -> Option<Letter> {
        let letter = self.letters.iter_mut().find(|letter| letter.id == id)?;
        letter.receives += 1;
        letter.receipt += 1;
        if letter.receives > MAX_RECEIVES && !letter.dead {
            (letter.dead, letter.receives) = (true, 1);
        }
        letter.visible_at = now + VISIBILITY_MS;
        Some(letter.clone())
    }
}
