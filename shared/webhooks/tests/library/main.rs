//! The Python library of Standard Webhooks against what we sign: the receivers' own code is the best witness that there
//! is. It reads the real clock, and so do these tests.

#[cfg(test)]
mod calls;
