//! The real bot against a local HTTP server that replays recorded answers.

#[cfg(test)]
mod files;
#[cfg(test)]
mod outcomes;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
mod server;
