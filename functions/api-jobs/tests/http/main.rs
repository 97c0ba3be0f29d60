//! The API without Lambda and without AWS: everything that is decided before a call, and what a failed call becomes.

mod auth;
mod bodies;
mod conventions;
mod world;
