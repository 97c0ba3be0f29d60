//! What a warm function remembers of plans, which never change: who polls a job is told its request each time, and
//! should cost one read of the table.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use serde_json::Value;
use toonmill_domain::JobId;

/// Requests are a few kilobytes, so this is under a megabyte.
const KEPT: usize = 64;

/// The requests of the single jobs that were asked for last, and the casts of cuts.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<VecDeque<(JobId, Value)>>);

impl Remembered {
    pub(crate) fn get(&self, job: JobId) -> Option<Value> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(id, _)| *id == job).map(|(_, arguments)| arguments.clone())
    }

    pub(crate) fn keep(&self, job: JobId, arguments: Value) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((job, arguments));
        if kept.len() > KEPT {
            kept.pop_front();
        }
    }
}
