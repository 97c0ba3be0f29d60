//! The real client against a local HTTP server that replays recorded answers: one case an outcome.

#[cfg(test)]
mod outcomes;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod server;
#[cfg(test)]
mod transport;
