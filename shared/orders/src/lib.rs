//! From what a caller asks for to a job that may be drawn: pictures looked at and pinned, who draws chosen, what the
//! membership includes checked. Whoever takes orders (the HTTP API, a chat) takes them by this one desk; what is refused is a
//! problem, which each tells in its own way.

mod desk;
mod linked;
mod planning;
mod refusal;

pub use desk::{Desk, Offer, invalid};
pub use planning::{Ordered, job_of};
pub use refusal::{not_retried, refused, too_much};
