//! Parsers of bytes from outside, against inputs that nobody would think of.
//!
//! Each target starts from something that is right and spoils it, as the input says: so that also inputs made by
//! chance come far. In `cargo test` every target plays the kept inputs (`__fuzz__`) and some hundred others; a fuzzer that
//! follows the coverage plays the same targets for as long as it is let (`cargo bolero test`, see the README).

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails where it stands")]

mod answers;
mod bodies;
mod decisions;
mod json;
mod links;
mod messages;
mod names;
mod pictures;
mod spoil;
mod tokens;
mod updates;
