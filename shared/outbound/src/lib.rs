//! Requests to addresses that somebody else chose: pictures that a user links to, and hooks that a user wants called.
//!
//! Whoever chooses the address must not reach with it what only we can reach: the machine itself, its network, the
//! metadata of its cloud. A URL is checked before anything is asked ([`check_url`]), and every address that a name
//! resolves to when it is connected to ([`Network`]), so that no answer can change in between. It knows nothing of
//! pictures or hooks, and sends nothing of ours along.

mod address;
mod fetch;
mod network;
mod post;
mod unanswered;
mod url;

pub use address::is_public;
pub use fetch::{FetchError, Fetched, Fetcher, Limits};
pub use network::{Lookup, LookupFuture, Network, SetupError};
pub use post::{POST_LIMITS, PostError, Reply, Sender};
pub use url::{Ports, PortsError, UrlProblem, check_url};
