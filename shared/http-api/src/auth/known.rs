//! What was found out about tokens and keys, so that whoever calls often is not looked into each time.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// With more, all are forgotten: a thousand of them are under a megabyte, and few processes ever see so many callers.
const MOST: usize = 1_000;

/// Answers by what was asked about.
pub(super) struct Known<V>(Mutex<HashMap<String, V>>);

impl<V: Clone> Known<V> {
    pub(super) fn get(&self, about: &str) -> Option<V> {
        self.lock().get(about).cloned()
    }

    pub(super) fn keep(&self, about: String, answer: V) {
        let mut known = self.lock();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(about, answer);
    }

    /// Changes an answer in its place, if there is one.
    pub(super) fn change<R>(&self, about: &str, change: impl FnOnce(Option<&mut V>) -> R) -> R {
        change(self.lock().get_mut(about))
    }

    pub(super) fn forget(&self, about: &str) {
        self.lock().remove(about);
    }

    /// It holds only copies: one that a panic left half changed is still good.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> fmt::Debug for Known<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not what is known: some of it opens doors.
        f.write_str("Known")
    }
}

impl<V> Default for Known<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_grows_beyond_its_most() {
        let known = Known::default();
        for number in 0..=MOST {
            known.keep(number.to_string(), number);
            assert_eq!(known.get(&number.to_string()), Some(number));
        }
        assert_eq!((known.get("0"), known.lock().len()), (None, 1));
        let last = MOST.to_string();
        known.change(&last, |number| *number.unwrap() += 1);
        assert_eq!(known.get(&last), Some(MOST + 1));
        known.forget(&last);
        assert_eq!(known.get(&last), None);
    }
}
