//! SDK clients that are made by their first call. Making one parses a list of all regions, and a function's first
//! invocation rarely needs all that it could.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, LazyLock},
};

type Make<C> = Box<dyn FnOnce() -> C + Send>;

/// A client, or how to make it. Clones share it.
pub struct Lazy<C>(Arc<LazyLock<C, Make<C>>>);

impl<C> Lazy<C> {
    pub fn new(make: impl FnOnce() -> C + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(make))))
    }
}

impl<C: Send + 'static> From<C> for Lazy<C> {
    fn from(client: C) -> Self {
        Self::new(move || client)
    }
}

impl<C> Deref for Lazy<C> {
    type Target = C;

    fn deref(&self) -> &C {
        LazyLock::force(&self.0)
    }
}

impl<C> Clone for Lazy<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> fmt::Debug for Lazy<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::any::type_name::<C>())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn it_is_made_once_by_whoever_needs_it_first() {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let lazy = Lazy::new(|| MADE.fetch_add(1, Ordering::Relaxed) + 7);
        let other = lazy.clone();
        assert_eq!(MADE.load(Ordering::Relaxed), 0);
        assert_eq!((*other, *lazy), (7, 7));
        assert_eq!(MADE.load(Ordering::Relaxed), 1);
    }
}
