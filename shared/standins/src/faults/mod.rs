//! What goes wrong, and when: the script that a caller sets, and the decision for each call.
//!
//! A decision follows from the script's seed, the prompt and how many calls of that prompt came
//! before. The clock and the order in which different prompts arrive change nothing, so a run can
//! be repeated, unless the script limits the calls a minute. It refuses to know how any provider writes an error down.

mod decide;
mod fault;
mod limit;
mod script;

pub use fault::{BrokenPicture, BrokenText, Cut, Fault, Quota};
pub use limit::Limit;
pub use script::{CallNumber, Latency, Match, ParseLatencyError, Rule, Script};

pub(crate) use decide::{Call, Decision, Desk};
