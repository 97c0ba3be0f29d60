//! Image providers for people without their keys: a real HTTP server that speaks the providers'
//! wire formats, draws real pictures, and fails in the ways the real ones do.
//!
//! Each provider is a folder that knows one wire format (`gemini`, `ark`, `openai`), and so are the sign-in (`firebase`)
//! and the chats (`telegram`). What they share knows none: `form` takes forms apart, `sketch` draws, `faults` decides what goes wrong, `sitting` has it happen, `server` holds the sockets and the
//! counters.
//! Everything that happens follows from a seed, the prompt and how often that prompt was sent.

mod ark;
mod essay;
pub mod faults;
pub mod firebase;
mod form;
mod gemini;
mod openai;
mod seed;
mod server;
mod sitting;
pub mod sketch;
pub mod telegram;

pub use server::{Calls, PromptCalls, Running, Settings, Standins, StartError, Stats};
