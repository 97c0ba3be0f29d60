//! What every endpoint shares: problems, tokens, request ids, bodies, lists, preferences, CORS and one log line.
//!
//! Nothing here knows a job. A handler returns its answer or a [`Problem`]; [`edge::around`] does the rest.

pub mod auth;
pub mod body;
mod cloud;
pub mod cors;
pub mod edge;
pub mod gateway;
pub mod last_event_id;
pub mod limits;
pub mod lists;
pub mod openapi;
pub mod params;
pub mod prefer;
pub mod problem;
pub mod ticket;

pub use auth::{Caller, Door, Verifier};
pub use body::{JsonBody, OptionalJsonBody};
pub use cors::Origins;
pub use edge::{Arrival, Edge, GatewayRequestId};
pub use last_event_id::last_event_id;
pub use limits::Allowance;
pub use lists::Page;
pub use params::Params;
pub use problem::{FieldError, Problem, ProblemKind};
