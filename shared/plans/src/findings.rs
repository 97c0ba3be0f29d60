//! What there is to say about a request, and where in it.

use std::cell::RefCell;

use serde::Serialize;

/// One thing about one place of the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// RFC 6901.
    pub pointer: String,
    pub detail: String,
}

/// More than these help nobody, and a body of 5 MB could hold a hundred thousand.
const MOST: usize = 100;

/// Collects findings while a body is read.
#[derive(Debug, Default)]
pub struct Findings(RefCell<Vec<Finding>>);

impl Findings {
    pub fn add(&self, pointer: impl Into<String>, detail: impl Into<String>) {
        let mut all = self.0.borrow_mut();
        if all.len() < MOST {
            all.push(Finding { pointer: pointer.into(), detail: detail.into() });
        }
    }

    /// Whether something was found at this place already: one complaint about a field is enough.
    pub fn has(&self, pointer: &str) -> bool {
        self.0.borrow().iter().any(|finding| finding.pointer == pointer)
    }

    pub fn into_vec(self) -> Vec<Finding> {
        self.0.into_inner()
    }
}
