//! The server as a client sees it: real HTTP requests to a real port.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod control;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod validation;
#[cfg(test)]
mod world;
