//! Image providers for people without their keys: a real HTTP server that speaks the providers'
//! wire formats, draws real pictures, and fails in the ways the real ones do.
//!
//! Each provider is a folder that knows one wire format (`gemini`). What they share knows none:
//! `sketch` draws, `faults` decides what goes wrong, `server` holds the sockets and the counters.
//! Everything that happens follows from a seed, the prompt and how often that prompt was sent.

pub mod faults;
mod gemini;
mod seed;
mod server;
pub mod sketch;

pub use server::{Calls, PromptCalls, Running, Settings, Standins, StartError, Stats};
