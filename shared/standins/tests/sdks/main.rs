//! The official Python SDKs against the stand-ins. An SDK that takes a stand-in for the provider is the best witness
//! that there is: of the shape of answers and streams, and of each error, which has to become the right class with the
//! right fields.
//!
//! It is a test of Cargo's, and not a step of CI's script, so that whoever changes a stand-in runs it without knowing of
//! it. The SDKs are installed once, by pip, into a folder of Cargo's; that takes a minute, and the tests then seconds.

#[cfg(test)]
mod scripts;
